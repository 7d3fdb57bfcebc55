// What a scope knows of other groups: whom it takes tasks from, which came, and how those it sent go on (SPEC.md §4). Folded
// in content order, so that a forged order is refused alike by everybody.
//
// Invariants
// 1. The state is a function of the set of acts, of what the charter says of their authors, and of signatures.
// 2. An order counts only if, by all that stands before it, its role was approved and named in the newest card known.
// 3. A group's card is never replaced by an older one.

import { comparePlaces, type Place } from '../chain/place.ts';
import type { DeviceId, MessageId, PrincipalId } from '../charter/ids.ts';
import type { RoleId } from '../charter/rules.ts';
import type { Seed } from '../crypto/suite.ts';
import type { NeighbourAct } from './neighbour-body.ts';
import type { Letter, Order, OrderId, Proof, Report } from './order.ts';
import type { SignedOutsideCard } from './outside-card.ts';

export interface ToldNeighbourAct extends Place {
  readonly author: PrincipalId;
  /** The right `card`: to speak for the group to others, and to say whom it trusts. */
  readonly mayCard: boolean;
  /** The right `tasks`. */
  readonly mayTasks: boolean;
  readonly act: NeighbourAct;
  /** What the signatures of its card or letter say (`proofOfAct`), checked before the fold. */
  readonly proof: Proof;
}

export type LetterRefusal =
  | 'not-allowed'
  | 'forged'
  /** Not to this group. */
  | 'misdirected'
  /** From a group or role nobody here approved. */
  | 'not-approved'
  /** Its card's last day was over. */
  | 'expired'
  /** A newer card of that group no longer names this key for the role. */
  | 'revoked'
  | 'came-before'
  /** A report of something never sent, or from somebody else than whom it was sent to. */
  | 'not-asked';

export interface Neighbour {
  readonly key: DeviceId;
  readonly name: string;
  /** The newest one known. */
  readonly card: SignedOutsideCard;
  /** Which of its roles may send us tasks. */
  readonly roles: readonly RoleId[];
}

/** A task that another group asked for. */
export interface ReceivedOrder {
  readonly id: MessageId;
  readonly by: PrincipalId;
  readonly order: Order;
  readonly from: DeviceId;
  /** The newest word we sent of it. */
  readonly report: Report | undefined;
}

/** A task we asked another group for. */
export interface SentOrder {
  readonly id: MessageId;
  readonly by: PrincipalId;
  readonly order: Order;
  readonly task: MessageId | undefined;
  /** The newest word that came of it. */
  readonly report: Report | undefined;
}

/** What belongs to a card of ours. */
export interface KeptKeys {
  readonly id: MessageId;
  readonly card: SignedOutsideCard;
  readonly outside: Seed;
  readonly sealing: Seed;
}

export interface Neighbourhood {
  /** Newest last. */
  readonly kept: readonly KeptKeys[];
  readonly neighbours: ReadonlyMap<DeviceId, Neighbour>;
  readonly received: ReadonlyMap<OrderId, ReceivedOrder>;
  readonly sent: ReadonlyMap<OrderId, SentOrder>;
  readonly refused: readonly { readonly id: MessageId; readonly why: LetterRefusal }[];
}

/** Folds what was said in a scope, given in any order. `us`: the group's own key for the outside. */
export function foldNeighbours(us: DeviceId, told: readonly ToldNeighbourAct[]): Neighbourhood {
  const fold = new Fold(us);
  for (const one of [...told].sort(comparePlaces)) fold.take(one);
  return fold.state;
}

class Fold {
  readonly #us: DeviceId;
  readonly #kept: KeptKeys[] = [];
  readonly #neighbours = new Map<DeviceId, Neighbour>();
  readonly #received = new Map<OrderId, ReceivedOrder>();
  readonly #sent = new Map<OrderId, SentOrder>();
  readonly #refused: { id: MessageId; why: LetterRefusal }[] = [];

  constructor(us: DeviceId) {
    this.#us = us;
  }

  get state(): Neighbourhood {
    return {
      kept: this.#kept,
      neighbours: this.#neighbours,
      received: this.#received,
      sent: this.#sent,
      refused: this.#refused,
    };
  }

  take(told: ToldNeighbourAct): void {
    const why = told.proof === 'forged' ? 'forged' : this.#answer(told);
    if (why !== undefined) this.#refused.push({ id: told.id, why });
  }

  #answer(told: ToldNeighbourAct): LetterRefusal | undefined {
    const { act } = told;
    switch (act.act) {
      case 'approve':
        return told.mayCard ? this.#approve(act) : 'not-allowed';
      case 'card':
        return this.#noteCard(act.card);
      case 'keep': {
        const { card, outside, sealing } = act;
        if (told.mayCard) this.#kept.push({ id: told.id, card, outside, sealing });
        return told.mayCard ? undefined : 'not-allowed';
      }
      case 'came':
        return act.letter.letter.is === 'order'
          ? this.#orderCame(told, act, act.letter.letter)
          : this.#reportCame(act, act.letter.letter);
      case 'went':
        if (!told.mayTasks && !told.mayCard) return 'not-allowed';
        return act.letter.letter.is === 'order'
          ? this.#orderWent(told, act, act.letter.letter)
          : this.#reportWent(act.letter.letter);
    }
  }

  #approve({ card, name, roles }: Extract<NeighbourAct, { act: 'approve' }>): undefined {
    const known = this.#neighbours.get(card.key);
    const newest = known === undefined || known.card.number < card.number ? card : known.card;
    this.#neighbours.set(card.key, { key: card.key, name, card: newest, roles });
  }

  /** Cards of strangers are of no use here. */
  #noteCard(card: SignedOutsideCard): LetterRefusal | undefined {
    const known = this.#neighbours.get(card.key);
    if (known === undefined) return 'not-approved';
    if (known.card.number < card.number) this.#neighbours.set(card.key, { ...known, card });
    return undefined;
  }

  /** What holds of every letter from another group. */
  #whyNotFrom({ letter, day }: Extract<NeighbourAct, { act: 'came' }>): LetterRefusal | undefined {
    const { from, to, role } = letter.letter;
    if (to !== this.#us) return 'misdirected';
    const known = this.#neighbours.get(from);
    if (known === undefined) return 'not-approved';
    if (letter.card.expires < day) return 'expired';
    if (letter.card.number < known.card.number && !isSameKey(known.card, letter.card, role)) return 'revoked';
    return undefined;
  }

  #orderCame(
    { id, author }: ToldNeighbourAct,
    act: Extract<NeighbourAct, { act: 'came' }>,
    order: Order,
  ): LetterRefusal | undefined {
    const why = this.#whyNotFrom(act);
    if (why !== undefined) return why;
    if (!this.#neighbours.get(order.from)!.roles.includes(order.role)) return 'not-approved';
    if (this.#received.has(order.order)) return 'came-before';
    this.#noteCard(act.letter.card);
    this.#received.set(order.order, { id, by: author, order, from: order.from, report: undefined });
    return undefined;
  }

  #reportCame(act: Extract<NeighbourAct, { act: 'came' }>, report: Report): LetterRefusal | undefined {
    const why = this.#whyNotFrom(act);
    if (why !== undefined) return why;
    const sent = this.#sent.get(report.order);
    if (sent === undefined || sent.order.to !== report.from) return 'not-asked';
    this.#noteCard(act.letter.card);
    if (isNewer(report, sent.report)) this.#sent.set(report.order, { ...sent, report });
    return undefined;
  }

  #orderWent(
    { id, author }: ToldNeighbourAct,
    { task }: Extract<NeighbourAct, { act: 'went' }>,
    order: Order,
  ): LetterRefusal | undefined {
    if (order.from !== this.#us) return 'misdirected';
    if (this.#sent.has(order.order)) return 'came-before';
    this.#sent.set(order.order, { id, by: author, order, task, report: undefined });
    return undefined;
  }

  #reportWent(report: Report): LetterRefusal | undefined {
    const received = this.#received.get(report.order);
    if (report.from !== this.#us || received === undefined || received.from !== report.to) return 'misdirected';
    if (isNewer(report, received.report)) this.#received.set(report.order, { ...received, report });
    return undefined;
  }
}

/** A card may be older than the newest one and the role's key the same: nobody lost the role in between. */
function isSameKey(newest: SignedOutsideCard, used: SignedOutsideCard, role: RoleId): boolean {
  const keyIn = (card: SignedOutsideCard) => card.card.roles.find(({ id }) => id === role)?.key;
  const [now, then] = [keyIn(newest), keyIn(used)];
  return now !== undefined && then !== undefined && now.every((byte, i) => byte === then[i]);
}

/** Alike in both groups, in whatever order they hear of two that were written at once. */
function isNewer(report: Report, before: Report | undefined): boolean {
  if (before === undefined || report.number !== before.number) return report.number > (before?.number ?? -1);
  return report.at > before.at;
}

/** The next report on an order: everything but its state is what it was. */
export function nextReport(
  received: ReceivedOrder,
  said: Pick<Report, 'state' | 'parts' | 'note' | 'at' | 'role'>,
): Letter {
  const { order, from, to } = received.order;
  const number = (received.report?.number ?? 0) + 1;
  return { is: 'report', from: to, to: from, order, number, ...said };
}
