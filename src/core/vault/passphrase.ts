// From a passphrase to a key, slowly on purpose: Argon2id with the numbers every vault of this version uses.

import { argon2id } from 'hash-wasm';
import { utf8, type Bytes } from '../bytes/bytes.ts';

/** RFC 9106's second recommendation doubled in nothing but kept whole: 64 MiB, 3 passes; under 1.5 s on a phone. */
const STRETCH = { memoryKibibytes: 64 * 1024, passes: 3, lanes: 1, keyBytes: 32 } as const;

/** Turns a passphrase into 32 bytes. `progress` goes from 0 to 1, by estimate; the same for right and wrong ones. */
export type Stretch = (passphrase: string, salt: Bytes, progress?: (done: number) => void) => Promise<Bytes>;

/** One spelling for texts that look the same (RFC 8265, OpaqueString): composed, and every kind of space a space. */
export function canonicalPassphrase(passphrase: string): string {
  return passphrase.replace(/\p{Zs}/gu, ' ').normalize('NFC');
}

/** The one Argon2id run of an unlock. Blocks for most of a second: browsers run it in a Worker. */
export async function stretchPassphrase(passphrase: string, salt: Uint8Array): Promise<Bytes> {
  const key = await argon2id({
    // The zero byte lets the empty passphrase be answered like any wrong one; the library refuses empty input.
    password: utf8(`${canonicalPassphrase(passphrase)}\u0000`),
    salt,
    memorySize: STRETCH.memoryKibibytes,
    iterations: STRETCH.passes,
    parallelism: STRETCH.lanes,
    hashLength: STRETCH.keyBytes,
    outputType: 'binary',
  });
  return new Uint8Array(key);
}
