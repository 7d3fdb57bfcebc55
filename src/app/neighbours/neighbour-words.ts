// What the screens see of a group's dealings with other groups, from what its log says.

import { hex } from '#core/bytes/bytes.ts';
import type { DeviceId, MessageId } from '#core/charter/ids.ts';
import type { RoleId } from '#core/charter/rules.ts';
import type { SigningKey } from '#core/crypto/suite.ts';
import { safetyNumber } from '#core/identity/safety-number.ts';
import { safeName, safeText } from '#core/identity/names.ts';
import { outsideCardCode } from '#core/neighbours/card-code.ts';
import type { Neighbour, ReceivedOrder, SentOrder } from '#core/neighbours/neighbours.ts';
import type { Letter } from '#core/neighbours/order.ts';
import type { SignedOutsideCard } from '#core/neighbours/outside-card.ts';
import { DAY, type Millis } from '#core/ports.ts';
import type {
  KnownGroup,
  NeighbourId,
  NeighbourState,
  OwnCard,
  ReceivedTask,
  RefusedLetter,
  SentTask,
} from './neighbour-api.ts';
import type { NeighbourHome } from './neighbour-log.ts';
import { progressOf } from './neighbour-reports.ts';
import type { Readers, TaskEntry } from '../tasks/task-api.ts';
import { oneLine } from '../tasks/task-entry.ts';
import { personOf } from '../tasks/task-names.ts';

/** Long enough for everybody to have seen it; from the relay node's day on: who files it may have a clock that is years off. */
const SHOWN_FOR = (30 * DAY) as Millis;

export const neighbourOf = (key: DeviceId): NeighbourId => key as string as NeighbourId;
export const keyOf = (group: NeighbourId): DeviceId => group as string as DeviceId;

interface DealingGround {
  readonly ours: SignedOutsideCard | undefined;
  readonly now: Millis;
  /** Tasks made of an order. */
  readonly made: (received: ReceivedOrder) => readonly TaskEntry[];
  /** Whether a letter of ours lies at a relay node of theirs. */
  readonly isLeft: (message: MessageId) => boolean;
}

type Dealings = Pick<NeighbourState, 'readers' | 'known' | 'strangers' | 'received' | 'sent' | 'refused'>;

/** What is known in the scope that takes what comes; nothing for who does not read it. */
export function dealingsOf(home: NeighbourHome | undefined, { ours, now, made, isLeft }: DealingGround): Dealings {
  if (home === undefined) {
    return { readers: undefined, known: [], strangers: [], received: [], sent: [], refused: [] };
  }
  const { neighbours, received, sent } = home.state;
  return {
    readers: home.scope as string as Readers,
    known: [...neighbours.values()].map((one) => knownOf(one, ours, now)),
    strangers: strangersOf(home, ours, now),
    received: newestFirst([...received.values()].map((one) => receivedOf(home, one, made(one)))),
    sent: newestFirst([...sent.values()].map((one) => sentOf(home, one, isLeft(one.id)))),
    refused: refusedOf(home, now).toReversed(),
  };
}

function newestFirst<T extends { readonly at: Millis }>(all: readonly T[]): readonly T[] {
  return all.toSorted((a, b) => b.at - a.at);
}

/** Of two groups: the same at both. Their spaces have nothing to do with it. */
export function numberOf(ours: SignedOutsideCard | undefined, theirs: DeviceId): string | undefined {
  if (ours === undefined) return undefined;
  const raw = (key: DeviceId): SigningKey => hex.decode(key) as SigningKey;
  return safetyNumber(new Uint8Array(32), [raw(ours.key), raw(theirs)]);
}

/** To the end of its last day. */
export function untilOf({ expires }: SignedOutsideCard): Millis {
  return ((expires + 1) * DAY) as Millis;
}

export function rolesOf({ card }: SignedOutsideCard): readonly { readonly id: RoleId; readonly label: string }[] {
  return card.roles.map(({ id, label }) => ({ id, label: safeName(label) }));
}

export function ownCardOf(card: SignedOutsideCard, mine: ReadonlySet<RoleId>, now: Millis): OwnCard {
  return {
    code: outsideCardCode(card),
    roles: rolesOf(card).map(({ id, label }) => ({ id, label, maySign: mine.has(id) })),
    until: untilOf(card),
    isOver: untilOf(card) <= now,
  };
}

function knownOf(neighbour: Neighbour, ours: SignedOutsideCard | undefined, now: Millis): KnownGroup {
  const { key, name, card, roles } = neighbour;
  return {
    id: neighbourOf(key),
    name: safeName(name),
    ownName: safeName(card.card.name),
    roles: rolesOf(card).map(({ id, label }) => ({ id, label, isApproved: roles.includes(id) })),
    until: untilOf(card),
    isOver: untilOf(card) <= now,
    safetyNumber: numberOf(ours, key),
  };
}

/** The newest cards of groups that sent something and that nobody decided about. */
export function strangerCards({ state, told }: NeighbourHome): ReadonlyMap<DeviceId, SignedOutsideCard> {
  const refused = new Set(state.refused.flatMap(({ id, why }) => (why === 'not-approved' ? [id] : [])));
  const cards = new Map<DeviceId, SignedOutsideCard>();
  for (const { id, act } of told) {
    if (!refused.has(id) || act.act !== 'came') continue;
    const { card } = act.letter;
    if (state.neighbours.has(card.key) || (cards.get(card.key)?.number ?? -1) > card.number) continue;
    cards.set(card.key, card);
  }
  return cards;
}

function strangersOf(home: NeighbourHome, ours: SignedOutsideCard | undefined, now: Millis): readonly KnownGroup[] {
  return [...strangerCards(home)].map(([key, card]) => {
    return knownOf({ key, name: card.card.name, card, roles: [] }, ours, now);
  });
}

/** What we call a group; else what it calls itself, which may be anything. */
function nameOf(home: NeighbourHome, key: DeviceId, card: SignedOutsideCard | undefined): string {
  return safeName(home.state.neighbours.get(key)?.name ?? card?.card.name ?? '');
}

function labelIn(card: SignedOutsideCard | undefined, role: RoleId): string {
  return safeName(card?.card.roles.find(({ id }) => id === role)?.label ?? role);
}

function receivedOf(
  home: NeighbourHome,
  { id, order, report, from }: ReceivedOrder,
  made: readonly TaskEntry[],
): ReceivedTask {
  const card = cardOf(home, id);
  const progress = progressOf(made.map(({ task }) => task));
  const isReturned = report?.state === 'returned' && progress === undefined;
  return {
    id: order.order,
    message: id,
    from: neighbourOf(from),
    fromName: nameOf(home, from, card),
    role: labelIn(card, order.role),
    title: oneLine(order.title),
    text: safeText(order.text),
    due: order.due,
    at: order.at,
    state: report?.state === 'returned' || isReturned ? 'returned' : (progress?.state ?? report?.state),
    parts: progress?.parts ?? { all: 0, done: 0 },
    note: report === undefined ? '' : safeText(report.note),
    tasks: made.map(({ id: task, title }) => ({ id: task, title })),
  };
}

function sentOf(home: NeighbourHome, { id, by, order, task, report }: SentOrder, isLeft: boolean): SentTask {
  return {
    id: order.order,
    to: neighbourOf(order.to),
    toName: nameOf(home, order.to, undefined),
    role: labelIn(cardOf(home, id), order.role),
    by: personOf(by),
    title: oneLine(order.title),
    text: safeText(order.text),
    due: order.due,
    at: order.at,
    task,
    state: report?.state ?? (isLeft ? 'sent' : 'waiting'),
    parts: report?.parts ?? { all: 0, done: 0 },
    note: report === undefined ? '' : safeText(report.note),
  };
}

/** What came and is not believed; twins of what was taken are nobody's concern. */
function refusedOf(home: NeighbourHome, now: Millis): readonly RefusedLetter[] {
  const { state, told } = home;
  const byId = new Map(told.map((one) => [one.id, one.act]));
  const seen = new Set<string>();
  return state.refused.flatMap(({ id, why }) => {
    const act = byId.get(id);
    if (act?.act !== 'came' || why === 'came-before' || now - act.day * DAY > SHOWN_FOR) return [];
    const { letter, card, signature } = act.letter;
    // Two who did not see each other file the same.
    const name = [signature, card.signature].map((bytes) => hex.encode(bytes)).join();
    if (seen.has(name)) return [];
    seen.add(name);
    // Filed again, it was taken.
    if (letter.is === 'order' && state.received.get(letter.order)?.from === letter.from && why !== 'forged') return [];
    const isOpen = why === 'not-approved' && letter.is === 'order';
    const from = neighbourOf(letter.from);
    const fromName = nameOf(home, letter.from, card);
    return [{ id, why, from, fromName, title: titleOf(letter), at: act.at, isOpen }];
  });
}

function titleOf(letter: Letter): string {
  return letter.is === 'order' ? oneLine(letter.title) : '';
}

/** The card that a letter came with. */
function cardOf({ told }: NeighbourHome, id: string): SignedOutsideCard | undefined {
  const act = told.find((one) => one.id === id)?.act;
  return act !== undefined && 'letter' in act ? act.letter.card : undefined;
}
