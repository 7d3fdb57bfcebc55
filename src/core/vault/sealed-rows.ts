// Rows as the session sees them over a disk that learns nothing: names become keyed hashes, each row is sealed alone.

import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, textOf, utf8, wipe, type Bytes } from '../bytes/bytes.ts';
import { hex } from '../bytes/text-forms.ts';
import { derive } from '../crypto/hash.ts';
import { type Durability, type Random, type Row, type Rows, type RowWrite } from '../ports.ts';
import type { DiskRow, DiskWrite, RowDisk } from './row-disk.ts';
import type { StorageKey } from './slots.ts';
import { AREA } from './vault-header.ts';

const ROW_VERSION = 1;
const NONCE_BYTES = 12;
/** Rows sealed or opened before others get their turn: a few milliseconds on the main thread. */
const ROWS_AT_ONCE = 256;
const BYTES_AT_ONCE = 512 * 1024;
/** Half of SHA-256 for each half of a name: two names meet by accident after 2^64 rows, and then do not open. */
const NAME_BYTES = 16;
const MAX_NAME_BYTES = 0xffff;

interface RowContent {
  readonly collection: string;
  readonly id: string;
  readonly value: Bytes;
}

/**
 * Invariants: (1) a row opens only under the disk key it was sealed for; (2) commits reach the disk in the order of
 * the calls; (3) a read sees every commit called before it; (4) a row that does not open costs only itself.
 */
export class SealedRows implements Rows {
  /** Called when a row is found damaged for the first time. */
  ondamage: ((rowsSoFar: number) => void) | undefined;
  readonly #disk: RowDisk;
  readonly #random: Random;
  /** HMAC with its key taken in; cloned for each name. */
  readonly #naming: ReturnType<typeof hmac.create>;
  readonly #sealKey: CryptoKey;
  readonly #collections = new Map<string, Bytes>();
  /** Disk keys, as hex, of rows that do not open now. */
  readonly #damaged = new Map<string, Bytes>();
  #everDamaged = 0;
  /** Settles when every commit called so far was handed to the disk (invariants 2 and 3). */
  #handedOver: Promise<void> = Promise.resolve();

  private constructor(disk: RowDisk, random: Random, nameKey: Bytes, sealKey: CryptoKey) {
    this.#disk = disk;
    this.#random = random;
    this.#naming = hmac.create(sha256, nameKey);
    this.#sealKey = sealKey;
  }

  static async open(disk: RowDisk, storageKey: StorageKey, random: Random): Promise<SealedRows> {
    const none = new Uint8Array(0);
    const nameKey = derive(storageKey, none, 'vaultRowName', none);
    const raw = derive(storageKey, none, 'vaultRowSeal', none);
    const sealKey = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
    wipe(raw);
    return new SealedRows(disk, random, nameKey, sealKey);
  }

  /** How often a row was found damaged since this was opened; also those that were written anew or removed. */
  get damagedRows(): number {
    return this.#everDamaged;
  }

  /** Damaged rows that a `list` of this collection left out and that are still on disk. */
  damagedIn(collection: string): number {
    return this.#damagedKeysOf(collection).length;
  }

  /** Removes a collection's damaged rows: for whoever has put together anew what they held. */
  async removeDamaged(collection: string, durability: Durability): Promise<void> {
    const keys = this.#damagedKeysOf(collection);
    if (keys.length === 0) return;
    await this.#handedOver;
    await this.#write(
      keys.map((key) => ({ key, value: null })),
      durability,
    );
  }

  async get(collection: string, id: string): Promise<Bytes | undefined> {
    const key = this.#keyOf(collection, id);
    await this.#handedOver;
    const sealed = await this.#disk.get(key);
    if (sealed === undefined) return undefined;
    const row = await this.#open(key, sealed);
    return row?.collection === collection && row.id === id ? row.value : undefined;
  }

  async list(collection: string, some?: (rows: readonly Row[]) => void): Promise<readonly Row[]> {
    const [from, to] = this.#rangeOf(collection);
    await this.#handedOver;
    const opening: Promise<readonly Row[]>[] = [];
    const open = async (sealed: readonly DiskRow[]): Promise<readonly Row[]> => {
      const opened = await bySlices(sealed, {
        size: ({ value }) => value.length,
        work: ({ key, value }) => this.#open(key, value),
      });
      const rows = opened.flatMap((row) => (row?.collection === collection ? [{ id: row.id, value: row.value }] : []));
      some?.(rows);
      return rows;
    };
    await this.#disk.range(from, to, (sealed) => void opening.push(open(sealed)));
    return (await Promise.all(opening)).flat().sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  }

  commit(writes: readonly RowWrite[], durability: Durability): Promise<void> {
    const sealing = bySlices(writes, { size: ({ value }) => value?.length ?? 0, work: (write) => this.#seal(write) });
    // Sealing runs at once; only the hand-over to the disk waits for its turn.
    const turn = this.#handedOver.then(() => sealing).then((sealed) => ({ done: this.#write(sealed, durability) }));
    this.#handedOver = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn.then(({ done }) => done);
  }

  async #write(writes: readonly DiskWrite[], durability: Durability): Promise<void> {
    await this.#disk.commit(writes, durability);
    for (const { key } of writes) this.#damaged.delete(hex.encode(key));
  }

  async #seal({ collection, id, value }: RowWrite): Promise<DiskWrite> {
    const key = this.#keyOf(collection, id);
    if (value === null) return { key, value: null };
    const iv = this.#random.bytes(NONCE_BYTES);
    const plain = encodeContent({ collection, id, value });
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: key }, this.#sealKey, plain);
    return { key, value: concat(new Uint8Array([ROW_VERSION]), iv, new Uint8Array(sealed)) };
  }

  async #open(key: Bytes, sealed: Bytes): Promise<RowContent | undefined> {
    try {
      if (sealed[0] !== ROW_VERSION) throw new RangeError('row version');
      const iv = sealed.subarray(1, 1 + NONCE_BYTES);
      const algorithm = { name: 'AES-GCM' as const, iv, additionalData: key };
      return decodeContent(
        new Uint8Array(await crypto.subtle.decrypt(algorithm, this.#sealKey, sealed.subarray(1 + NONCE_BYTES))),
      );
    } catch {
      this.#noteDamage(key);
      return undefined;
    }
  }

  #noteDamage(key: Bytes): void {
    const cell = hex.encode(key);
    if (this.#damaged.has(cell)) return;
    this.#damaged.set(cell, key);
    this.#everDamaged++;
    this.ondamage?.(this.#everDamaged);
  }

  #damagedKeysOf(collection: string): Bytes[] {
    const prefix = hex.encode(this.#prefixOf(collection));
    return [...this.#damaged].filter(([cell]) => cell.startsWith(prefix)).map(([, key]) => key);
  }

  #keyOf(collection: string, id: string): Bytes {
    const prefix = this.#prefixOf(collection);
    return concat(prefix, this.#name(1, prefix, nameBytes(id)));
  }

  /** area ‖ keyed hash of the collection: all rows of a collection lie side by side. */
  #prefixOf(collection: string): Bytes {
    let prefix = this.#collections.get(collection);
    if (prefix === undefined) {
      prefix = concat(new Uint8Array([AREA.rows]), this.#name(0, nameBytes(collection)));
      this.#collections.set(collection, prefix);
    }
    return prefix;
  }

  /** What a name becomes on disk; `kind` keeps ids and collections apart. */
  #name(kind: 0 | 1, ...parts: readonly Uint8Array[]): Bytes {
    const naming = this.#naming.clone().update(new Uint8Array([kind]));
    for (const part of parts) naming.update(part);
    return new Uint8Array(naming.digest().slice(0, NAME_BYTES));
  }

  #rangeOf(collection: string): [from: Bytes, to: Bytes] {
    const from = this.#prefixOf(collection);
    // The end is past every key with this prefix, whatever follows.
    return [from, concat(from, new Uint8Array(NAME_BYTES + 1).fill(0xff))];
  }
}

interface Sliced<T, R> {
  readonly size: (item: T) => number;
  readonly work: (item: T) => Promise<R>;
}

async function bySlices<T, R>(items: readonly T[], { size, work }: Sliced<T, R>): Promise<R[]> {
  const results: R[] = [];
  for (let next = 0; next < items.length;) {
    const slice: Promise<R>[] = [];
    for (let bytes = 0; next < items.length && slice.length < ROWS_AT_ONCE && bytes < BYTES_AT_ONCE; next++) {
      bytes += size(items[next]!);
      slice.push(work(items[next]!));
    }
    results.push(...(await Promise.all(slice)));
  }
  return results;
}

/** Ids and collections are ours: one that has no bytes of its own is a mistake, not a fault. */
function nameBytes(name: string): Bytes {
  const bytes = utf8(name);
  if (!name.isWellFormed() || bytes.length > MAX_NAME_BYTES)
    throw new Error('a row name must be text of 64 KiB at most');
  return bytes;
}

/** u16 length ‖ collection ‖ u16 length ‖ id ‖ value (SPEC §4). */
function encodeContent({ collection, id, value }: RowContent): Bytes {
  const names = [nameBytes(collection), nameBytes(id)] as const;
  return concat(u16(names[0].length), names[0], u16(names[1].length), names[1], value);
}

function decodeContent(plain: Bytes): RowContent {
  let at = 0;
  const name = (): string => {
    const length = (plain[at]! << 8) | plain[at + 1]!;
    const text = textOf(plain.subarray(at + 2, at + 2 + length));
    at += 2 + length;
    if (text === undefined || at > plain.length) throw new RangeError('row name');
    return text;
  };
  const collection = name();
  const id = name();
  // A view: copying fifty thousand messages would take as long as opening them.
  return { collection, id, value: plain.subarray(at) };
}

function u16(value: number): Bytes {
  return new Uint8Array([value >>> 8, value & 0xff]);
}
