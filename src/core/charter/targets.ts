// What ends are aimed at: grants, and devices under a binding (charter/SPEC.md §4.3).

import type { DeviceId, GrantId } from './ids.ts';
import { targetOf } from './grants.ts';
import type { Log, Placed } from './past.ts';

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

/** Grants that an op cites, and its device, by what an end of theirs would be aimed at. */
export function citedTargets(op: Placed, log: Log): readonly string[] {
  const { auth, device } = op.signed.op;
  const [membership, binding, ...roles] = auth;
  if (membership === undefined || binding === undefined) return [];
  return [targetOf(membership, log), deviceTarget(binding, device), ...roles.map((role) => targetOf(role, log))];
}
