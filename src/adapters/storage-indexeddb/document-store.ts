// The docUpdates of one document as sealed rows: many updates to a row, written in order, kept in memory until the
// disk took them. y-indexeddb reaches it through lib0-indexeddb.ts.
//
// Invariants
// 1. Keys grow by one with each update; a row holds updates with consecutive keys, and its id is the first.
// 2. An update leaves memory only when it is on disk or the vault is closed.
// 3. Nothing here throws or rejects: what a listener of a Yjs document throws would wedge that document.

import { concat, type Bytes } from '#core/bytes/bytes.ts';
import { SECOND, StorageFault, type Clock, type Durability, type Millis, type Row, type Rows } from '#core/ports.ts';

/** `saving`: something is in memory only. `no-room`: the disk refused it; it is tried again. `closed`: never will be. */
export type WriteState = 'saved' | 'saving' | 'no-room' | 'closed';

/** `SealedRows`, or plain rows where nothing is ever damaged. */
export interface DocumentRows extends Rows {
  damagedIn?(collection: string): number;
  removeDamaged?(collection: string, durability: Durability): Promise<void>;
}

export interface VaultRows {
  readonly rows: DocumentRows;
  readonly clock: Clock;
}

/** An update that has its place; `key` is what y-indexeddb knows it by. */
interface Kept {
  readonly key: number;
  readonly update: Bytes;
}

interface Segment {
  readonly first: number;
  readonly count: number;
}

/** Enough for an hour of typing; larger rows would make a damaged one cost more. */
const MAX_SEGMENT_BYTES = 64 * 1024;
const RETRY_AFTER = (3 * SECOND) as Millis;
const ID_DIGITS = 15;

export class DocumentStore {
  readonly #vault: VaultRows;
  readonly #collection: string;
  /** What is on disk, ascending. */
  #segments: Segment[] = [];
  /** Ascending by key; a prefix may be on its way to the disk. */
  #pending: Kept[] = [];
  /** Added since the store was opened and not deleted, for a reader who asks for what came after a key. */
  #added: Kept[] = [];
  #lastKey = 0;
  /** Called before keys could be given: what is on disk was not read yet. */
  #early: { readonly update: Bytes; readonly done: (key: number) => void }[] = [];
  #loaded = false;
  #closed = false;
  #isFull = false;
  #flying = false;
  #cancelRetry: (() => void) | undefined;
  readonly #written = new Map<number, (key: number) => void>();
  readonly #listeners = new Set<() => void>();
  /** What was on disk at opening, for the first reader; not kept in memory for a second one. */
  #firstRead: readonly Bytes[] | undefined;
  /** False when the vault ended before it could be read. */
  readonly #loading: Promise<boolean>;

  constructor(vault: VaultRows, collection: string) {
    this.#vault = vault;
    this.#collection = collection;
    this.#loading = this.#load();
  }

  get writeState(): WriteState {
    if (this.#closed) return 'closed';
    if (this.#isFull) return 'no-room';
    return this.#pending.length > 0 || this.#early.length > 0 || this.#flying ? 'saving' : 'saved';
  }

  subscribe(changed: () => void): () => void {
    const listener = (): void => changed();
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** When everything added so far is on disk, or cannot be now. */
  settled(): Promise<Exclude<WriteState, 'saving'>> {
    return new Promise((resolve) => {
      const look = (): void => {
        const state = this.writeState;
        if (state === 'saving') return;
        stop();
        resolve(state);
      };
      const stop = this.subscribe(look);
      look();
    });
  }

  /** Resolves with the update's key once it is on disk; stays pending when it never gets there. */
  add(update: Bytes): Promise<number> {
    return new Promise((done) => {
      if (this.#closed) return;
      if (this.#loaded) this.#keep(update, done);
      else this.#early.push({ update, done });
      this.#tell();
      this.#start();
    });
  }

  /** Updates whose key is at least `from`. Stays pending when the vault is closed before they were read. */
  async from(from: number): Promise<readonly Bytes[]> {
    if (!(await this.#loading) || this.#closed) return new Promise(() => undefined);
    const firstRead = this.#firstRead;
    this.#firstRead = undefined;
    if (firstRead !== undefined && from <= (this.#segments[0]?.first ?? Infinity)) return firstRead;
    const oldest = this.#added[0]?.key ?? this.#lastKey + 1;
    if (from >= oldest) return this.#added.filter(({ key }) => key >= from).map(({ update }) => update);
    return this.#readAgain(from);
  }

  async lastKey(): Promise<number> {
    await this.#loading;
    return this.#lastKey;
  }

  /** As `size`, once that is known. */
  async count(): Promise<number> {
    await this.#loading;
    return this.size;
  }

  /** Updates, not rows: whoever compacts does it when there are many. 0 until they were read. */
  get size(): number {
    // A compaction adds a whole state before it removes anything: while the disk is full it would only fill memory.
    if (this.#isFull) return 0;
    return this.#segments.reduce((sum, { count }) => sum + count, 0) + this.#pending.length;
  }

  /** Whether some of it could not be read: the document lacks what those rows held. */
  async isDamaged(): Promise<boolean> {
    await this.#loading;
    return (this.#vault.rows.damagedIn?.(this.#collection) ?? 0) > 0;
  }

  /**
   * Removes all rows whose updates all have smaller keys, and damaged ones: a whole state was added before, or the
   * document is being given up.
   */
  async deleteBelow(end: number): Promise<void> {
    await this.#loading;
    if (this.#closed) return;
    const gone = this.#segments.filter(({ first, count }) => first + count <= end);
    const writes = gone.map(({ first }) => ({ collection: this.#collection, id: idOf(first), value: null }));
    try {
      if (writes.length > 0) await this.#vault.rows.commit(writes, 'relaxed');
      this.#segments = this.#segments.filter((segment) => !gone.includes(segment));
      this.#added = this.#added.filter(({ key }) => key >= end);
      await this.#vault.rows.removeDamaged?.(this.#collection, 'relaxed');
    } catch {
      // They are superfluous, not wrong: the next compaction removes them.
    }
  }

  /** The vault is locked or lost: what is not on disk never will be from here. */
  close(): void {
    this.#closed = true;
    this.#cancelRetry?.();
    this.#pending = [];
    this.#early = [];
    this.#added = [];
    this.#firstRead = undefined;
    this.#written.clear();
    this.#tell();
    this.#listeners.clear();
  }

  async #readAgain(from: number): Promise<readonly Bytes[]> {
    await this.settled();
    const read = await this.#list();
    if (read === undefined) return new Promise(() => undefined);
    const stored = read.flatMap(({ first, updates }) => updates.filter((_, i) => first + i >= from));
    return [...stored, ...this.#pending.map(({ update }) => update)];
  }

  async #load(): Promise<boolean> {
    const read = await this.#list();
    if (read === undefined || this.#closed) {
      this.close();
      return false;
    }
    this.#firstRead = read.flatMap(({ updates }) => updates);
    this.#segments = read.map(({ first, updates }) => ({ first, count: updates.length }));
    const last = this.#segments.at(-1);
    this.#lastKey = last === undefined ? 0 : last.first + last.count - 1;
    this.#loaded = true;
    for (const { update, done } of this.#early.splice(0)) this.#keep(update, done);
    this.#tell();
    this.#start();
    return true;
  }

  /** `undefined` when the disk does not answer any more. Damaged rows are missing; the vault counts them. */
  async #list(): Promise<{ readonly first: number; readonly updates: readonly Bytes[] }[] | undefined> {
    try {
      const rows = await this.#vault.rows.list(this.#collection);
      return rows.flatMap((row) => segmentOf(row));
    } catch {
      return undefined;
    }
  }

  #keep(update: Bytes, done: (key: number) => void): void {
    const kept = { key: ++this.#lastKey, update };
    this.#pending.push(kept);
    this.#added.push(kept);
    this.#written.set(kept.key, done);
  }

  #start(): void {
    if (this.#flying || this.#isFull || this.#closed || !this.#loaded || this.#pending.length === 0) return;
    void this.#fly();
  }

  async #fly(): Promise<void> {
    this.#flying = true;
    await Promise.resolve(); // updates of the same turn share a row
    const segments = pack(this.#pending);
    const writes = segments.map((segment) => ({
      collection: this.#collection,
      id: idOf(segment[0]!.key),
      value: encodeSegment(segment),
    }));
    try {
      await this.#vault.rows.commit(writes, 'relaxed');
      this.#land(segments);
    } catch (fault) {
      this.#turnBack(fault);
    }
    this.#tell();
    this.#start();
  }

  #land(segments: readonly (readonly Kept[])[]): void {
    this.#flying = false;
    this.#isFull = false;
    const last = segments.at(-1)?.at(-1)?.key ?? 0;
    this.#pending = this.#pending.filter(({ key }) => key > last);
    for (const segment of segments) {
      this.#segments.push({ first: segment[0]!.key, count: segment.length });
      for (const { key } of segment) {
        this.#written.get(key)?.(key);
        this.#written.delete(key);
      }
    }
  }

  #turnBack(fault: unknown): void {
    this.#flying = false;
    if (fault instanceof StorageFault && (fault.fault === 'closed' || fault.fault === 'gone')) return this.close();
    this.#isFull = true;
    this.#cancelRetry = this.#vault.clock.after(RETRY_AFTER, () => {
      if (!this.#flying && !this.#closed && this.#pending.length > 0) void this.#fly();
    });
  }

  #tell(): void {
    for (const changed of [...this.#listeners]) {
      try {
        changed();
      } catch {
        // Invariant 3: a listener's mistake must not reach the document that is being edited.
      }
    }
  }
}

/** Consecutive updates in rows of bounded size; one that is larger has a row of its own. */
function pack(pending: readonly Kept[]): Kept[][] {
  const segments: Kept[][] = [];
  let bytes = Infinity;
  for (const kept of pending) {
    bytes += kept.update.length;
    if (bytes > MAX_SEGMENT_BYTES) {
      segments.push([]);
      bytes = kept.update.length;
    }
    segments.at(-1)!.push(kept);
  }
  return segments;
}

/** (u32 length ‖ update) …  */
function encodeSegment(segment: readonly Kept[]): Bytes {
  return concat(
    ...segment.flatMap(({ update }) => {
      const length = new Uint8Array(4);
      new DataView(length.buffer).setUint32(0, update.length);
      return [length, update];
    }),
  );
}

/** The row was sealed by us; one that makes no sense is left out like a damaged one. */
function segmentOf({ id, value }: Row): { first: number; updates: Bytes[] }[] {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const updates: Bytes[] = [];
  for (let at = 0; at < value.length;) {
    if (at + 4 > value.length || at + 4 + view.getUint32(at) > value.length) return [];
    const length = view.getUint32(at);
    updates.push(value.slice(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return /^\d+$/.test(id) && updates.length > 0 ? [{ first: Number(id), updates }] : [];
}

function idOf(key: number): string {
  return String(key).padStart(ID_DIGITS, '0');
}
