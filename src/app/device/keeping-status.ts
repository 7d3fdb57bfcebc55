// What protects against loss, kept up to date while a vault is open: promised by the browser, backed up, damaged.

import type { Bytes } from '#core/bytes/bytes.ts';
import { MINUTE, type Clock, type Millis, type Rows } from '#core/ports.ts';
import type { SealedRows } from '#core/vault/sealed-rows.ts';
import type { Keeping } from '../api.ts';
import { LiveValue } from '../live-value.ts';
import type { StorageAdvice } from './device-parts.ts';

/** The device's own collection in the vault; the session's collections have other names. */
const COLLECTION = 'device-keeping';
const LAST_BACKUP = 'last-backup';
/** Estimates are coarse and cost a walk over the database in some browsers. */
const LOOK_AGAIN_AFTER = (5 * MINUTE) as Millis;

type Kept = Omit<Keeping, 'full'>;

interface KeepingPorts {
  readonly clock: Clock;
  readonly storage: StorageAdvice;
  readonly rows: SealedRows;
}

export class KeepingStatus {
  readonly live = new LiveValue<Kept>({
    persisted: false,
    lastBackup: undefined,
    usedBytes: undefined,
    allowedBytes: undefined,
    damagedRows: 0,
    gone: false,
  });
  readonly #ports: KeepingPorts;
  #cancel: (() => void) | undefined;
  #asked = false;
  #closed = false;

  constructor(ports: KeepingPorts) {
    this.#ports = ports;
    ports.rows.ondamage = (damagedRows) => this.#change({ damagedRows });
  }

  /** Reads what is known. Never rejects: without these facts everything else still works. */
  async start(): Promise<void> {
    const stored = await this.#ports.rows.get(COLLECTION, LAST_BACKUP).catch(() => undefined);
    if (stored !== undefined) this.#change({ lastBackup: decodeTime(stored) });
    await this.#look();
  }

  /**
   * Asks for persistent storage, once for each unlocking and only when it was not granted: browsers that ask the
   * person remember a refusal, so this waits until there is something worth keeping.
   */
  async askToPersist(): Promise<void> {
    if (this.#asked || this.live.current.persisted) return;
    this.#asked = true;
    const persisted = await this.#ports.storage.askToPersist();
    if (!this.#closed) this.#change({ persisted });
  }

  /** A backup file was made. That it also lies somewhere safe nobody can know. */
  async noteBackup(): Promise<void> {
    const now = this.#ports.clock.now();
    this.#change({ lastBackup: now });
    await writeTime(this.#ports.rows, now).catch(() => undefined);
  }

  noteGone(): void {
    this.#change({ gone: true });
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.#ports.rows.ondamage = undefined;
  }

  async #look(): Promise<void> {
    const facts = await this.#ports.storage.facts();
    if (this.#closed) return;
    this.#change(facts);
    this.#cancel = this.#ports.clock.after(LOOK_AGAIN_AFTER, () => void this.#look());
  }

  #change(change: Partial<Kept>): void {
    this.live.set({ ...this.live.current, ...change });
  }
}

/** A restored device has a backup: the file it came from. */
export async function noteRestored(rows: Rows, at: Millis): Promise<void> {
  await writeTime(rows, at);
}

function writeTime(rows: Rows, at: Millis): Promise<void> {
  return rows.commit([{ collection: COLLECTION, id: LAST_BACKUP, value: encodeTime(at) }], 'relaxed');
}

function encodeTime(at: Millis): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, at);
  return bytes;
}

function decodeTime(bytes: Bytes): Millis | undefined {
  if (bytes.length !== 8) return undefined;
  const at = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0);
  return Number.isFinite(at) ? (at as Millis) : undefined;
}
