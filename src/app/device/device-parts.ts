// What the device is put together from. Browsers fill it in start.ts; tests with a memory disk and no Workers.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { Clock, Random, Rows } from '#core/ports.ts';
import type { Stretch } from '#core/vault/passphrase.ts';
import type { RowDisk } from '#core/vault/row-disk.ts';
import type { SealedRows } from '#core/vault/sealed-rows.ts';
import type { Keeping, Live } from '../api.ts';
import type { ImportAnswer, OpenSession } from '../session-ports.ts';

export interface DeviceParts {
  readonly clock: Clock;
  readonly random: Random;
  /** With a claim every earlier claimant can no longer write; without one it is only looked at. */
  readonly openDisk: (claim: Bytes | undefined) => Promise<RowDisk>;
  readonly lock: DeviceLock;
  readonly stretch: Stretch;
  readonly backups: BackupFiles;
  readonly storage: StorageAdvice;
  /** Called when a vault begins to open: what `openSession` needs may arrive while the passphrase is stretched. */
  readonly prepareSession?: () => void;
  /** Starts a session over an open vault. Rejects only on a fault of the disk or a mistake of ours. */
  readonly openSession: (vault: UnlockedVault) => Promise<OpenSession>;
  /** Fills empty rows with exported state, from which `openSession` then continues. */
  readonly importBackup: (state: Bytes, rows: Rows) => Promise<ImportAnswer>;
  /** Called with the rows of the vault that is open now, and with `undefined` before it closes. */
  readonly attachDocuments?: (rows: SealedRows | undefined) => void;
  /** Calls back when the page is about to go; gives what ends that. */
  readonly onleaving?: (leaving: () => void) => () => void;
  /** Remembers beside the database that there is one, to notice that it was deleted while nothing was open. */
  readonly marker?: VaultMarker;
}

/** What a session is started with; spread it into `SessionPorts`. */
export interface UnlockedVault {
  readonly rows: Rows;
  readonly keeping: Live<Omit<Keeping, 'full'>>;
  readonly askPassphrase: (passphrase: string) => Promise<Bytes | undefined>;
  /** As `askPassphrase` would give it, since the passphrase was just typed; wiped when the session has started. */
  readonly secondKey: Bytes | undefined;
  readonly sealBackup: (state: Bytes, passphrase: string) => Promise<Uint8Array>;
}

/** `TabLock` of the platform adapter. */
export interface DeviceLock {
  onlost: (() => void) | undefined;
  ontaken: (() => void) | undefined;
  isTakenElsewhere(): Promise<boolean>;
  take(): Promise<boolean>;
  takeOver(): Promise<void>;
  release(): Promise<void>;
  whenFree(signal: AbortSignal): Promise<void>;
}

export interface BackupFiles {
  seal(state: Bytes, passphrase: string): Promise<Uint8Array>;
  open(file: Uint8Array, passphrase: string): Promise<BackupFileReading>;
}

export type BackupFileReading =
  | { readonly is: 'open'; readonly state: Bytes }
  | { readonly is: 'wrong-passphrase' | 'not-a-backup' | 'newer-version' };

/** What the browser promises about storage; never rejects. */
export interface StorageAdvice {
  facts(): Promise<{ persisted: boolean; usedBytes: number | undefined; allowedBytes: number | undefined }>;
  askToPersist(): Promise<boolean>;
}

export interface VaultMarker {
  isSet(): boolean;
  set(present: boolean): void;
}
