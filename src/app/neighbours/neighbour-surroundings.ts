// What the parts of a group's dealings with other groups share.

import type { DeviceId, OpId, Scope } from '#core/charter/ids.ts';
import { rankOf } from '#core/keys/duty.ts';
import type { Engine } from '../traffic/engine.ts';
import type { EventQueue } from '../event-queue.ts';
import type { GroupSpace } from '../groups/group-space.ts';
import type { NeighbourLog } from './neighbour-log.ts';
import type { SpaceContext } from '../space/replica.ts';

export interface NeighbourSurroundings {
  readonly space: GroupSpace;
  readonly context: SpaceContext;
  readonly queue: EventQueue;
  readonly engine: () => Engine;
  readonly log: NeighbourLog;
  /** What is shown, or which relay nodes and topics are wanted, may be other than before. Within an event. */
  readonly changed: () => void;
}

/** 0 for the device whose turn it is first, of the readers of a scope that are linked now: the others cannot see who did it. */
export function turnIn({ space, engine }: NeighbourSurroundings, scope: Scope, thing: string): number {
  const own = space.replica.identity.device;
  const readers = new Set<DeviceId>(space.replica.view?.group?.scopes.get(scope)?.devices);
  const linked = engine().links.devices(space.space);
  const around = linked.flatMap(({ device }) => (readers.has(device) ? [device] : []));
  return rankOf(own, around, thing.padEnd(64, '0') as OpId);
}
