// A disk that fails on purpose: full, killed at a chosen write, torn in the middle of a batch.

import type { Bytes } from '#core/bytes/bytes.ts';
import { StorageFault, type Durability } from '#core/ports.ts';
import { MemoryDisk, type MemoryCells } from '#core/vault/memory-disk.ts';
import type { DiskWrite } from '#core/vault/row-disk.ts';

export class FaultyDisk extends MemoryDisk {
  /** Bytes it takes in all; what would pass them is refused with `full`. */
  capacity = Infinity;
  /** Commits it still takes before the process is gone; later ones never settle, as in a killed tab. */
  commitsLeft = Infinity;
  /** Writes of the fatal commit that still reach the disk: a disk that breaks its promise of all or none. */
  tornWrites = 0;
  commits = 0;
  readonly durabilities: Durability[] = [];

  constructor(cells?: MemoryCells) {
    super(cells);
  }

  override commit(writes: readonly DiskWrite[], durability: Durability): Promise<void> {
    if (this.commitsLeft <= 0) return new Promise(() => undefined);
    this.commitsLeft--;
    if (this.commitsLeft <= 0) {
      void super.commit(writes.slice(0, this.tornWrites), durability);
      return new Promise(() => undefined);
    }
    const coming = writes.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
    if (coming > 0 && this.#used() + coming > this.capacity) return Promise.reject(new StorageFault('full'));
    this.commits++;
    this.durabilities.push(durability);
    return super.commit(writes, durability);
  }

  /** Everything on the disk as one byte string each, as somebody who seizes it reads it. */
  image(): Bytes[] {
    return [...this.cells.values()].flatMap(({ key, value }) => [key, value]);
  }

  #used(): number {
    let bytes = 0;
    for (const { key, value } of this.cells.values()) bytes += key.length + value.length;
    return bytes;
  }
}

/** Whether any of the byte strings contains the other. */
export function contains(image: readonly Uint8Array[], wanted: Uint8Array): boolean {
  return image.some((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(Buffer.from(wanted)));
}
