// A disk that forgets when the page closes: for browsers that store nothing (Tor Browser), for simulated devices.

import { compare, type Bytes } from '../bytes/bytes.ts';
import { hex } from '../bytes/text-forms.ts';
import { StorageFault, type Durability } from '../ports.ts';
import type { DiskRow, DiskWrite, RowDisk } from './row-disk.ts';

/** What survives a "restart" in memory: hand the same cells to a new `MemoryDisk`. Key: hex of the row's key. */
export type MemoryCells = Map<string, DiskRow>;

export class MemoryDisk implements RowDisk {
  onended: ((why: 'gone' | 'closed') => void) | undefined;
  readonly cells: MemoryCells;
  #closed = false;

  constructor(cells: MemoryCells = new Map()) {
    this.cells = cells;
  }

  get(key: Bytes): Promise<Bytes | undefined> {
    return this.#answer(() => this.cells.get(hex.encode(key))?.value.slice());
  }

  async range(from: Bytes, to: Bytes, some?: (rows: readonly DiskRow[]) => void): Promise<readonly DiskRow[]> {
    const rows = await this.#answer(() =>
      [...this.cells.values()]
        .filter(({ key }) => compare(from, key) <= 0 && compare(key, to) < 0)
        .sort((a, b) => compare(a.key, b.key))
        .map(({ key, value }) => ({ key: key.slice(), value: value.slice() })),
    );
    some?.(rows);
    return rows;
  }

  commit(writes: readonly DiskWrite[], _durability: Durability): Promise<void> {
    return this.#answer(() => {
      for (const { key, value } of writes) {
        const cell = hex.encode(key);
        if (value === null) this.cells.delete(cell);
        else this.cells.set(cell, { key: key.slice(), value: value.slice() });
      }
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  #answer<T>(work: () => T): Promise<T> {
    return this.#closed ? Promise.reject(new StorageFault('closed')) : Promise.resolve(work());
  }
}
