// Who is in a world and who knows whom: eight people on a ring, two relay nodes, contacts made by cards.

import type { ContactId } from '#app/api.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import { makeCheapSuite } from './cheap-suite.ts';
import { Dice } from './dice.ts';
import { Forger } from './forger.ts';
import { Ledger } from './ledger.ts';
import { CARD_VALID, type Directory } from './operations.ts';
import { Person, type Planted } from './person.ts';
import { makeRealSuite } from './real-suite.ts';
import { Roads } from './sim-network.ts';
import { SimRelay } from './sim-relay.ts';
import { World } from './world.ts';

export const PEOPLE = 8;
/** Every so many seeds run on the primitives that ship. */
const REAL_EVERY = 10;

export interface Cast {
  readonly world: World;
  readonly roads: Roads;
  readonly relays: readonly SimRelay[];
  readonly people: readonly Person[];
  readonly forger: Forger;
  readonly ledger: Ledger;
  /** Who shares which space, by name. */
  readonly pairs: Map<ContactId, readonly [Person, Person]>;
  readonly directory: Directory;
}

export function makeCast(seed: number, planted?: Planted): Cast {
  const world = new World(seed);
  const roads = new Roads(world, new Dice(seed, 'roads'));
  const suite: CryptoSuite = seed % REAL_EVERY === 0 ? makeRealSuite(world) : makeCheapSuite();
  const relays = ['oak', 'elm'].map((name) => new SimRelay({ world, roads, suite }, name));
  const ledger = new Ledger();
  const parts = {
    world,
    roads,
    suite,
    ledger,
    relays: relays.map(({ address }) => address),
    ...(planted === undefined ? {} : { planted }),
  };
  const forger = new Forger('mallory', { ...parts, planted: {} });
  const people = [...Array.from({ length: PEOPLE - 1 }, (_, i) => new Person(`p${i}`, parts)), forger];
  const pairs = new Map<ContactId, readonly [Person, Person]>();
  const directory: Directory = {
    nameOf: (person, contact) => pairs.get(contact)?.find((other) => other !== person)?.name,
  };
  return { world, roads, relays, people, forger, ledger, pairs, directory };
}

/** Everybody unlocks and knows their neighbours, in fair weather. */
export async function introduce({ world, people, relays, pairs }: Cast): Promise<void> {
  for (const relay of relays) await relay.start();
  for (const person of people) void person.start();
  while (people.some(({ session }) => session === undefined)) await world.pass(100);
  for (const [i, person] of people.entries()) {
    const neighbour = people[(i + 1) % people.length]!;
    void befriend(person, neighbour, pairs);
  }
  while (pairs.size < people.length) await world.pass(500);
}

async function befriend(inviter: Person, answerer: Person, pairs: Cast['pairs']): Promise<void> {
  const card = await inviter.session!.people.makeCard({ myName: inviter.name, validFor: CARD_VALID });
  const answer = await answerer.session!.people.answer(card.code, answerer.name);
  if (answer.is === 'contact') pairs.set(answer.contact, [inviter, answerer]);
}
