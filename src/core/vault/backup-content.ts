// What lies inside the age file of a backup: a line a person can read, a length, the exported state, filling.

import { concat, equal, utf8, type Bytes } from '../bytes/bytes.ts';
import { WireError } from '../wire/wire-error.ts';

const FAMILY = utf8('understory-backup/');
const VERSION = utf8('1\n');
const LENGTH_BYTES = 4;
/** The file's size tells the state's size to this much only. */
const ROUND_BYTES = 64 * 1024;
/** More than any device holds by far; a larger file would only fill the memory. */
export const MAX_BACKUP_BYTES = 512 * 1024 * 1024;

/** Never compressed: what others wrote would be packed together with secrets, and sizes would tell of them. */
export function encodeBackupContent(state: Uint8Array): Bytes {
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, state.length);
  const whole = concat(FAMILY, VERSION, length, state);
  return concat(whole, new Uint8Array((ROUND_BYTES - (whole.length % ROUND_BYTES)) % ROUND_BYTES));
}

/** Throws `WireError`: `unknown-version` for a later form of backup. */
export function decodeBackupContent(content: Uint8Array): Bytes {
  if (content.length > MAX_BACKUP_BYTES) throw new WireError('too-long', 'backup');
  if (!equal(content.slice(0, FAMILY.length), FAMILY)) throw new WireError('bad-field', 'backup');
  const versionEnd = FAMILY.length + VERSION.length;
  if (!equal(content.slice(FAMILY.length, versionEnd), VERSION)) throw new WireError('unknown-version', 'backup');
  const start = versionEnd + LENGTH_BYTES;
  if (content.length < start || content.length % ROUND_BYTES !== 0) throw new WireError('truncated', 'backup');
  const length = new DataView(content.buffer, content.byteOffset + versionEnd).getUint32(0);
  const filled = Math.ceil((start + length) / ROUND_BYTES) * ROUND_BYTES;
  if (filled !== content.length) throw new WireError('bad-field', 'backup');
  for (let i = start + length; i < content.length; i++) {
    if (content[i] !== 0) throw new WireError('not-canonical', 'backup');
  }
  return new Uint8Array(content.slice(start, start + length));
}
