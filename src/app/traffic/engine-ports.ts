// What the session's traffic needs from around it.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId } from '#core/charter/ids.ts';
import type { Clock, Logger, RelayAddress, Rows } from '#core/ports.ts';
import type { Disk } from '../disk.ts';
import type { Parcel } from '#core/sync/parcel.ts';
import type { EventQueue } from '../event-queue.ts';
import type { GroupTraffic, GroupTrafficPorts } from './group-traffic.ts';
import type { WantedTopic } from './mail-in.ts';
import type { ReadingDays } from './reading-list.ts';
import type { Replica, SpaceContext } from '../space/replica.ts';

export interface EnginePorts {
  readonly groupTraffic: (ports: GroupTrafficPorts) => GroupTraffic;
  readonly context: SpaceContext;
  readonly rows: Rows;
  readonly queue: EventQueue;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Topics of open cards, and of welcomes one waits for, at a relay node. */
  readonly otherTopics: (relay: RelayAddress, days: ReadingDays) => Promise<readonly WantedTopic[]>;
  /** Relay nodes wanted for other reasons than spaces. */
  readonly otherRelays: () => readonly RelayAddress[];
  /** A relay node is there now. */
  readonly relayReady: () => Promise<void>;
  /** The charter, keys or relay nodes of a group may be others than before. Within an event. */
  readonly groupChanged: (replica: Replica) => Promise<void>;
  readonly connectionChanged: () => void;
  /** Devices of some space may be others now. */
  readonly devicesChanged: () => void;
  /** Of mail between own devices what is of their self space; the rest is given to the spaces it is of. */
  readonly unpacked: (self: Replica, parcel: Parcel, day: number | undefined) => Parcel;
  readonly fleeting: (replica: Replica, device: DeviceId, payload: Bytes) => void;
  readonly presence: (replica: Replica, device: DeviceId) => void;
}
