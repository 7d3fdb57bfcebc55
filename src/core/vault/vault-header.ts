// The vault's header: version, salt and four slots, in three checked copies, so that one bad byte does not lose all.

import { concat, equal, type Bytes } from '../bytes/bytes.ts';
import { hash } from '../crypto/hash.ts';
import { WireError } from '../wire/wire-error.ts';
import type { DiskWrite, RowDisk } from './row-disk.ts';

export const VAULT_VERSION = 1;
export const SALT_BYTES = 32;
/** One for the main region and one for each hidden region; how many are in use cannot be told (SPEC §3). */
export const SLOTS = 4;
/** nonce(12) ‖ AES-256-GCM of 48 bytes ‖ tag(16). */
export const SLOT_BYTES = 12 + 48 + 16;
const CHECKSUM_BYTES = 8;
const HEADER_BYTES = 1 + SALT_BYTES + SLOTS * SLOT_BYTES + CHECKSUM_BYTES;
const COPIES = 3;

/** First byte of every key on disk: what the row belongs to (SPEC §2). */
export const AREA = { header: 0, rows: 1, hidden: 2 } as const;
/** Exists from the first write of a new vault until its header is written: what lies there then was never a vault. */
const UNFINISHED = new Uint8Array([AREA.header, 0xff]);

export interface VaultHeader {
  readonly salt: Bytes;
  readonly slots: readonly Bytes[];
}

/** What a disk holds. `damaged`: there was a vault, and no copy of its header can be read. */
export type VaultReading =
  | { readonly is: 'none' }
  | { readonly is: 'vault'; readonly header: VaultHeader; readonly damagedCopies: number }
  | { readonly is: 'damaged' }
  | { readonly is: 'newer-version' };

export function encodeVaultHeader(header: VaultHeader): Bytes {
  const body = concat(new Uint8Array([VAULT_VERSION]), header.salt, ...header.slots);
  return concat(body, checksum(body));
}

export function decodeVaultHeader(bytes: Uint8Array): VaultHeader {
  if (bytes.length < 1 + CHECKSUM_BYTES) throw new WireError('truncated', 'vault-header');
  const body = bytes.slice(0, -CHECKSUM_BYTES);
  // The checksum comes first: a flipped version byte must not pass for a newer version.
  if (!equal(checksum(body), bytes.slice(-CHECKSUM_BYTES))) throw new WireError('bad-field', 'vault-header');
  if (body[0] !== VAULT_VERSION) throw new WireError('unknown-version', 'vault-header');
  if (bytes.length !== HEADER_BYTES) {
    throw new WireError(bytes.length < HEADER_BYTES ? 'truncated' : 'trailing-bytes', 'vault-header');
  }
  const slots: Bytes[] = [];
  for (let i = 0; i < SLOTS; i++) slots.push(body.slice(1 + SALT_BYTES + i * SLOT_BYTES).slice(0, SLOT_BYTES));
  return { salt: body.slice(1, 1 + SALT_BYTES), slots };
}

/** The same bytes with a checksum that fits; for tests that look behind it. */
export function withHeaderChecksum(bytes: Uint8Array): Bytes {
  const body = bytes.slice(0, Math.max(0, bytes.length - CHECKSUM_BYTES));
  return concat(body, checksum(body));
}

function checksum(body: Uint8Array): Bytes {
  return hash('vaultHeader', body).slice(0, CHECKSUM_BYTES);
}

/** Looks at a disk without any secret. Rejects with `StorageFault` when the disk cannot be read. */
export async function readVault(disk: RowDisk): Promise<VaultReading> {
  const rows = await disk.range(new Uint8Array([AREA.header]), new Uint8Array([AREA.header + 1]));
  const copies = rows.filter(({ key }) => key.length === 2 && key[1]! < COPIES);
  let newer = false;
  for (const { value } of copies) {
    try {
      return { is: 'vault', header: decodeVaultHeader(value), damagedCopies: damagedCopies(rows, value) };
    } catch (fault) {
      if (fault instanceof WireError && fault.fault === 'unknown-version') newer = true;
    }
  }
  if (newer) return { is: 'newer-version' };
  if (rows.some(({ key }) => equal(key, UNFINISHED))) return { is: 'none' };
  if (copies.length > 0) return { is: 'damaged' };
  // Rows without any header: there was a vault. To call this an empty device would invite a second identity.
  const lost = await disk.range(new Uint8Array([AREA.rows]), new Uint8Array([AREA.rows + 1]));
  return lost.length > 0 ? { is: 'damaged' } : { is: 'none' };
}

function damagedCopies(rows: readonly { readonly value: Bytes; readonly key: Bytes }[], intact: Bytes): number {
  let same = 0;
  for (const { key, value } of rows) if (key[1]! < COPIES && equal(value, intact)) same++;
  return COPIES - same;
}

/**
 * The writes that make a header the one in force. The mark of an unfinished vault goes last, so that a torn batch
 * leaves a vault and not the ruins of one.
 */
export function headerWrites(header: VaultHeader): DiskWrite[] {
  const value = encodeVaultHeader(header);
  const writes: DiskWrite[] = [];
  for (let copy = 0; copy < COPIES; copy++) writes.push({ key: new Uint8Array([AREA.header, copy]), value });
  return [...writes, { key: UNFINISHED, value: null }];
}

/** The write that begins the making of a new vault. */
export const UNFINISHED_WRITE: DiskWrite = { key: UNFINISHED, value: new Uint8Array([VAULT_VERSION]) };
