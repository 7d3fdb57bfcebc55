// Who knocks at a group, as the messages about it make it, in content order (SPEC.md §4).

import { comparePlaces, type Place } from '../chain/place.ts';
import type { DeviceId, MessageId, PrincipalId } from '../charter/ids.ts';
import type { Seed } from '../crypto/suite.ts';
import { DAY, type Millis } from '../ports.ts';
import type { Door } from './door.ts';
import type { KnockAct } from './knock-body.ts';
import type { KnockLetter } from './knock-letter.ts';

/** How long a knock is considered: it lies at relay nodes for two weeks, and members take their time. */
export const KNOCK_LASTS = (28 * DAY) as Millis;
/** Knocks under consideration; more wait at the door until some are decided. */
export const MAX_CONSIDERED = 20;

/** An act with what the charter, as its author knew it, says of them. Letters in it are genuine. */
export interface ToldKnock extends Place {
  readonly act: KnockAct;
  readonly by: PrincipalId;
  readonly heardAt: Millis;
  /** The right `card`. */
  readonly mayOpen: boolean;
  /** The right `admit` or `card`. */
  readonly mayTurnAway: boolean;
}

export interface HeardKnock {
  readonly letter: KnockLetter;
  /** Messages that hold the letter. */
  readonly messages: readonly MessageId[];
  readonly since: Millis;
  readonly isWithdrawn: boolean;
  readonly turnedAwayBy: PrincipalId | undefined;
  readonly isWelcomed: boolean;
}

export interface OpenDoor extends Place {
  readonly door: Door;
  readonly seed: Seed;
}

export interface Knocks {
  readonly door: OpenDoor | undefined;
  readonly heard: ReadonlyMap<DeviceId, HeardKnock>;
}

/** Folds what was told, given in any order. */
export function foldKnocks(told: readonly ToldKnock[]): Knocks {
  let door: OpenDoor | undefined;
  const heard = new Map<DeviceId, HeardKnock>();
  const withdrawn = new Set<DeviceId>();
  const away = new Map<DeviceId, PrincipalId>();
  const welcomed = new Set<DeviceId>();
  for (const one of [...told].sort(comparePlaces)) {
    const { act, id, lamport } = one;
    if (act.act === 'door') {
      if (one.mayOpen) door = { id, lamport, door: act.door, seed: act.seed };
    } else if (act.act === 'away') {
      if (one.mayTurnAway && !away.has(act.device)) away.set(act.device, one.by);
    } else if (act.act === 'welcomed') welcomed.add(act.device);
    else if (act.knock.letter.is === 'withdraw') withdrawn.add(act.knock.letter.device);
    else noteLetter(heard, act.knock.letter, one);
  }
  for (const [device, knock] of heard) {
    const turnedAwayBy = away.get(device);
    heard.set(device, {
      ...knock,
      isWithdrawn: withdrawn.has(device),
      turnedAwayBy,
      isWelcomed: welcomed.has(device),
    });
  }
  return { door, heard };
}

/** Of several letters of one device the first holds; the same one may be told more than once. */
function noteLetter(heard: Map<DeviceId, HeardKnock>, letter: KnockLetter, { id, heardAt }: ToldKnock): void {
  const known = heard.get(letter.device);
  const since = Math.min(known?.since ?? heardAt, heardAt) as Millis;
  const messages = [...(known?.messages ?? []), id];
  const rest = { isWithdrawn: false, turnedAwayBy: undefined, isWelcomed: false };
  heard.set(letter.device, { letter: known?.letter ?? letter, messages, since, ...rest });
}

/** By this device's clock, which is advice and no rule: an admission counts whenever it is made. */
export function isOver({ letter, since }: Pick<HeardKnock, 'letter' | 'since'>, now: Millis): boolean {
  return now - Math.min(letter.at, since) > KNOCK_LASTS;
}
