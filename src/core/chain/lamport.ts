// Where a message stands: behind its past, and behind what its author could read that cannot be cited yet (SPEC.md §2).

import type { Link } from './link.ts';
import { comparePlaces } from './place.ts';

/**
 * How far behind its past a message may stand. What waits and stands further off is not shown, so this bounds by how much
 * anybody moves the others on with one message, and what shows early to who was away for long.
 */
export const MAX_LEAP = 100_000;

/** Of the next message: `past` is the greatest lamport of what it cites, `shown` are those of what it cannot cite. */
export function lamportBehind(past: number, shown: Iterable<number>): number {
  let last = past;
  for (const each of shown) if (each > last && isInReach(each, past)) last = each;
  return last + 1;
}

/** Whether what is written after `past` can stand behind what waits there. */
export function isInReach(waiting: number, past: number): boolean {
  return waiting <= past + MAX_LEAP;
}

export function mayStandAt(lamport: number, past: number): boolean {
  return lamport > past && lamport <= past + 1 + MAX_LEAP;
}

/** The greatest that whatever is written next surely rests on. */
export function endOf(heads: Iterable<Link>, anchors: Iterable<number>): number {
  let end = 0;
  for (const { isBranch, header } of heads) if (!isBranch) end = Math.max(end, header.lamport);
  for (const anchor of anchors) end = Math.max(end, anchor);
  return end;
}

export function newestFirst(a: Link, b: Link): number {
  return comparePlaces({ lamport: b.header.lamport, id: b.id }, { lamport: a.header.lamport, id: a.id });
}
