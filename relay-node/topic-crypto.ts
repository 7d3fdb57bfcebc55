// Signatures for the custodian, by Node's own OpenSSL off the main thread. Of the crypto suite a relay node needs only
// these three: it seals and opens nothing.

import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import type { Bytes } from '#core/bytes/bytes.ts';
import { concat } from '#core/bytes/bytes.ts';
import { labelPrefix } from '#core/crypto/hash.ts';
import type { Seed, Signature, SigningKey } from '#core/crypto/suite.ts';
import type { TopicCrypto } from '#core/mailbox/topic-key.ts';

/** DER in front of a 32-byte Ed25519 key (RFC 8410 §4 and §7). */
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
/** Keys of topics kept ready: parsing one costs as much as a fifth of a verification. */
const REMEMBERED_KEYS = 4_096;

/**
 * Weak topic keys (small order) are not looked for, unlike in apps: whoever makes one lets strangers into a mailbox of
 * their own, and looking would cost more than the signature.
 */
export function makeTopicCrypto(): TopicCrypto {
  const keys = new Map<string, KeyObject>();
  return {
    signingKeyOf: async (seed) => publicKeyOf(seed),
    sign: async (label, message, seed) =>
      new Uint8Array(sign(null, concat(labelPrefix(label), message), privateKey(seed))) as Signature,
    verify: (label, message, signature, key) =>
      new Promise((resolve) => {
        const known = publicKey(key, keys);
        if (known === undefined || signature.length !== 64) return resolve(false);
        verify(null, concat(labelPrefix(label), message), known, signature, (fault, isGood) =>
          resolve(fault === null && isGood),
        );
      }),
  };
}

function privateKey(seed: Seed): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, seed]), format: 'der', type: 'pkcs8' });
}

/** The public half of a seed. */
function publicKeyOf(seed: Seed): SigningKey {
  const der = createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' });
  return new Uint8Array(der.subarray(PUBLIC_PREFIX.length)) as Bytes as SigningKey;
}

function publicKey(key: SigningKey, keys: Map<string, KeyObject>): KeyObject | undefined {
  const name = Buffer.from(key).toString('base64');
  let known = keys.get(name);
  if (known === undefined) {
    try {
      known = createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, key]), format: 'der', type: 'spki' });
    } catch {
      return undefined; // not a point
    }
    if (keys.size >= REMEMBERED_KEYS) keys.delete(keys.keys().next().value!);
    keys.set(name, known);
  }
  return known;
}
