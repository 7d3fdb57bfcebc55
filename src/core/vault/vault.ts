// The vault: made once, opened with a passphrase. What lies on disk without one tells its version and nothing else.

import { wipe } from '../bytes/bytes.ts';
import type { Bytes } from '../bytes/bytes.ts';
import { derive } from '../crypto/hash.ts';
import type { Random } from '../ports.ts';
import { emptyCells, fillHiddenRegions } from './hidden-regions.ts';
import type { Stretch } from './passphrase.ts';
import type { DiskWrite, RowDisk } from './row-disk.ts';
import { SealedRows } from './sealed-rows.ts';
import { openSlots, randomSlot, sealSlot, type StorageKey } from './slots.ts';
import {
  AREA,
  headerWrites,
  readVault,
  SALT_BYTES,
  SLOTS,
  UNFINISHED_WRITE,
  type VaultHeader,
} from './vault-header.ts';

export interface VaultPorts {
  readonly disk: RowDisk;
  readonly random: Random;
  readonly stretch: Stretch;
  /** From 0 to 1. */
  readonly progress?: (done: number) => void;
  /** Gets the key of what is kept under a second asking (SPEC §8) while the passphrase is at hand; wipe it soon. */
  readonly second?: (key: Bytes) => void;
}

export interface NewVault extends VaultPorts {
  readonly passphrase: string;
  /** Puts what the vault begins with into its rows, before the vault counts as made. */
  readonly fill?: (rows: SealedRows) => Promise<void>;
}

export type VaultAnswer =
  | { readonly is: 'open'; readonly rows: SealedRows }
  | { readonly is: 'wrong-passphrase' | 'none' | 'damaged' | 'newer-version' };

/**
 * Makes a vault where none can be opened. It exists from the last commit on, which writes the header; whatever stops
 * it before leaves a disk that reads as empty. Rejects with `StorageFault`.
 */
export async function createVault(vault: NewVault): Promise<SealedRows> {
  const { disk, random, passphrase, progress } = vault;
  const reading = await readVault(disk);
  if (reading.is === 'vault' || reading.is === 'newer-version') throw new Error('a vault is never written over');
  await disk.commit([UNFINISHED_WRITE, ...(await leftovers(disk))], 'strict');
  const salt = random.bytes(SALT_BYTES);
  const stretched = await besideFilling(vault.stretch(passphrase, salt, progress), fillHiddenRegions(disk, random));
  const storageKey = random.bytes(32) as StorageKey;
  const header = await newHeader({ stretched, salt, storageKey, random });
  const rows = await SealedRows.open(disk, storageKey, random);
  vault.second?.(secondKeyOf(stretched, salt));
  wipe(stretched);
  await vault.fill?.(rows);
  await disk.commit(headerWrites(header), 'strict');
  wipe(storageKey);
  return rows;
}

/**
 * Filling takes about as long as the one Argon2id run, which has a Worker of its own. Both have ended when this
 * rejects: progress that is told after a failure would look like work going on.
 */
async function besideFilling(stretching: Promise<Bytes>, filling: Promise<void>): Promise<Bytes> {
  const [stretched, filled] = await Promise.allSettled([stretching, filling]);
  if (filled.status === 'rejected') throw filled.reason;
  if (stretched.status === 'rejected') throw stretched.reason;
  return stretched.value;
}

interface HeaderParts {
  readonly stretched: Bytes;
  readonly salt: Bytes;
  readonly storageKey: StorageKey;
  readonly random: Random;
}

/** The main region's slot is any of the four, so that a slot's place says nothing about what it opens. */
async function newHeader({ stretched, salt, storageKey, random }: HeaderParts): Promise<VaultHeader> {
  const slots: Bytes[] = [];
  const main = random.bytes(1)[0]! % SLOTS;
  for (let slot = 0; slot < SLOTS; slot++) {
    const content = { slot, region: 0, storageKey } as const;
    slots.push(slot === main ? await sealSlot(stretched, salt, content, random) : randomSlot(random));
  }
  return { salt, slots };
}

/** Makes room again after a vault could not be finished. Does nothing where there is a vault; never rejects. */
export async function clearUnfinishedVault(disk: RowDisk): Promise<void> {
  try {
    if ((await readVault(disk)).is !== 'none') return;
    await disk.commit([...(await leftovers(disk)), ...emptyCells()], 'relaxed');
  } catch {
    // The next attempt writes over what is left.
  }
}

/** Removes a vault for good: first what opens it, then the rest. Rejects with `StorageFault`. */
export async function eraseVault(disk: RowDisk): Promise<void> {
  const areas = await disk.range(new Uint8Array([0]), new Uint8Array([255]));
  const isHeader = ({ key }: { readonly key: Bytes }): boolean => key[0] === AREA.header;
  const gone = ({ key }: { readonly key: Bytes }): DiskWrite => ({ key, value: null });
  await disk.commit(areas.filter(isHeader).map(gone), 'strict');
  await disk.commit(areas.filter((row) => !isHeader(row)).map(gone), 'strict');
}

/** Rows of an unfinished or unreadable vault: nobody has their key any more. */
async function leftovers(disk: RowDisk): Promise<DiskWrite[]> {
  const rows = await disk.range(new Uint8Array([AREA.rows]), new Uint8Array([AREA.rows + 1]));
  return rows.map(({ key }) => ({ key, value: null }));
}

/** Opens the region that the passphrase is for. Rejects with `StorageFault`. */
export async function unlockVault(ports: VaultPorts, passphrase: string): Promise<VaultAnswer> {
  const { disk, random } = ports;
  const reading = await readVault(disk);
  if (reading.is !== 'vault') return reading;
  const stretched = await ports.stretch(passphrase, reading.header.salt, ports.progress);
  const slot = await openSlots(stretched, reading.header);
  if (slot?.region === 0) ports.second?.(secondKeyOf(stretched, reading.header.salt));
  wipe(stretched);
  // This version reads the main region only. A hidden one that a later version made must not show here.
  if (slot === undefined || slot.region !== 0) return { is: 'wrong-passphrase' };
  const rows = await SealedRows.open(disk, slot.storageKey, random);
  wipe(slot.storageKey);
  if (reading.damagedCopies > 0) await disk.commit(headerWrites(reading.header), 'strict').catch(() => undefined);
  return { is: 'open', rows };
}

/** Asks for the passphrase again: the key of what the open vault does not open, `undefined` for another passphrase. */
export async function askAgain(
  ports: Pick<VaultPorts, 'disk' | 'stretch'>,
  passphrase: string,
): Promise<Bytes | undefined> {
  const reading = await readVault(ports.disk);
  if (reading.is !== 'vault') return undefined;
  const stretched = await ports.stretch(passphrase, reading.header.salt);
  const slot = await openSlots(stretched, reading.header);
  const key = slot?.region === 0 ? secondKeyOf(stretched, reading.header.salt) : undefined;
  if (slot !== undefined) wipe(slot.storageKey);
  wipe(stretched);
  return key;
}

function secondKeyOf(stretched: Bytes, salt: Bytes): Bytes {
  return derive(stretched, salt, 'vaultSecond', new Uint8Array(0));
}

/**
 * A second passphrase for the same region: the header to write. Every passphrase in use must be given by the caller's
 * caller; a slot cannot be told from a free one (SPEC §3).
 */
export async function addPassphrase(
  reading: { readonly header: VaultHeader; readonly inUse: readonly number[] },
  content: { readonly stretched: Bytes; readonly region: 0 | 1 | 2 | 3; readonly storageKey: StorageKey },
  random: Random,
): Promise<VaultHeader | undefined> {
  const free = reading.header.slots.findIndex((_, slot) => !reading.inUse.includes(slot));
  if (free < 0) return undefined;
  const slots = [...reading.header.slots];
  slots[free] = await sealSlot(content.stretched, reading.header.salt, { ...content, slot: free }, random);
  return { salt: reading.header.salt, slots };
}
