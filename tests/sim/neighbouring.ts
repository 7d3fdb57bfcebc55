// The small group next door to some towns: the two ask each other for things, by cards and letters and nothing else.

import type { RoleId } from '#core/charter/rules.ts';
import { TEMPLATES } from '#core/charter/templates.ts';
import type { PersonId } from '#app/groups/group-api.ts';
import type { LetterRefusal } from '#app/neighbours/neighbour-api.ts';
import { Dice } from './dice.ts';
import { Person, type PersonParts } from './person.ts';

export const NEXT_DOOR = TEMPLATES['founder-led'];

/** One of the two groups. */
export interface Side {
  readonly name: string;
  /** Those who keep the rules, are in, and were when the first card was made. */
  readonly people: () => readonly Person[];
  /** Who leads it has these, and they stand on its card. */
  readonly roles: readonly RoleId[];
  /** When the storm was over somebody made its card anew, and can sign by it: it answers. */
  speaks: boolean;
}

/** What one asked the other for, and was told that it is saved. */
export interface Asked {
  readonly title: string;
  /** The app that asked, and who they were to their group. */
  readonly by: Person;
  readonly author: PersonId;
  readonly from: Side;
  readonly to: Side;
  /** In fair weather: it arrives. */
  readonly isFair: boolean;
}

/** A letter by somebody who may not send it. */
export interface Stray {
  readonly title: string;
  readonly to: Side;
  readonly why: LetterRefusal;
}

export interface NextDoor {
  readonly people: readonly Person[];
  /** The town first. */
  readonly sides: readonly [Side, Side];
  readonly asked: Asked[];
  readonly strays: Stray[];
  readonly dice: Dice;
  /** Names made for what was written. */
  written: number;
}

/** About every second town of those that could has somebody next door. */
const HAS_NEIGHBOURS = 0.5;

export function makeNextDoor(
  seed: number,
  parts: PersonParts,
  town: Omit<Side, 'name' | 'speaks'>,
): NextDoor | undefined {
  const dice = new Dice(seed, 'next door');
  if (!dice.chance(HAS_NEIGHBOURS)) return undefined;
  const people = ['n0', 'n1'].map((name) => new Person(name, parts));
  const ours = { ...town, name: 'the town', speaks: false };
  const theirs = { name: 'next door', people: () => people, roles: NEXT_DOOR.founderRoles, speaks: false };
  return { people, sides: [ours, theirs], asked: [], strays: [], dice, written: 0 };
}
