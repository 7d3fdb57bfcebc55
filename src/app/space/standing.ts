// Which of the messages held here do not stand, and whose authors had lost what they wrote by, since somebody was ended
// or rules were changed (chain/SPEC.md §8); and which line counts of chains that went on twice (§7.1). Kept as the sets grow.

import type { ChainSet } from '#core/chain/chain-set.ts';
import { ContentJudge, type ContentStanding } from '#core/chain/content-standing.ts';
import type { Message } from '#core/chain/message.ts';
import type { Charter } from '#core/charter/charter.ts';
import type { MessageId, OpId, Scope } from '#core/charter/ids.ts';
import type { CharterView } from '#core/charter/view.ts';
import { Lines } from './lines.ts';
import type { Entry, Log } from './log.ts';

/** What of a space it depends on. */
interface Sets {
  readonly charter: Charter;
  readonly view: CharterView | undefined;
  chainSets(): readonly ChainSet[];
  readonly log: Log;
  readonly pending: ReadonlyMap<MessageId, Entry>;
}

/** Of one scope. */
interface Judged {
  readonly judge: ContentJudge;
  readonly says: string;
  readonly standing: ContentStanding;
}

/** Of messages that wait too. */
interface Known {
  readonly voided: ReadonlySet<MessageId>;
  readonly lost: ReadonlyMap<MessageId, ReadonlySet<OpId>>;
}

const NONE: ReadonlySet<OpId> = new Set();
const NOTHING: ContentStanding = { voided: new Set(), lost: new Map() };

export class Standing {
  #known: Known = { voided: new Set(), lost: new Map() };
  #of: Charter | undefined;
  #scopes = new Map<Scope, Judged>();
  #hasWaiting = false;
  #foreseen: Known | undefined;
  /** Of chains that went on twice. */
  readonly lines = new Lines();
  /** Nobody was told of them when they came. */
  readonly #cameVoid = new Set<MessageId>();

  /** Whether a message may be shown. One of an ended device that waits for its past may not: it could still be void. */
  stands(id: MessageId): boolean {
    return !this.#known.voided.has(id);
  }

  get voided(): ReadonlySet<MessageId> {
    return this.#known.voided;
  }

  /** Ends of roles and changes of rules that count against a message although its author had not seen them. */
  lost(id: MessageId): ReadonlySet<OpId> {
    return this.#known.lost.get(id) ?? NONE;
  }

  /** As if what waits had settled, as far as shows here: not for what is shown, which could still be void. */
  get foreseen(): Pick<Standing, 'stands' | 'lost'> {
    const known = (this.#foreseen ??= together([...this.#scopes.values()].map(({ judge }) => judge.foresee())));
    return { stands: (id) => !known.voided.has(id), lost: (id) => known.lost.get(id) ?? NONE };
  }

  /**
   * Messages that came void, by a right that was lost, or beside the line that counted, and count now: others they rest on, or
   * who saves them, came later.
   */
  *revived(): Iterable<MessageId> {
    const { voided, lost } = this.#known;
    for (const id of this.#cameVoid) {
      if (!voided.has(id) && !lost.has(id) && !this.lines.isBeside(id)) yield id;
    }
  }

  /** Messages against which something counts. */
  get losing(): Iterable<MessageId> {
    return this.#known.lost.keys();
  }

  /**
   * Looks again after the charter changed or after `added` settled or began to wait. True when a message that may have
   * been shown counts otherwise now. Costs little as long as nobody who wrote lost anything.
   */
  refresh(sets: Sets, added: readonly Message[] = []): boolean {
    const isAnew = this.#standsOtherwise(sets, added);
    const isOtherLine = this.lines.refresh(sets, { added, stands: (id) => this.stands(id), isAnew });
    for (const { id } of added) if (this.lines.isBeside(id)) this.#cameVoid.add(id);
    return isAnew || isOtherLine;
  }

  #standsOtherwise(sets: Sets, added: readonly Message[]): boolean {
    this.#foreseen = undefined;
    const isJudgedAnew = this.#judge(sets, added);
    const isSame = !isJudgedAnew && !this.#hasWaiting && !this.#mayWait(sets);
    if (isSame) return false;
    const before = this.#known;
    this.#known = this.#together(sets);
    const isNewHere = new Set(added.map(({ id }) => id));
    for (const id of isNewHere) if (this.#known.voided.has(id) || this.#known.lost.has(id)) this.#cameVoid.add(id);
    const wasShown = (id: MessageId): boolean => {
      return (sets.log.get(id) ?? sets.pending.get(id)) !== undefined && !isNewHere.has(id);
    };
    return changedIn(before, this.#known).some(wasShown);
  }

  /** True when any scope may have come to something else. */
  #judge(sets: Sets, added: readonly Message[]): boolean {
    const isSameCharter = this.#of === sets.charter;
    this.#of = sets.charter;
    let isAnew = false;
    for (const chains of sets.chainSets()) {
      const known = this.#scopes.get(chains.scope);
      const judge = known !== undefined && isSameCharter ? known.judge : new ContentJudge(chains, sets.charter);
      const says = known !== undefined && isSameCharter ? known.says : judge.says;
      const standing = known?.standing ?? NOTHING;
      const links = added.flatMap(({ id }) => chains.link(id) ?? []);
      const isTouched = known?.says !== says || links.some((link) => judge.isTouchedBy(link, standing));
      this.#scopes.set(chains.scope, { judge, says, standing: isTouched ? judge.judge() : standing });
      isAnew ||= isTouched;
    }
    return isAnew;
  }

  #mayWait({ pending }: Sets): boolean {
    return pending.size > 0 && [...this.#scopes.values()].some(({ says }) => says !== '');
  }

  #together({ pending }: Sets): Known {
    const { voided, lost } = together([...this.#scopes.values()].map(({ standing }) => standing));
    this.#hasWaiting = false;
    for (const { message } of pending.values()) {
      const { header, id } = message;
      const ends = this.#scopes.get(header.scope)?.judge.endsFor(header) ?? [];
      if (ends.length === 0) continue;
      this.#hasWaiting = true;
      if (ends.some(({ takes }) => takes === 'message')) voided.add(id);
      else lost.set(id, new Set(ends.map(({ op }) => op)));
    }
    return { voided, lost };
  }
}

function together(scopes: readonly ContentStanding[]): {
  readonly voided: Set<MessageId>;
  readonly lost: Map<MessageId, ReadonlySet<OpId>>;
} {
  return {
    voided: new Set(scopes.flatMap((standing) => [...standing.voided])),
    lost: new Map(scopes.flatMap((standing) => [...standing.lost])),
  };
}

function changedIn(before: Known, now: Known): readonly MessageId[] {
  const voided = [...onlyIn(before.voided, now.voided), ...onlyIn(now.voided, before.voided)];
  const told = new Set([...before.lost.keys(), ...now.lost.keys()]);
  const isSame = (id: MessageId): boolean => {
    const [then, since] = [before.lost.get(id) ?? NONE, now.lost.get(id) ?? NONE];
    return then.size === since.size && [...then].every((op) => since.has(op));
  };
  return [...voided, ...[...told].filter((id) => !isSame(id))];
}

function onlyIn(some: ReadonlySet<MessageId>, others: ReadonlySet<MessageId>): readonly MessageId[] {
  return [...some].filter((id) => !others.has(id));
}
