// Content order: by lamport, then by id (SPEC.md §3).

import type { MessageId } from '../charter/ids.ts';

export interface Place {
  readonly lamport: number;
  readonly id: MessageId;
}

/** Negative when `a` comes first. */
export function comparePlaces(a: Place, b: Place): number {
  if (a.lamport !== b.lamport) return a.lamport - b.lamport;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
