// Who is in a world and who knows whom: eight people on a ring, two relay nodes, contacts made by cards.

import type { ContactId } from '#app/api.ts';
import { Forger } from './forger.ts';
import { CARD_VALID, type Directory } from './operations.ts';
import { Person, type Planted } from './person.ts';
import { makePlace, type Place } from './place.ts';

export const PEOPLE = 8;

export interface Cast extends Place {
  readonly people: readonly Person[];
  readonly forger: Forger;
  /** Who shares which space, by name. */
  readonly pairs: Map<ContactId, readonly [Person, Person]>;
  readonly directory: Directory;
}

export function makeCast(seed: number, planted?: Planted): Cast {
  const place = makePlace(seed);
  const parts = planted === undefined ? place.parts : { ...place.parts, planted };
  const forger = new Forger('mallory', place.hostileParts);
  const people = [...Array.from({ length: PEOPLE - 1 }, (_, i) => new Person(`p${i}`, parts)), forger];
  const pairs = new Map<ContactId, readonly [Person, Person]>();
  const directory: Directory = {
    nameOf: (person, contact) => pairs.get(contact)?.find((other) => other !== person)?.name,
  };
  return { ...place, people, forger, pairs, directory };
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
