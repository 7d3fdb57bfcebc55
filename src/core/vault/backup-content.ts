// What lies inside the age file of a backup: a line a person can read, a length, the exported state, filling.

import { concat, equal, utf8, type Bytes } from '../bytes/bytes.ts';
import { WireError } from '../wire/wire-error.ts';

const FAMILY = utf8('understory-backup/');
const VERSION = utf8('1\n');
const LENGTH_BYTES = 4;
const HEAD_BYTES = FAMILY.length + VERSION.length + LENGTH_BYTES;
const SMALLEST_BYTES = 4_096;
/** More than any device holds by far; a larger file would only fill the memory. */
export const MAX_BACKUP_BYTES = 512 * 1024 * 1024;

/** Never compressed: what others wrote would be packed together with secrets, and sizes would tell of them. */
export function encodeBackupContent(state: Uint8Array): Bytes {
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, state.length);
  const filling = new Uint8Array(filledLength(HEAD_BYTES + state.length) - HEAD_BYTES - state.length);
  return concat(FAMILY, VERSION, length, state, filling);
}

/** Throws `WireError`: `unknown-version` for a later form of backup. */
export function decodeBackupContent(content: Uint8Array): Bytes {
  if (content.length > MAX_BACKUP_BYTES) throw new WireError('too-long', 'backup');
  if (content.length < HEAD_BYTES) throw new WireError('truncated', 'backup');
  if (!equal(content.slice(0, FAMILY.length), FAMILY)) throw new WireError('bad-field', 'backup');
  const lengthAt = HEAD_BYTES - LENGTH_BYTES;
  if (!equal(content.slice(FAMILY.length, lengthAt), VERSION)) throw new WireError('unknown-version', 'backup');
  const length = new DataView(content.buffer, content.byteOffset).getUint32(lengthAt);
  const filled = filledLength(HEAD_BYTES + length);
  if (content.length < filled) throw new WireError('truncated', 'backup');
  if (content.length > filled) throw new WireError('trailing-bytes', 'backup');
  if (content.subarray(HEAD_BYTES + length).some((byte) => byte !== 0)) throw new WireError('not-canonical', 'backup');
  return new Uint8Array(content.slice(HEAD_BYTES, HEAD_BYTES + length));
}

/**
 * Padmé (Nikitin et al., 2019): at most 12 % longer, and the length tells a few bits of the true one only: as many
 * leading binary digits are kept as it takes to write down how many digits there are.
 */
function filledLength(length: number): number {
  if (length <= SMALLEST_BYTES) return SMALLEST_BYTES;
  const digits = Math.floor(Math.log2(length));
  const step = 2 ** (digits - Math.floor(Math.log2(digits)) - 1);
  return Math.ceil(length / step) * step;
}
