// What sealed rows stand on: a dumb ordered store of opaque bytes. IndexedDB in browsers, memory in Tor Browser and
// tests, a disk that fails on purpose in simulations. It learns neither names nor content.

import type { Bytes } from '../bytes/bytes.ts';
import type { Durability } from '../ports.ts';

export interface DiskRow {
  readonly key: Bytes;
  readonly value: Bytes;
}

/** One change; `null` removes the row. */
export interface DiskWrite {
  readonly key: Bytes;
  readonly value: Bytes | null;
}

/**
 * Keys are compared byte by byte. Every method rejects with `StorageFault` and nothing else. Writes become visible
 * and durable in the order of the calls to `commit`; a read sees every commit that was called before it and succeeded.
 */
export interface RowDisk {
  get(key: Bytes): Promise<Bytes | undefined>;
  /** Rows with from ≤ key < to, ascending. `some` gets each of them once, as they come: those that come later still read. */
  range(from: Bytes, to: Bytes, some?: (rows: readonly DiskRow[]) => void): Promise<readonly DiskRow[]>;
  /** All writes or none. */
  commit(writes: readonly DiskWrite[], durability: Durability): Promise<void>;
  /** Called once when the disk ended without `close`: deleted from outside, or taken over by another tab. */
  onended: ((why: 'gone' | 'closed') => void) | undefined;
  /** Waits for what was committed, then refuses everything with `closed`. */
  close(): Promise<void>;
}
