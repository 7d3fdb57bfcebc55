// What ends are aimed at: grants, and devices under a binding (charter/SPEC.md §4.3).

import type { DeviceId, GrantId } from './ids.ts';
import { byOrder, isIn, type Placed } from './past.ts';

/** What an effective act ends: a membership, a role, an invitation, or one device under one binding. */
export interface End {
  readonly by: Placed;
  readonly target: string;
  /** By the recovery key, by leaving, or by the device itself: it spares what others had seen. */
  readonly isSelfInflicted: boolean;
}

export function deviceTarget(binding: GrantId, device: DeviceId): string {
  return binding + device;
}

/** Without those that have another of the same target in their past: they add nothing. In order. */
export function mainEnds(ends: readonly End[]): readonly End[] {
  if (ends.length < 2) return ends;
  const main = ends.filter(({ by }) => !ends.some((other) => other.by !== by && isIn(by.past, other.by)));
  return main.sort((a, b) => byOrder(a.by, b.by));
}
