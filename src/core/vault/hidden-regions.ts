// Three regions of fixed size that exist in every vault from its first run and look the same used or not.

import { concat, wipe, type Bytes } from '../bytes/bytes.ts';
import { derive } from '../crypto/hash.ts';
import type { Random } from '../ports.ts';
import type { DiskWrite, RowDisk } from './row-disk.ts';
import type { Region, StorageKey } from './slots.ts';
import { AREA } from './vault-header.ts';

export type HiddenRegion = Exclude<Region, 0>;

const HIDDEN_REGIONS: readonly HiddenRegion[] = [1, 2, 3];
/** Small enough that no browser moves a value out of its database into a file of its own (Chromium: 64 KiB). */
export const CELL_BYTES = 32 * 1024;
/** 256 × 32 KiB = 8 MiB for each region. */
export const CELLS_PER_REGION = 256;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** What one cell of a used region carries. */
export const CELL_CONTENT_BYTES = CELL_BYTES - NONCE_BYTES - TAG_BYTES;
/** 1 MiB in one transaction: a phone commits it in well under 100 ms, and other work gets its turn in between. */
const CELLS_AT_ONCE = 32;

export function cellKey(region: HiddenRegion, cell: number): Bytes {
  return new Uint8Array([AREA.hidden, region, cell]);
}

/** Fills all regions with random bytes. `progress` is called with the share done. Rejects with `StorageFault`. */
export async function fillHiddenRegions(
  disk: RowDisk,
  random: Random,
  progress: (done: number) => void = () => undefined,
): Promise<void> {
  const total = HIDDEN_REGIONS.length * CELLS_PER_REGION;
  for (let from = 0; from < total; from += CELLS_AT_ONCE) {
    const writes: DiskWrite[] = [];
    for (let n = from; n < from + CELLS_AT_ONCE; n++) {
      const region = HIDDEN_REGIONS[Math.floor(n / CELLS_PER_REGION)]!;
      writes.push({ key: cellKey(region, n % CELLS_PER_REGION), value: random.bytes(CELL_BYTES) });
    }
    await disk.commit(writes, 'relaxed');
    progress((from + CELLS_AT_ONCE) / total);
  }
}

/** The writes that remove all cells: for a vault that was never finished, and never for another. */
export function emptyCells(): DiskWrite[] {
  return HIDDEN_REGIONS.flatMap((region) =>
    Array.from({ length: CELLS_PER_REGION }, (_, cell) => ({ key: cellKey(region, cell), value: null })),
  );
}

/** A used cell: nonce ‖ AES-256-GCM bound to its place. Content shorter than a cell is filled up by the caller. */
export async function sealCell(
  place: { readonly region: HiddenRegion; readonly cell: number },
  storageKey: StorageKey,
  content: Bytes,
  random: Random,
): Promise<DiskWrite> {
  if (content.length !== CELL_CONTENT_BYTES) throw new Error('a cell is filled exactly');
  const key = cellKey(place.region, place.cell);
  const iv = random.bytes(NONCE_BYTES);
  const sealKey = await cellSealKey(storageKey, place.region, 'encrypt');
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: key }, sealKey, content);
  return { key, value: concat(iv, new Uint8Array(sealed)) };
}

/** The content of a cell, or `undefined` for random filling and for damage, which cannot be told apart. */
export async function openCell(
  place: { readonly region: HiddenRegion; readonly cell: number },
  storageKey: StorageKey,
  bytes: Bytes,
): Promise<Bytes | undefined> {
  const iv = bytes.slice(0, NONCE_BYTES);
  const sealKey = await cellSealKey(storageKey, place.region, 'decrypt');
  const algorithm = { name: 'AES-GCM' as const, iv, additionalData: cellKey(place.region, place.cell) };
  try {
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, sealKey, bytes.slice(NONCE_BYTES)));
  } catch {
    return undefined;
  }
}

/** Whether every cell is there with its size; a vault that lost one tells nothing about which was used. */
export async function hiddenRegionsAreWhole(disk: RowDisk): Promise<boolean> {
  for (const region of HIDDEN_REGIONS) {
    const cells = await disk.range(cellKey(region, 0), new Uint8Array([AREA.hidden, region + 1]));
    if (cells.length !== CELLS_PER_REGION) return false;
    if (cells.some(({ value }) => value.length !== CELL_BYTES)) return false;
  }
  return true;
}

async function cellSealKey(storageKey: StorageKey, region: HiddenRegion, use: 'encrypt' | 'decrypt') {
  const raw = derive(storageKey, new Uint8Array(0), 'vaultCell', new Uint8Array([region]));
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, [use]);
  wipe(raw);
  return key;
}
