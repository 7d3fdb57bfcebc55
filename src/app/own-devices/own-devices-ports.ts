// What a person's own devices need of the session.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import type { OwnRead } from '#core/identity/own-message.ts';
import type { Clock, RelayAddress, Rows } from '#core/ports.ts';
import type { ContactFacts } from '../people/contact-facts.ts';
import type { Disk } from '../disk.ts';
import type { Engine } from '../traffic/engine.ts';
import type { EventQueue } from '../event-queue.ts';
import type { Pair } from '../people/pair.ts';
import type { ReadElsewhere } from '../talk/read-mark.ts';
import type { Replica, SpaceContext } from '../space/replica.ts';
import type { Recovery } from './recovery.ts';

/** A conversation or group of this person, as their other devices get it. */
export interface GroupHome {
  readonly space: SpaceId;
  readonly replica: Replica;
  /** What else is known of it here (group-for-sibling.ts). */
  readonly spelled: () => Promise<Bytes>;
  /** Of a group: open runs of what people work on there, by which it is shown at once. */
  readonly shown?: (to: DeviceId) => readonly Bytes[];
  /** How far it was read, as far as `spelled` does not say it. */
  readonly read: () => readonly OwnRead[];
  /** They read something of it on another device. Part of an event. */
  readonly readElsewhere: (where: Pick<OwnRead, 'channel' | 'thread'>, told: ReadElsewhere) => void;
  /** All that the giver had is here: what comes now was not read there, wherever it stands. Part of an event. */
  readonly allCame: () => void;
}

export interface OwnDevicesPorts {
  readonly context: SpaceContext;
  readonly rows: Rows;
  readonly queue: EventQueue;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly engine: Engine;
  readonly self: () => Replica;
  /** A self space this device asked to join. */
  readonly joining: () => Replica | undefined;
  /** The self space that was joined takes the place of the own one; `undefined` where the request was called back. */
  readonly joined: (replica: Replica) => void;
  readonly pairs: () => readonly Pair[];
  /** Nothing on this device would be lost or mixed up by becoming another person's. */
  readonly isEmpty: () => boolean;
  readonly isLinked: (device: DeviceId) => boolean;
  readonly relays: () => readonly RelayAddress[];
  readonly groups: () => readonly GroupHome[];
  /** Also of those that this device has no part in any more. */
  readonly groupReplicas: () => readonly Replica[];
  /** The person has groups, as far as one knows. */
  readonly expectGroup: () => void;
  readonly addLinkedGroup: (replica: Replica, spelled: Bytes) => void;
  readonly addLinked: (replica: Replica, facts: ContactFacts) => void;
  readonly roadsChanged: (pair: Pair) => void;
  readonly settings: {
    readonly spelled: () => Bytes;
    /** Takes what is the same on all devices of a person. */
    readonly take: (spelled: Bytes) => void;
  };
  readonly askPassphrase: (passphrase: string) => Promise<Bytes | undefined>;
  readonly recovery: Recovery;
}
