// Everything a session needs from outside. Browsers fill it in start.ts, the simulator with one seeded world.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import type { Clock, Logger, Network, Random, RelayAddress, Rows } from '#core/ports.ts';
import type { Keeping, Live, Session } from './api.ts';
import type { Breather } from './event-queue.ts';
import type { Groups } from './groups/group-api.ts';
import type { GroupTraffic, GroupTrafficPorts } from './traffic/group-traffic.ts';
import type { GroupBook, GroupBookPorts } from './groups/groups.ts';
import type { OwnDevicesPorts } from './own-devices/own-devices-ports.ts';
import type { OwnDevicesBook } from './own-devices/own-devices.ts';
import type { OpenDocuments } from './space-content.ts';

/** What makes the parts of a session that are packed apart. */
export interface SessionRooms {
  readonly groupTraffic: (ports: GroupTrafficPorts) => GroupTraffic;
  readonly groups: (ports: GroupBookPorts) => GroupBook;
  readonly ownDevices: (ports: OwnDevicesPorts) => OwnDevicesBook;
}

export interface SessionPorts {
  readonly clock: Clock;
  readonly random: Random;
  /** The vault's rows. Nobody else writes collections whose names do not begin with `doc`. */
  readonly rows: Rows;
  readonly suite: CryptoSuite;
  readonly logger: Logger;
  /**
   * Arrives after the first paint, or never. The session works offline until then, and closes the network when it
   * closes itself. A rejection counts as never.
   */
  readonly network: Promise<Network> | undefined;
  /** The relay nodes new cards name until the person changes the setting: the one the app came from. */
  readonly relays: readonly RelayAddress[];
  readonly documents: OpenDocuments;
  /** From session-rooms.ts. */
  readonly rooms: SessionRooms;
  /** Where there is a screen to draw and a person to hear. */
  readonly breathe?: Breather;
  /** What the device knows about storage; `full` and `gone` are the session's own findings and are merged in. */
  readonly keeping?: Live<Omit<Keeping, 'full'>>;
  /** A key made of the passphrase, for what is kept under a second asking; `undefined` when it is not the passphrase. */
  readonly askPassphrase?: (passphrase: string) => Promise<Bytes | undefined>;
  /** What `askPassphrase` would give, while the vault opens; not kept after `openSession` resolved. */
  readonly secondKey?: Bytes | undefined;
  /** Puts the exported state into the age format under its own passphrase. Absent: backing up is refused. */
  readonly sealBackup?: (state: Bytes, passphrase: string) => Promise<Uint8Array>;
}

/** A session and what only its owner (the device, the simulator) may ask of it. */
export interface OpenSession extends Session {
  readonly groups: Groups;
  /** The page is going this moment: linked devices hear it at once. Should it stay after all, they are met anew. */
  goodbye(): void;
  /** Resolves when no event is queued or being handled. Timers and the network may bring new ones later. */
  idle(): Promise<void>;
  /**
   * Adds a spare device to every space and returns the state with which it continues (no seed of this device is in
   * it). Resolves after the spares are on disk here. Rejects with `StorageFault`.
   */
  exportForBackup(): Promise<Bytes>;
  /** For comparisons: a hash over all acknowledged state (spaces, messages, contacts, settings). */
  stateHash(): Promise<string>;
}

/** Why exported state could not be taken in. */
export type ImportAnswer = 'imported' | 'not-a-backup' | 'newer-version';

// openSession(ports: SessionPorts): Promise<OpenSession> is in session.ts;
// importFromBackup(state: Bytes, ports: Pick<SessionPorts, 'rows'>): Promise<ImportAnswer>
// is in backup-state.ts: it fills empty rows, after which openSession continues as the spare device.
