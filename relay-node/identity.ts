// Who this relay node is, kept over restarts: the key behind its peer id, and the certificate behind its address on
// webrtc-direct. Both lie in the data folder, readable by its owner only.

import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { base64urlnopad, hex } from '#core/bytes/text-forms.ts';
import type { Seed } from '#core/crypto/suite.ts';
import { makeCertificate } from './certificate.ts';

/** As @libp2p/webrtc wants it. */
export interface DirectCertificate {
  readonly pem: string;
  readonly privateKey: string;
  readonly certhash: string;
}

const SEED_BYTES = 32;
/** Multihash: sha2-256, 32 bytes. */
const MULTIHASH_PREFIX = Uint8Array.of(0x12, 0x20);

/** The data folder, made if it is not there. */
export function openDataFolder(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return path.resolve(folder);
}

/** The seed of the relay node's one signing key. Drawn at the first start. */
export function loadOrMakeSeed(folder: string): Seed {
  const file = path.join(folder, 'relay.key');
  if (!existsSync(file)) writePrivately(file, `${hex.encode(randomBytes(SEED_BYTES))}\n`);
  const seed = hex.decode(readFileSync(file, 'utf8').trim());
  // Never drawn anew over a damaged one: every card that names this relay node would silently point nowhere.
  if (seed?.length !== SEED_BYTES) throw new Error(`${file} is damaged: restore it, or move it away to start anew.`);
  return seed as Seed;
}

/** Ten years long, because its hash is part of the address that apps remember. */
export function loadOrMakeCertificate(folder: string): DirectCertificate {
  const certFile = path.join(folder, 'webrtc-direct.crt');
  const keyFile = path.join(folder, 'webrtc-direct.key');
  if (!existsSync(certFile) || !existsSync(keyFile)) {
    const made = makeCertificate();
    writePrivately(keyFile, made.privateKey);
    writePrivately(certFile, made.pem);
  }
  const pem = readFileSync(certFile, 'utf8');
  const digest = createHash('sha256').update(new X509Certificate(pem).raw).digest();
  const certhash = `u${base64urlnopad.encode(Buffer.concat([MULTIHASH_PREFIX, digest]))}`;
  return { pem, privateKey: readFileSync(keyFile, 'utf8'), certhash };
}

/** Whole or not at all, and never readable by others, not even for a moment. */
function writePrivately(file: string, content: string): void {
  writeFileSync(`${file}.new`, content, { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
}
