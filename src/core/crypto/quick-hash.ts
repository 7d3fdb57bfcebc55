// SHA-256 in WebAssembly. In Chromium the same in script takes nearly three times as long (9.3 against 3.5 µs for a message's
// header and body), and ten thousand missed messages are twenty thousand hashes.

import { createSHA256 } from 'hash-wasm';
import type { Bytes } from '../bytes/bytes.ts';
import { hashBy, type Sha256 } from './hash.ts';

/** Rejects where the platform has no WebAssembly. What was hashed last stays in the machine's memory until the next. */
export async function quickSha256(): Promise<Sha256> {
  const hasher = await createSHA256();
  return {
    begin: (bytes) => hasher.init().update(bytes).save(),
    goOn: (from) => void hasher.load(from as Uint8Array),
    update: (part) => void hasher.update(part),
    digest: () => hasher.digest('binary') as Bytes,
  };
}

/** From now on all that is hashed here is hashed so. */
export async function hashSooner(): Promise<void> {
  hashBy(await quickSha256());
}
