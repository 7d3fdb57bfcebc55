// Whose turn it is to make a group's keys anew, and when, also if nobody writes (keys/SPEC.md §7). Nobody is in charge:
// each device works out for itself when it would, whoever is there first does, and all others see that it is done.

import { DAY, HOUR, MINUTE, SECOND, type Millis } from '../ports.ts';
import type { DeviceId, Kid, OpId, Scope } from '../charter/ids.ts';
import type { CharterView, RotationFacts } from '../charter/view.ts';
import { readersOf } from './readers.ts';
import { isSafe, lackingDevices } from './rotation.ts';

/** Who was heard within this time may be expected to do their turn. */
export const AROUND_FOR = (14 * DAY) as Millis;

/**
 * What is wrong with a scope's key. `unsafe`: somebody has it who does not read the scope any more. `newcomers`: readers
 * may not have this one and need one of their own time. `old`: it was in use long enough. All these ask for a new one.
 * `lacking`: readers who may have it were left out; it is shared with them.
 */
export type Cause = 'unsafe' | 'newcomers' | 'old' | 'lacking';

export interface KeyState {
  readonly scope: Scope;
  /** The newest rotation of the scope, held or not. */
  readonly newest: RotationFacts | undefined;
  readonly cause: Cause | undefined;
  /** When it will be old, as long as nothing else is wrong. */
  readonly oldAt: Millis | undefined;
  /** Reachable readers that it left out. */
  readonly lacking: readonly DeviceId[];
}

export interface DutyGround {
  readonly view: CharterView;
  readonly scope: Scope;
  /** When the key in use came or was made, by our clock. */
  readonly since: Millis | undefined;
  readonly now: Millis;
  /** Devices that cannot be given anything now: dormant, or without a record. */
  readonly unreachable: ReadonlySet<DeviceId>;
  /** Whether a device may have a key. */
  readonly mayHave: (device: DeviceId, kid: Kid) => boolean;
  /** Members came by an invitation, and no key of their time was made. */
  readonly hasJoins: boolean;
}

/** How the key of a scope is. */
export function keyState(ground: DutyGround): KeyState {
  const { view, scope, since, now, unreachable, hasJoins, mayHave } = ground;
  const newest = view.rotations.findLast(({ scopes }) => scopes.some((rotated) => rotated.scope === scope));
  // The first key of a role is made when somebody first has something to say there.
  if (newest === undefined) return { scope, newest, cause: undefined, oldAt: undefined, lacking: [] };
  const { kid } = newest.scopes.find((rotated) => rotated.scope === scope)!;
  const lacking = lackingDevices(view, newest, scope, unreachable);
  const oldAt = since === undefined ? undefined : ((since + rotateEvery(view)) as Millis);
  const state = (cause: Cause | undefined): KeyState => ({ scope, newest, cause, oldAt, lacking });
  if (!isSafe(view, newest, scope)) return state('unsafe');
  if (hasJoins || lacking.some((device) => !mayHave(device, kid))) return state('newcomers');
  if (since !== undefined && Math.abs(now - since) >= rotateEvery(view)) return state('old');
  return state(lacking.length > 0 ? 'lacking' : undefined);
}

/** Wraps lie at relay nodes for two weeks: whoever was away for two months must find one of the last. */
const WRAPS_RENEWED = 10;

/** The time the group agreed on, or sooner; a key is never older by much. */
export function rotateEvery(view: CharterView): Millis {
  return (Math.min(view.group?.rules.rotateDays ?? 7, WRAPS_RENEWED) * DAY) as Millis;
}

/** For how long each waits for the one before: longer where it is less urgent, and never very long in all. */
const SLOTS: Readonly<Record<Cause, { readonly first: Millis; readonly slot: Millis; readonly most: Millis }>> = {
  unsafe: { first: 0 as Millis, slot: (20 * SECOND) as Millis, most: (10 * MINUTE) as Millis },
  // Who comes in one after the other is let in together.
  newcomers: { first: MINUTE as Millis, slot: (30 * SECOND) as Millis, most: (10 * MINUTE) as Millis },
  lacking: { first: MINUTE as Millis, slot: (30 * SECOND) as Millis, most: (10 * MINUTE) as Millis },
  old: { first: 0 as Millis, slot: (10 * MINUTE) as Millis, most: (6 * HOUR) as Millis },
};

/** Whoever was not there looks around for this long at most before they do what was due. */
const LOOK_AROUND = (30 * SECOND) as Millis;

/** However often members bring and end devices, keys are made for newcomers at most this often. */
export const NEWCOMERS_AT_MOST_EVERY = (10 * MINUTE) as Millis;

export interface Turn {
  readonly cause: Cause;
  /** When it was noticed here; for `old` when the time was over. */
  readonly from: Millis;
  /** Since when this device has been up: whoever comes late does not begin at the same moment as all others. */
  readonly upSince: Millis;
  /** When the key in use came. */
  readonly since: Millis | undefined;
  /** 0 for the device whose turn it is first. */
  readonly rank: number;
  /** 0 to 1, drawn once for each turn. */
  readonly random: number;
}

/** When a device does what is due, unless another did it before. A pure function: the same for the same arguments. */
export function whenDue({ cause, from, upSince, since, rank, random }: Turn): Millis {
  const { first, slot, most } = SLOTS[cause];
  const inTurn = from + first + Math.min((rank + random) * slot, most);
  const rested = cause === 'newcomers' && since !== undefined ? since + NEWCOMERS_AT_MOST_EVERY : 0;
  return Math.ceil(Math.max(inTurn, upSince + random * LOOK_AROUND, rested)) as Millis;
}

/**
 * The place of a device among those that may be expected: it changes with every rotation, so that neither the first
 * member nor anybody else does all of the work, or is needed for it.
 */
export function rankOf(device: DeviceId, around: Iterable<DeviceId>, newest: OpId): number {
  let rank = 0;
  for (const other of around) if (other !== device && isNearer(other, device, newest)) rank++;
  return rank;
}

/** By the exclusive or of ids, read as numbers. */
function isNearer(a: string, b: string, to: string): boolean {
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue;
    const digit = Number.parseInt(to[i] ?? '0', 16);
    return (Number.parseInt(a[i]!, 16) ^ digit) < (Number.parseInt(b[i]!, 16) ^ digit);
  }
  return false;
}

/** Readers of a scope heard lately. */
export function aroundIn(
  view: CharterView,
  scope: Scope,
  heard: (device: DeviceId) => Millis | undefined,
  now: Millis,
): readonly DeviceId[] {
  return [...readersOf(view, scope)].filter((device) => now - (heard(device) ?? now) < AROUND_FOR);
}
