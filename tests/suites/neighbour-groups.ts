// Groups that send each other tasks over relay nodes in memory, and somebody who would like to, for tests.

import { expect } from 'vitest';
import type { RoleId } from '#core/charter/rules.ts';
import { decodeOutsideCardCode } from '#core/neighbours/card-code.ts';
import { signLetter, type Order, type OrderId, type SignedLetter } from '#core/neighbours/order.ts';
import type { SignedOutsideCard } from '#core/neighbours/outside-card.ts';
import type { Millis } from '#core/ports.ts';
import type { NeighbourState, Neighbours } from '#app/neighbours/neighbour-api.ts';
import { FORGER, leaveLetter as leaveStray } from '#tests/sim/stray-letter.ts';
import { gathered, type Member } from './group-members.ts';
import { SessionWorld } from './session-world.ts';

export const LEAD = 'lead' as RoleId;
export const HELPER = 'helper' as RoleId;

export const MEALS = { role: LEAD, title: '200 meals on Saturday', text: 'At the north gate.', due: 20_003 };

export const room = (member: Member): Neighbours => member.group.neighbours!;
export const seen = (member: Member): NeighbourState => room(member).state.current;

/** A group with a card; all of it take what others send, and the lead may send. */
export async function withCard(world: SessionWorld, ...names: string[]): Promise<Member[]> {
  const all = await gathered(world, 'founder-led', ...names);
  expect(await world.during(room(all[0]!).publishCard({ roles: [LEAD], readers: 'everyone' }))).toBe('done');
  await world.pass(3_000);
  return all;
}

/** Each takes the other's card in and lets some of its roles send tasks. */
export async function acquaint(world: SessionWorld, a: Member, b: Member, roles = [LEAD]): Promise<void> {
  const [cardOfA, cardOfB] = [seen(a).card!.code!, seen(b).card!.code!];
  expect(await world.during(room(a).approve(cardOfB, { name: 'Night Shift', roles }))).toBe('done');
  expect(await world.during(room(b).approve(cardOfA, { name: 'Harbour Kitchen', roles }))).toBe('done');
  await world.pass(3_000);
}

/** Two groups with these people that know each other: the first named of each may send and publish. */
export async function acquainted(
  ours: readonly string[],
  theirs: readonly string[],
  roles = [LEAD],
): Promise<readonly [SessionWorld, ours: readonly Member[], theirs: readonly Member[]]> {
  const world = await SessionWorld.start();
  const [a, b] = [await withCard(world, ...ours), await withCard(world, ...theirs)];
  await acquaint(world, a[0]!, b[0]!, roles);
  return [world, a, b];
}

/** What somebody without a role's key sends as if it were that role's. */
export async function forgedOrder(
  world: SessionWorld,
  between: { readonly from: SignedOutsideCard; readonly to: SignedOutsideCard },
  at: number,
): Promise<{ readonly order: Order; readonly letter: SignedLetter }> {
  const { from, to } = between;
  const order: Order = {
    ...{ is: 'order', from: from.key, to: to.key, role: LEAD, order: 'ab'.repeat(16) as OrderId },
    ...{ at: at as Millis, title: '900 meals at once', text: '', due: undefined },
  };
  return { order, letter: await signLetter(world.suite, order, { card: from, seed: FORGER }) };
}

export async function sendMeals(world: SessionWorld, from: Member): Promise<void> {
  const to = seen(from).known[0]!.id;
  expect(await world.during(room(from).send({ to, ...MEALS }))).toBe('done');
}

export function cardIn(code: string | undefined): SignedOutsideCard {
  const card = decodeOutsideCardCode(code ?? '');
  if (typeof card === 'string') throw new Error(card);
  return card;
}

/** Leaves a letter at the topic of a card, as anybody who has the card can. */
export async function leaveLetter(world: SessionWorld, to: SignedOutsideCard, letter: SignedLetter): Promise<void> {
  const street = { world: world.world, roads: world.roads, suite: world.suite };
  expect(await world.during(leaveStray(street, to, letter))).toBe(true);
}

/** These reach neither a relay node nor any of the others, until the answer is called. */
export function offline(world: SessionWorld, gone: readonly Member[], others: readonly Member[]): () => void {
  const places = [...world.relays.map(({ place }) => place), ...[...gone, ...others].map(({ person }) => person.name)];
  const ends = gone.flatMap(({ person: { name } }) =>
    places.flatMap((place) => (place === name ? [] : [world.roads.cut(name, place), world.roads.cut(place, name)])),
  );
  return () => ends.forEach((end) => end());
}
