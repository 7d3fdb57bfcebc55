// How a row of a parked frame is called: by the hash of the frame, and by when it came.

import type { Millis } from '#core/ports.ts';

/** Between the id of a parked frame and when it came. Those of older apps say nothing of that. */
const SINCE = '.';

export function parkedRow(id: string, since: Millis): string {
  return since === 0 ? id : `${id}${SINCE}${since}`;
}

export function readParkedRow(row: string): { readonly id: string; readonly since: Millis } {
  const [id, since] = row.split(SINCE);
  return { id: id!, since: Number(since ?? 0) as Millis };
}
