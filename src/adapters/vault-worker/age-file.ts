// Backups as age files under a passphrase (age-encryption.org/v1, scrypt): the `age` tool opens them too.

import { armor, Decrypter, Encrypter } from 'age-encryption';
import type { Bytes } from '#core/bytes/bytes.ts';
import { decodeBackupContent, encodeBackupContent, MAX_BACKUP_BYTES } from '#core/vault/backup-content.ts';
import { canonicalPassphrase } from '#core/vault/passphrase.ts';
import { WireError } from '#core/wire/wire-error.ts';

/** 2^18 scrypt rounds at 1 KiB: age's default, a second of work and 256 MiB on the way. */
const WORK_FACTOR = 18;

export type BackupReading =
  | { readonly is: 'open'; readonly state: Bytes }
  | { readonly is: 'wrong-passphrase' | 'not-a-backup' | 'newer-version' };

/** `workFactor` is lower in tests only. */
export async function sealBackupFile(state: Uint8Array, passphrase: string, workFactor = WORK_FACTOR): Promise<Bytes> {
  const encrypter = new Encrypter();
  encrypter.setScryptWorkFactor(workFactor);
  encrypter.setPassphrase(canonicalPassphrase(passphrase));
  return new Uint8Array(await encrypter.encrypt(encodeBackupContent(state)));
}

/** Never rejects: whatever is wrong with a file is an answer. */
export async function openBackupFile(file: Uint8Array, passphrase: string): Promise<BackupReading> {
  const binary = dearmor(file);
  if (binary === undefined || binary.length > MAX_BACKUP_BYTES) return { is: 'not-a-backup' };
  const [version, stanza] = firstLines(binary);
  if (version !== 'age-encryption.org/v1') {
    return { is: /^age-encryption\.org\/v\d+$/.test(version) ? 'newer-version' : 'not-a-backup' };
  }
  if (!stanza.startsWith('-> scrypt ')) return { is: 'not-a-backup' };
  const decrypter = new Decrypter();
  decrypter.addPassphrase(canonicalPassphrase(passphrase));
  try {
    return { is: 'open', state: decodeBackupContent(await decrypter.decrypt(binary)) };
  } catch (cause) {
    return { is: whyNot(cause) };
  }
}

function whyNot(cause: unknown): 'wrong-passphrase' | 'not-a-backup' | 'newer-version' {
  if (cause instanceof WireError) return cause.fault === 'unknown-version' ? 'newer-version' : 'not-a-backup';
  // The library tells this apart by its words only; a test watches them.
  const isPassphrase = cause instanceof Error && cause.message === "no identity matched any of the file's recipients";
  return isPassphrase ? 'wrong-passphrase' : 'not-a-backup';
}

/** The age tool's text form is accepted as well; `undefined` where it is damaged. */
function dearmor(file: Uint8Array): Uint8Array | undefined {
  const head = new TextDecoder().decode(file.subarray(0, 64)).trimStart();
  if (!head.startsWith('-----BEGIN AGE ENCRYPTED FILE-----')) return file;
  try {
    return armor.decode(new TextDecoder().decode(file));
  } catch {
    return undefined;
  }
}

function firstLines(file: Uint8Array): [version: string, stanza: string] {
  const [version = '', stanza = ''] = new TextDecoder().decode(file.subarray(0, 256)).split('\n');
  return [version, stanza];
}
