// When a device that opened a wrap publishes a new sealing key (keys/SPEC.md §9).

import { HOUR, type Millis } from '#core/ports.ts';
import { lackingDevices } from '#core/keys/rotation.ts';
import { renewRecord, writeProblem } from './author.ts';
import type { Replica } from './replica.ts';

/**
 * Well before the next rotation, which is days away. Not at once: after a rotation all devices of a group would publish
 * in one moment, each for all others, and whoever watches a relay node would count them.
 */
export const REFRESH_WITHIN = (12 * HOUR) as Millis;

/** A key came. True when a new record was made now, and is to be sent; else it is made when it is due. */
export async function noteOpened(replica: Replica): Promise<boolean> {
  const { context, keys, view } = replica;
  if (view?.group !== undefined && !isAwaited(replica)) {
    const [high, low] = context.random.bytes(2);
    const wait = ((high! * 256 + low!) / 65_536) * REFRESH_WITHIN;
    if (keys.refreshAt === undefined) keys.putOffRefresh(Math.ceil(context.clock.now() + wait) as Millis);
    replica.save();
    return false;
  }
  await renewRecord(replica);
  return true;
}

/** Of whoever was left out of a rotation a new record shows that somebody gave them its key, and that nobody else need. */
function isAwaited({ view, identity }: Replica): boolean {
  const { device } = identity;
  const scopes = [...(view?.group?.scopes.values() ?? [])].filter(({ devices }) => devices.includes(device));
  return scopes.some(({ scope }) => {
    const newest = view!.rotations.findLast((rotation) => rotation.scopes.some((rotated) => rotated.scope === scope));
    return newest !== undefined && lackingDevices(view!, newest, scope).includes(device);
  });
}

/** When the own record is to be made anew. A clock that was set back must not put it off for years. */
export function refreshDueAt(replica: Replica): Millis | undefined {
  const { keys, context } = replica;
  if (keys.refreshAt === undefined || writeProblem(replica) !== undefined) return undefined;
  const latest = (context.clock.now() + REFRESH_WITHIN) as Millis;
  if (keys.refreshAt > latest) keys.putOffRefresh(latest);
  return keys.refreshAt;
}
