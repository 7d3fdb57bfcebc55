// Where devices of a group met before (sync/SPEC.md §8.1): which of the former rendezvous secrets are still listened at.

import { equal, type Bytes } from '#core/bytes/bytes.ts';
import { DAY, type Millis } from '#core/ports.ts';

const KEPT_FOR = (90 * DAY) as Millis;
const MAX_NEWEST = 4;
/** Of older ones, those that were in use for the longest: people were there, and several removals may take seconds. */
const MAX_LONGEST = 4;

/** A rendezvous secret that another took the place of. */
export interface FormerMeeting {
  readonly secret: Bytes;
  /** When it was replaced, by this device's clock. */
  readonly replacedAt: Millis;
}

/** `before` gave way to `now`; oldest first. */
export function withFormer(
  known: readonly FormerMeeting[],
  before: FormerMeeting,
  now: Bytes,
): readonly FormerMeeting[] {
  const all = [...known.filter(({ secret }) => !equal(secret, now) && !equal(secret, before.secret)), before];
  const older = all.slice(0, -MAX_NEWEST);
  const inUse = (at: number): number =>
    at === 0 ? Infinity : Math.abs(older[at]!.replacedAt - older[at - 1]!.replacedAt);
  const longest = [...older.keys()].sort((a, b) => inUse(b) - inUse(a)).slice(0, MAX_LONGEST);
  return [...older.filter((_, at) => longest.includes(at)), ...all.slice(-MAX_NEWEST)];
}

/** Those that anybody may still be at; the same list where that is all. */
export function stillListenedAt(known: readonly FormerMeeting[], now: Millis): readonly FormerMeeting[] {
  const kept = known.filter(({ replacedAt }) => Math.abs(now - replacedAt) < KEPT_FOR);
  return kept.length === known.length ? known : kept;
}
