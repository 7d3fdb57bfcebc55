// What links need from around them, and what is known of each that is open.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import type { Clock, Link, Logger, Millis, PeerId, Random } from '#core/ports.ts';
import type { Proof } from '#core/sync/handshake.ts';
import type { EventQueue } from '../event-queue.ts';
import type { LinkedDevice, LinkedDeviceEvents } from './linked-device.ts';
import type { Replica } from '../space/replica.ts';

/** What devices of a space prove themselves by to each other. */
export interface MeetingSecret {
  readonly secret: Bytes;
  /** The one device that may; all of the space where absent. */
  readonly only?: DeviceId;
}

/** A space to be proven on a link: by its rendezvous secret where no other is named. */
export interface WantedSpace {
  readonly space: SpaceId;
  readonly secret?: Bytes;
}

export interface LinksPorts extends LinkedDeviceEvents {
  readonly queue: EventQueue;
  readonly clock: Clock;
  readonly random: Random;
  readonly suite: CryptoSuite;
  readonly logger: Logger;
  readonly self: () => PeerId | undefined;
  /** Spaces whose members may link to us now. */
  readonly spaces: () => Iterable<Replica>;
  /** Besides the rendezvous secret. */
  readonly otherSecrets: (replica: Replica) => readonly MeetingSecret[];
  /** Presence of a device of a space changed. */
  readonly presence: (replica: Replica, device: DeviceId) => void;
}

export interface OpenLink {
  readonly link: Link;
  readonly isOurs: boolean;
  readonly nonce: Bytes;
  readonly openedAt: Millis;
  readonly wanted: ReadonlyMap<SpaceId, Bytes | undefined>;
  /** By `space/secret`. */
  readonly proofs: Map<string, Proof>;
  readonly devices: Map<string, LinkedDevice>;
  remoteNonce: Bytes | undefined;
  theyKnowOurs: boolean;
  checked: number;
  heardAt: Millis;
}
