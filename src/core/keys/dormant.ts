// Which devices of a group are away for so long that they get no keys (keys/SPEC.md §6).

import { DAY, type Millis } from '../ports.ts';

/** A device not heard for so long gets no keys until it speaks up. */
export const DORMANT_AFTER = (90 * DAY) as Millis;

/** `heardAt`: by our clock; `undefined` for who came before we kept it: they count as heard. */
export function isDormant(heardAt: Millis | undefined, now: Millis): boolean {
  return heardAt !== undefined && now - heardAt >= DORMANT_AFTER;
}
