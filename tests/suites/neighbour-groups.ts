// Groups that send each other tasks over relay nodes in memory, and somebody who would like to, for tests.

import { expect } from 'vitest';
import { hex, type Bytes } from '#core/bytes/bytes.ts';
import type { RoleId } from '#core/charter/rules.ts';
import type { Seed } from '#core/crypto/suite.ts';
import { ENVELOPE_TTL_DAYS } from '#core/mailbox/limits.ts';
import { openMailbox } from '#core/mailbox/client.ts';
import { makeEnvelope, topicKeyOf } from '#core/mailbox/topic-key.ts';
import { decodeOutsideCardCode } from '#core/neighbours/card-code.ts';
import { neighbourTopicSeed, sealLetter } from '#core/neighbours/neighbour-mail.ts';
import { signLetter, type Order, type OrderId, type SignedLetter } from '#core/neighbours/order.ts';
import type { SignedOutsideCard } from '#core/neighbours/outside-card.ts';
import type { Millis, PeerId } from '#core/ports.ts';
import type { NeighbourState, Neighbours } from '#app/neighbours/neighbour-api.ts';
import { Dice } from '#tests/sim/dice.ts';
import { SimNetwork } from '#tests/sim/sim-network.ts';
import { gathered, type Member } from './group-members.ts';
import { SessionWorld } from './session-world.ts';

export const LEAD = 'lead' as RoleId;
export const HELPER = 'helper' as RoleId;

/** A key that no card names. */
export const FORGER = new Uint8Array(32).fill(66) as Seed;

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
  const { suite } = world;
  const coins = new Dice(7, `letter ${letter.letter.at}`);
  const network = new SimNetwork(world.roads, 'mallory', hex.encode(coins.bytes(8)) as PeerId);
  const link = await world.during(network.openMailbox(to.card.relays[0]!, new AbortController().signal));
  const ports = { clock: world.world.clock(() => 0), random: coins, suite };
  const client = await world.during(openMailbox(link, ports));
  const topic = await topicKeyOf(suite, neighbourTopicSeed(to, client.day));
  const blob: Bytes = await sealLetter(suite, to, { letter, coins: coins.bytes(64) });
  const envelope = await makeEnvelope(suite, topic, { blob, expiryDay: client.day + ENVELOPE_TTL_DAYS });
  expect(await world.during(client.deposit(envelope))).toBe('stored');
  client.close();
}

/** These reach neither a relay node nor any of the others, until the answer is called. */
export function offline(world: SessionWorld, gone: readonly Member[], others: readonly Member[]): () => void {
  const places = [...world.relays.map(({ place }) => place), ...[...gone, ...others].map(({ person }) => person.name)];
  const ends = gone.flatMap(({ person: { name } }) =>
    places.flatMap((place) => (place === name ? [] : [world.roads.cut(name, place), world.roads.cut(place, name)])),
  );
  return () => ends.forEach((end) => end());
}
