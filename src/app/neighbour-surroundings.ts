// What the parts of a group's dealings with other groups share.

import type { DeviceId, OpId, Scope } from '#core/charter/ids.ts';
import type { Seed } from '#core/crypto/suite.ts';
import type { Bytes } from '#core/bytes/bytes.ts';
import { rankOf } from '#core/keys/duty.ts';
import type { SignedOutsideCard } from '#core/neighbours/outside-card.ts';
import type { Engine } from './engine.ts';
import type { EventQueue } from './event-queue.ts';
import type { GroupSpace } from './group-space.ts';
import type { NeighbourLog } from './neighbour-log.ts';
import type { SpaceContext } from './space/replica.ts';

export interface NeighbourSurroundings {
  readonly space: GroupSpace;
  readonly context: SpaceContext;
  readonly queue: EventQueue;
  readonly engine: () => Engine;
  readonly log: NeighbourLog;
  /** What is shown, or which relay nodes and topics are wanted, may be other than before. Within an event. */
  readonly changed: () => void;
  /** What else may come to a card of the group; whether it was that. Part of an event. */
  readonly otherMail?: (space: GroupSpace, box: CardBox, blob: Bytes) => Promise<boolean>;
}

/** A card of ours with what opens the mail that comes to it. */
export interface CardBox {
  readonly card: SignedOutsideCard;
  readonly seed: Seed;
}

/** 0 for the device whose turn it is first, of the readers of a scope that are linked now: the others cannot see who did it. */
export function turnIn({ space, engine }: NeighbourSurroundings, scope: Scope, thing: string): number {
  const own = space.replica.identity.device;
  const readers = new Set<DeviceId>(space.replica.view?.group?.scopes.get(scope)?.devices);
  const linked = engine().links.devices(space.space);
  const around = linked.flatMap(({ device }) => (readers.has(device) ? [device] : []));
  return rankOf(own, around, thing.padEnd(64, '0') as OpId);
}
