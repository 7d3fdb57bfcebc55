// Primitives that cost almost nothing and keep only what a simulated world checks: a changed byte is noticed, a wrong key
// does not open, a label counts. They keep no secret and stop no forger; 1 world in 10 runs on the ones that ship.

import type { Bytes } from '#core/bytes/bytes.ts';
import {
  SealFault,
  type AeadKey,
  type CryptoSuite,
  type SealingKey,
  type SealingSuite,
  type Seed,
  type Signature,
  type SigningKey,
} from '#core/crypto/suite.ts';

/** Lengths of the real ones, so that envelopes are as long as they will be. */
const SIGNATURE_BYTES = 64;
const TAG_BYTES = 16;
const SEALING_BYTES = { 1: 1_216, 2: 32 } as const;
const ENCAPSULATION_BYTES = { 1: 1_120, 2: 32 } as const;

export function makeCheapSuite(): CryptoSuite {
  const suite: CryptoSuite = {
    signingKeyOf: (seed) => Promise.resolve(digest(32, 'sign', seed) as SigningKey),
    sign: (label, message, seed) => Promise.resolve(signatureOf(label, message, digest(32, 'sign', seed))),
    verify: (label, message, signature, key) => Promise.resolve(same(signatureOf(label, message, key), signature)),
    isAcceptableKey: (key) => key.length === 32 && key.some((byte) => byte !== 0),
    sealingKeyOf: (seed, kind) => Promise.resolve(sealingKeyOf(seed, kind)),
    wrap: (to, secret, { label, associated, psk, coins }) => {
      const kind = to[0] as SealingSuite;
      const encapsulation = digest(ENCAPSULATION_BYTES[kind], 'coins', coins);
      const key = digest(32, label, to, encapsulation, psk ?? NOTHING) as AeadKey;
      return Promise.resolve(join(encapsulation, suite.seal(key, NOTHING, secret, associated)));
    },
    unwrap: (seed, kind, wrapped, { label, associated, psk }) => {
      const length = ENCAPSULATION_BYTES[kind];
      if (wrapped.length < length + TAG_BYTES) return Promise.reject(new SealFault());
      const to = sealingKeyOf(seed, kind);
      const key = digest(32, label, to, wrapped.subarray(0, length), psk ?? NOTHING) as AeadKey;
      try {
        return Promise.resolve(suite.open(key, NOTHING, wrapped.subarray(length), associated));
      } catch {
        return Promise.reject(new SealFault());
      }
    },
    seal: (key, nonce, plain, associated) => {
      const sealed = new Uint8Array(plain.length + TAG_BYTES);
      mask(sealed, plain, key);
      sealed.set(digest(TAG_BYTES, 'tag', key, nonce, plain, associated), plain.length);
      return sealed;
    },
    open: (key, nonce, sealed, associated) => {
      if (sealed.length < TAG_BYTES) throw new SealFault();
      const plain = new Uint8Array(sealed.length - TAG_BYTES);
      mask(plain, sealed.subarray(0, plain.length), key);
      const tag = digest(TAG_BYTES, 'tag', key, nonce, plain, associated);
      if (!same(tag, sealed.subarray(plain.length))) throw new SealFault();
      return plain;
    },
  };
  return suite;
}

const NOTHING = new Uint8Array(0);

function signatureOf(label: string, message: Uint8Array, key: Uint8Array): Signature {
  return digest(SIGNATURE_BYTES, label, key, message) as Signature;
}

function sealingKeyOf(seed: Seed, kind: SealingSuite): SealingKey {
  return join(new Uint8Array([kind]), digest(SEALING_BYTES[kind], 'seal', seed)) as SealingKey;
}

/** So that sealed bytes hold neither plain text nor, where that is all zeros, the key. */
function mask(into: Uint8Array, from: Uint8Array, key: Uint8Array): void {
  for (let i = 0; i < from.length; i++) into[i] = from[i]! ^ key[i & 31]! ^ (Math.imul(i + 1, 0x9e3779b1) >>> 24);
}

/** Two murmur-like lanes over everything, four bytes at a time, then as many bytes as asked for. */
function digest(length: number, label: string, ...parts: readonly Uint8Array[]): Bytes {
  let h1 = 0xdeadbeef;
  let h2 = 0x41c6ce57;
  for (let i = 0; i < label.length; i++) h1 = Math.imul(h1 ^ label.charCodeAt(i), 0x9e3779b1);
  for (const part of parts) {
    h2 = Math.imul(h2 ^ part.length, 0x5f356495);
    for (let i = 0; i < part.length; i += 4) {
      const word = i + 4 <= part.length ? wordAt(part, i) : lastWordAt(part, i);
      h1 = Math.imul(h1 ^ word, 0x85ebca77);
      h1 = (h1 << 13) | (h1 >>> 19);
      h2 = Math.imul(h2 ^ word, 0xc2b2ae3d);
      h2 = (h2 << 11) | (h2 >>> 21);
    }
  }
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 8) {
    h1 = Math.imul(h1 ^ (h1 >>> 16), 0x2c1b3c6d) + 0x6d2b79f5;
    h2 = Math.imul(h2 ^ (h2 >>> 15) ^ h1, 0x297a2d39) + 0x9e3779b9;
    const word1 = h1 ^ (h1 >>> 15);
    const word2 = h2 ^ (h2 >>> 16);
    for (let i = 0; i < 4; i++) {
      if (at + i < length) bytes[at + i] = word1 >>> (8 * i);
      if (at + 4 + i < length) bytes[at + 4 + i] = word2 >>> (8 * i);
    }
  }
  return bytes;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** The length of a part counts too, so that zeros behind it change nothing. */
function lastWordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function join(a: Uint8Array, b: Uint8Array): Bytes {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}
