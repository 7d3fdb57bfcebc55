// The browser's disk: opaque rows in one IndexedDB store, many commits in one transaction, one tab that may write.

import { openDB, unwrap, type IDBPDatabase } from 'idb';
import { equal, type Bytes } from '#core/bytes/bytes.ts';
import { StorageFault, type Durability } from '#core/ports.ts';
import type { DiskRow, DiskWrite, RowDisk } from '#core/vault/row-disk.ts';
import { faultOf } from './storage-faults.ts';

const ROWS = 'rows';
const OWNER = 'owner';
const SCHEMA_VERSION = 1;
/** Bytes in one transaction. Beyond it a failing batch costs more to repeat than the batching saves. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

export interface DiskOptions {
  readonly name: string;
  /**
   * Random bytes that claim the disk for this opener. From then on every earlier claimant's commits fail with
   * `closed`: a frozen tab that wakes up after a take-over cannot write over what the other tab did.
   */
  readonly claim?: Bytes;
}

/**
 * A transaction keeps several of the browser's processes busy, and a message just written has to pass through the same
 * ones: it gets a head start. Nothing waits for the disk but the word `saved`.
 */
const HEAD_START_MS = 3;
/** More rows than what a person writes at a time changes. */
const MANY_ROWS = 32;

/** What is read goes from one of the browser's processes to another; messages of more than 256 KiB take thrice as long. */
const ANSWER_BYTES = 128 * 1024;
const ROWS_AT_FIRST = 8;
/** What comes next may be larger than what came. */
const GROWTH = 8;
/** While one is taken apart the next ones are gathered. */
const ANSWERS_AWAITED = 4;

/** Requests made before the page gets its turn. */
const PUTS_AT_ONCE = 256;
/** What they hold is copied when they are made: a few milliseconds. */
const PUT_BYTES_AT_ONCE = 1024 * 1024;

interface Pending {
  readonly writes: readonly DiskWrite[];
  readonly durability: Durability;
  readonly resolve: () => void;
  readonly reject: (fault: StorageFault) => void;
}

export class IndexedDbDisk implements RowDisk {
  onended: ((why: 'gone' | 'closed') => void) | undefined;
  readonly #claim: Bytes | undefined;
  #database: IDBPDatabase | undefined;
  #ended: 'gone' | 'closed' | undefined;
  #queue: Pending[] = [];
  #pumping = false;
  /** Settles after every commit called so far. */
  #latest: Promise<void> = Promise.resolve();

  private constructor(claim: Bytes | undefined) {
    this.#claim = claim;
  }

  /** Rejects with `StorageFault`. */
  static async open({ name, claim }: DiskOptions): Promise<IndexedDbDisk> {
    const disk = new IndexedDbDisk(claim);
    try {
      const database = await openDB(name, SCHEMA_VERSION, {
        upgrade(fresh) {
          fresh.createObjectStore(ROWS);
          fresh.createObjectStore(OWNER);
        },
        // Somebody deletes the database (no next version) or a newer release of the app opens it elsewhere.
        blocking: (_now, next) => disk.#end(next === null ? 'gone' : 'closed'),
        terminated: () => disk.#end('gone'),
      });
      disk.#database = database;
      if (claim !== undefined) await database.put(OWNER, claim, OWNER);
    } catch (cause) {
      disk.#database?.close();
      throw faultOf(cause, disk.#ended);
    }
    return disk;
  }

  get(key: Bytes): Promise<Bytes | undefined> {
    return this.#read((database) => database.get(ROWS, key) as Promise<Bytes | undefined>);
  }

  range(from: Bytes, to: Bytes, some?: (rows: readonly DiskRow[]) => void): Promise<readonly DiskRow[]> {
    return this.#read(async (database) => {
      const store = database.transaction(ROWS).store;
      const keys = await store.getAllKeys(IDBKeyRange.bound(from, to, false, true));
      return rowsAt(keys, { some, read: (first, last) => store.getAll(IDBKeyRange.bound(first, last)) });
    });
  }

  commit(writes: readonly DiskWrite[], durability: Durability): Promise<void> {
    const done = new Promise<void>((resolve, reject) => {
      this.#queue.push({ writes, durability, resolve, reject });
    });
    this.#latest = done.catch(() => undefined);
    if (!this.#pumping) void this.#pump();
    return done;
  }

  async close(): Promise<void> {
    await this.#latest;
    this.#ended ??= 'closed';
    this.#database?.close();
  }

  /** One transaction at a time; what is committed meanwhile forms the next one. */
  async #pump(): Promise<void> {
    this.#pumping = true;
    await Promise.resolve(); // commits of the same turn join the first batch
    const rows = this.#queue.reduce((sum, { writes }) => sum + writes.length, 0);
    if (rows <= MANY_ROWS && isSeen()) await new Promise((resolve) => setTimeout(resolve, HEAD_START_MS));
    while (this.#queue.length > 0) {
      const batch = this.#takeBatch();
      const fault = await this.#transact(batch);
      if (fault === undefined) for (const { resolve } of batch) resolve();
      else if (fault.fault === 'full' && batch.length > 1) await this.#oneByOne(batch);
      else for (const { reject } of batch) reject(fault);
    }
    this.#pumping = false;
  }

  /** A commit too big for the disk must not take small ones with it. */
  async #oneByOne(batch: readonly Pending[]): Promise<void> {
    for (const pending of batch) {
      const fault = await this.#transact([pending]);
      if (fault === undefined) pending.resolve();
      else pending.reject(fault);
    }
  }

  #takeBatch(): Pending[] {
    let bytes = 0;
    let count = 0;
    for (const { writes } of this.#queue) {
      for (const { value } of writes) bytes += value?.length ?? 0;
      if (count > 0 && bytes > MAX_BATCH_BYTES) break;
      count++;
    }
    return this.#queue.splice(0, count);
  }

  #transact(batch: readonly Pending[]): Promise<StorageFault | undefined> {
    return new Promise((resolve) => {
      const fail = (cause: unknown) => resolve(faultOf(cause, this.#ended));
      let transaction: IDBTransaction | undefined;
      try {
        if (this.#ended !== undefined || this.#database === undefined) return fail(undefined);
        const durability = batch.some((pending) => pending.durability === 'strict') ? 'strict' : 'relaxed';
        transaction = unwrap(this.#database).transaction([ROWS, OWNER], 'readwrite', { durability });
        transaction.oncomplete = () => resolve(undefined);
        transaction.onabort = () => fail(transaction?.error);
        this.#checkClaim(transaction);
        putAll(
          transaction.objectStore(ROWS),
          batch.flatMap(({ writes }) => writes),
        );
      } catch (cause) {
        fail(cause);
        // What was put before the throw would otherwise commit by itself.
        abort(transaction);
      }
    });
  }

  /** Runs inside the same transaction as the writes, so that no take-over can come between. */
  #checkClaim(transaction: IDBTransaction): void {
    const claim = this.#claim;
    if (claim === undefined) return;
    const owner = transaction.objectStore(OWNER).get(OWNER);
    owner.onsuccess = () => {
      if (owner.result instanceof Uint8Array && equal(owner.result, claim)) return;
      this.#end('closed');
      transaction.abort();
    };
  }

  async #read<T>(work: (database: IDBPDatabase) => Promise<T>): Promise<T> {
    await this.#latest;
    try {
      if (this.#ended !== undefined || this.#database === undefined) throw new StorageFault(this.#ended ?? 'closed');
      return await work(this.#database);
    } catch (cause) {
      throw faultOf(cause, this.#ended);
    }
  }

  #end(why: 'gone' | 'closed'): void {
    if (this.#ended !== undefined) return;
    this.#ended = why;
    // Closing waits for running transactions; without it a deletion elsewhere would hang on us.
    this.#database?.close();
    this.onended?.(why);
  }
}

/**
 * The rows of neighbouring keys, in answers of middle size. All within one transaction: what lies between two keys that
 * were there is there.
 */
async function rowsAt(
  keys: readonly IDBValidKey[],
  disk: {
    readonly read: (first: IDBValidKey, last: IDBValidKey) => Promise<Bytes[]>;
    readonly some: ((rows: readonly DiskRow[]) => void) | undefined;
  },
): Promise<DiskRow[]> {
  const rows: DiskRow[] = [];
  let [next, atOnce] = [0, ROWS_AT_FIRST];
  const readOn = async (): Promise<void> => {
    while (next < keys.length) {
      const from = next;
      next = Math.min(keys.length, from + atOnce);
      const values = await disk.read(keys[from]!, keys[next - 1]!);
      const bytes = values.reduce((sum, { length }) => sum + length, 1);
      atOnce = Math.max(1, Math.min(GROWTH * values.length, Math.floor((values.length * ANSWER_BYTES) / bytes)));
      const answer = values.map((value, i) => ({ key: new Uint8Array(keys[from + i] as ArrayBuffer), value }));
      answer.forEach((row, i) => (rows[from + i] = row));
      disk.some?.(answer);
    }
  };
  await Promise.all(Array.from({ length: ANSWERS_AWAITED }, readOn));
  return rows;
}

/** Timers of a page that nobody looks at come a second late or more. */
function isSeen(): boolean {
  return globalThis.document?.visibilityState === 'visible';
}

/**
 * Puts a batch in slices, each after the last request of the one before has succeeded: ten thousand puts in one go
 * hold up the page for a second. The transaction stays open as long as a request of it is running.
 */
function putAll(rows: IDBObjectStore, writes: readonly DiskWrite[], from = 0): void {
  let last: IDBRequest | undefined;
  let [next, bytes] = [from, 0];
  while (next < writes.length && next < from + PUTS_AT_ONCE && bytes < PUT_BYTES_AT_ONCE) {
    const { key, value } = writes[next++]!;
    last = value === null ? rows.delete(key) : rows.put(exact(value), key);
    bytes += value?.length ?? 0;
  }
  if (last !== undefined && next < writes.length) last.onsuccess = () => putOn(rows, writes, next);
}

/** A throw inside an event of the transaction aborts it, as it should; it must not become an error of the page. */
function putOn(rows: IDBObjectStore, writes: readonly DiskWrite[], from: number): void {
  try {
    putAll(rows, writes, from);
  } catch {
    abort(rows.transaction);
  }
}

function abort(transaction: IDBTransaction | undefined): void {
  try {
    transaction?.abort();
  } catch {
    // It had ended by itself.
  }
}

/** A view of a larger buffer would be stored with the whole buffer around it. */
function exact(value: Bytes): Bytes {
  return value.byteLength === value.buffer.byteLength ? value : value.slice();
}
