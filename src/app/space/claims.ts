// Which checkpoints of documents (core/docs/SPEC.md §11) are said to be what their messages come to, and by whom. Two
// people must have put the same together before anything is left out because of one; who disagrees, keeps it.

import type { Header } from '#core/charter/header.ts';
import type { DeviceId, Incarnation, MessageId, PrincipalId, Scope } from '#core/charter/ids.ts';
import {
  decodeAttest,
  decodeDocCheckpoint,
  type Claim,
  type DocCheckpoint,
  type StateHash,
} from '#core/docs/doc-checkpoint.ts';
import type { Millis } from '#core/ports.ts';
import { chainKey } from '#core/sync/held.ts';
import { covers } from '#core/sync/spans.ts';
import { tryDecode } from '#core/wire/try-decode.ts';
import type { Entry } from './log.ts';

/** `claimed`: by nobody but its author. `void`: it does not count, or not any more. */
export type ClaimState = 'claimed' | 'vouched' | 'disputed' | 'void';

/** One checkpoint, as far as it is known here. */
export interface KnownClaim {
  readonly id: MessageId;
  readonly claim: Claim;
  readonly author: DeviceId;
  readonly incarnation: Incarnation;
  readonly seq: number;
  readonly scope: Scope;
  readonly lamport: number;
  readonly state: ClaimState;
  /** When it was heard, and, of one that is vouched for, when the second person was. */
  readonly heardAt: Millis;
  readonly vouchedAt: Millis | undefined;
  /** What the second person said. */
  readonly second: MessageId | undefined;
  /** People who put it together, its author first, and those who came to something else. */
  readonly by: readonly PrincipalId[];
  readonly against: readonly PrincipalId[];
}

/** What decides whether a word counts. */
export interface ClaimJudge {
  /** It stands, and its author had the right to say it. */
  readonly counts: (entry: Entry) => boolean;
  /** The same, and of what waits for its past: whether it will, by all that is here. */
  readonly willCount: (entry: Entry) => boolean;
  /** Whose message it is, whatever became of them. */
  readonly authorOf: (header: Header) => PrincipalId;
  /** The same as long as the answers are. */
  readonly basis: () => readonly unknown[];
}

/** By what counts now, or will when what waits has settled. */
type When = 'now' | 'settled';

interface Said {
  readonly entry: Entry;
  readonly claim: Claim;
}

const REPLACED: ReadonlySet<string> = new Set(['doc.update', 'doc.checkpoint']);

export class Claims {
  readonly #judge: ClaimJudge;
  readonly #claims = new Map<MessageId, Said>();
  readonly #words = new Map<MessageId, Map<MessageId, { readonly entry: Entry; readonly agrees: boolean }>>();
  /** By chain, the claims that name messages of it. */
  readonly #naming = new Map<string, Set<MessageId>>();
  /** Claims that go on from another one. */
  readonly #next = new Map<MessageId, Set<MessageId>>();
  /** By chain and number there, parts of states. */
  readonly #parts = new Map<string, Map<number, { readonly state: StateHash; readonly at: number }>>();
  readonly #known: Readonly<Record<When, Map<MessageId, KnownClaim>>> = { now: new Map(), settled: new Map() };
  #basis: readonly unknown[] = [];

  constructor(judge: ClaimJudge) {
    this.#judge = judge;
  }

  /** A message came, or was read from the disk; the same one may be told again. */
  note(entry: Entry): void {
    const { message, open, stands } = entry;
    const { id, header } = message;
    if (header.kind !== 'doc.checkpoint' && header.kind !== 'attest') return;
    this.#startOver();
    if (!stands) this.#forget(id);
    else if (open !== undefined && header.kind === 'attest') this.#noteWord(entry, open.body);
    else if (open !== undefined) this.#noteCheckpoint(entry, open.body);
  }

  /**
   * Whether what a message brought is in a checkpoint that two people vouch for, also one that waits: what it waits for may
   * be that very message.
   */
  has(header: Header): boolean {
    return (['now', 'settled'] as const).some((when) => this.#vouchedFor(header, when).next().done !== true);
  }

  /** As `has`, and that checkpoint is here whole. */
  hasWhole(header: Header): boolean {
    for (const id of this.#vouchedFor(header)) if (this.isWhole(id)) return true;
    return false;
  }

  /** All its parts stand before it in its own chain. */
  isWhole(id: MessageId): boolean {
    const said = this.#claims.get(id);
    if (said === undefined) return false;
    const { header } = said.entry.message;
    const parts = [...(this.#parts.get(chainKey(header)) ?? [])].filter(([seq, { state }]) => {
      return seq < header.seq && state === said.claim.state;
    });
    return new Set(parts.map(([, { at }]) => at)).size >= said.claim.parts;
  }

  /** Messages by which somebody who lacks the body of another one knows that it is not needed. */
  evidenceFor(header: Header): readonly MessageId[] {
    for (const id of this.#vouchedFor(header)) {
      const words = [...(this.#words.get(id)?.values() ?? [])].filter(({ agrees }) => agrees);
      const line = [...this.#lineOf(id)].reverse();
      return [...line, ...words.map(({ entry }) => entry.message.id)];
    }
    return [];
  }

  in(scope: Scope): readonly KnownClaim[] {
    const found = [...this.#claims.values()].filter(({ entry }) => entry.message.header.scope === scope);
    return found.flatMap(({ entry }) => this.#judged(entry.message.id) ?? []);
  }

  get(id: MessageId): KnownClaim | undefined {
    return this.#judged(id);
  }

  #noteWord(entry: Entry, body: Uint8Array): void {
    const word = tryDecode(() => decodeAttest(body));
    if (word === undefined) return;
    const words = this.#words.get(word.checkpoint) ?? new Map<MessageId, never>();
    this.#words.set(word.checkpoint, words.set(entry.message.id, { entry, agrees: word.agrees }));
  }

  #noteCheckpoint(entry: Entry, body: Uint8Array): void {
    const said = tryDecode((): DocCheckpoint => decodeDocCheckpoint(body));
    if (said === undefined) return;
    const { id, header } = entry.message;
    if (said.is === 'part') {
      const { state, at } = said;
      const parts = this.#parts.get(chainKey(header)) ?? new Map<number, never>();
      this.#parts.set(chainKey(header), parts.set(header.seq, { state, at }));
      return;
    }
    this.#claims.set(id, { entry, claim: said });
    for (const { device, incarnation } of said.covers) {
      const key = chainKey({ device, incarnation, scope: header.scope });
      this.#naming.set(key, (this.#naming.get(key) ?? new Set()).add(id));
    }
    if (said.base !== undefined) this.#next.set(said.base, (this.#next.get(said.base) ?? new Set()).add(id));
  }

  #forget(id: MessageId): void {
    this.#claims.delete(id);
    for (const words of this.#words.values()) words.delete(id);
  }

  *#vouchedFor(header: Header, when: When = 'now'): Generator<MessageId> {
    if (!REPLACED.has(header.kind)) return;
    for (const id of this.#naming.get(chainKey(header)) ?? []) {
      const said = this.#claims.get(id);
      const named = said?.claim.covers.some(({ device, incarnation, spans }) => {
        return device === header.device && incarnation === header.incarnation && covers(spans, header.seq);
      });
      if (named !== true) continue;
      // Whoever vouches for one that goes on from this one vouches for all that this one covers.
      for (const later of this.#onFrom(id)) if (this.#judged(later, when)?.state === 'vouched') yield later;
    }
  }

  #onFrom(id: MessageId): ReadonlySet<MessageId> {
    const found = new Set([id]);
    // A set hands out what is added while it is read.
    for (const one of found) for (const next of this.#next.get(one) ?? []) found.add(next);
    return found;
  }

  #lineOf(id: MessageId): ReadonlySet<MessageId> {
    const line = new Set<MessageId>();
    for (let at: MessageId | undefined = id; at !== undefined && !line.has(at); at = this.#claims.get(at)?.claim.base) {
      if (this.#claims.has(at)) line.add(at);
    }
    return line;
  }

  #startOver(): void {
    for (const known of Object.values(this.#known)) known.clear();
  }

  #judged(id: MessageId, when: When = 'now'): KnownClaim | undefined {
    const basis = this.#judge.basis();
    if (basis.some((part, i) => part !== this.#basis[i])) this.#startOver();
    this.#basis = basis;
    const { counts, willCount } = this.#judge;
    const known = this.#known[when].get(id) ?? this.#look(id, when === 'now' ? counts : willCount);
    if (known !== undefined) this.#known[when].set(id, known);
    return known;
  }

  #look(id: MessageId, counts: ClaimJudge['counts']): KnownClaim | undefined {
    const said = this.#claims.get(id);
    if (said === undefined) return undefined;
    const { entry, claim } = said;
    const { device: author, incarnation, seq, scope, lamport } = entry.message.header;
    const own = this.#judge.authorOf(entry.message.header);
    const words = [...(this.#words.get(id)?.values() ?? [])].filter((word) => {
      return word.entry.message.header.scope === scope && counts(word.entry);
    });
    const judged = words.map(({ entry: word, agrees }) => {
      return { id: word.message.id, by: this.#judge.authorOf(word.message.header), agrees, at: word.heardAt };
    });
    const others = judged.filter(({ by, agrees }) => agrees && by !== own).sort((a, b) => a.at - b.at);
    const against = judged.filter(({ agrees }) => !agrees);
    const [second] = others;
    const state = against.length > 0 ? 'disputed' : second === undefined ? 'claimed' : 'vouched';
    return {
      id,
      claim,
      ...{ author, incarnation, seq, scope, lamport },
      state: counts(entry) ? state : 'void',
      heardAt: entry.heardAt,
      vouchedAt: second === undefined ? undefined : (Math.max(second.at, entry.heardAt) as Millis),
      second: second?.id,
      by: [own, ...new Set(others.map(({ by }) => by))],
      against: [...new Set(against.map(({ by }) => by))],
    };
  }
}
