// Ed25519 with one verdict everywhere (SPEC.md §3): WebCrypto where the browser has it, noble where it does not.

import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { base64urlnopad, concat, equal, hex, type Bytes } from '../bytes/bytes.ts';
import type { Seed, Signature, SigningKey } from './suite.ts';

/** Raw Ed25519 over bytes that already carry their label. `verify` is asked only about what `precheck` let pass. */
export interface Ed25519 {
  keyOf(seed: Seed): Promise<SigningKey>;
  sign(bytes: Bytes, seed: Seed): Promise<Signature>;
  verify(bytes: Bytes, signature: Bytes, key: SigningKey): Promise<boolean>;
}

const { Point } = ed25519;
/** The order of the group that honest keys live in (RFC 8032 §5.1). */
const ORDER = Point.Fn.ORDER;
/** Encoding of the neutral element: the one R that a torsion-free key can sign for without randomness. */
const IDENTITY = Point.ZERO.toBytes();
/** DER in front of a 32-byte seed (RFC 8410 §7). */
const PKCS8_PREFIX = hex.decode('302e020100300506032b657004220420')!;
/** How many keys' verdicts and handles are remembered: a large group several times over. */
const REMEMBERED_KEYS = 4_096;

const acceptable = new Map<string, boolean>();

/** Canonical, on the curve, in the prime-order group, not neutral. Costs a scalar multiplication; remembered. */
export function isAcceptableKey(key: Uint8Array): boolean {
  if (key.length !== 32) return false;
  const name = hex.encode(key);
  let verdict = acceptable.get(name);
  if (verdict === undefined) {
    verdict = isPrimeOrderPoint(key);
    remember(acceptable, name, verdict);
  }
  return verdict;
}

/** A key that was derived here, and so is a multiple of the base point: it need not be looked at. */
export function noteDerived(key: SigningKey): SigningKey {
  remember(acceptable, hex.encode(key), true);
  return key;
}

/** What every implementation must agree on before the equation: lengths, key, s < L, R not neutral. */
export function precheck(signature: Uint8Array, key: Uint8Array): boolean {
  if (signature.length !== 64 || !isAcceptableKey(key)) return false;
  if (littleEndian(signature.subarray(32)) >= ORDER) return false;
  // WebCrypto's own text refuses an R of small order, engines differ; with such a key only this R could pass.
  return !equal(signature.subarray(0, 32), IDENTITY);
}

/**
 * Computes the cofactorless equation itself: noble's own `verify` multiplies by the cofactor and so accepts R with a
 * small-order part, which WebCrypto refuses.
 */
export const nobleEd25519: Ed25519 = {
  keyOf: async (seed) => new Uint8Array(ed25519.getPublicKey(seed)) as SigningKey,
  sign: async (bytes, seed) => new Uint8Array(ed25519.sign(bytes, seed)) as Signature,
  verify: async (bytes, signature, key) => {
    const r = signature.subarray(0, 32);
    const s = littleEndian(signature.subarray(32));
    const k = littleEndian(sha512(concat(r, key, bytes))) % ORDER;
    const expected = Point.BASE.multiplyUnsafe(s).subtract(Point.fromBytes(key).multiplyUnsafe(k));
    return equal(expected.toBytes(), r);
  },
};

/** The browser's or Node's Ed25519, or `undefined` where there is none or it fails a known answer. */
export async function webEd25519(): Promise<Ed25519 | undefined> {
  const web = makeWebEd25519();
  try {
    const seed = KNOWN.seed as Seed;
    const signature = await web.sign(KNOWN.message, seed);
    // Signatures may be randomised (CryptoKit), so not compared; but noble must accept what the browser made.
    const isSigned = await nobleEd25519.verify(KNOWN.message, signature, KNOWN.key as SigningKey);
    const isGood = isSigned && equal(await web.keyOf(seed), KNOWN.key);
    return isGood && (await web.verify(KNOWN.message, KNOWN.signature, KNOWN.key as SigningKey)) ? web : undefined;
  } catch {
    return undefined; // NotSupportedError, or no WebCrypto at all: noble gives the same verdicts, more slowly
  }
}

/** RFC 8032 §7.1, test 2. */
const KNOWN = {
  seed: hex.decode('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb')!,
  key: hex.decode('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c')!,
  message: hex.decode('72')!,
  signature: hex.decode(
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
      '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  )!,
} as const;

function makeWebEd25519(): Ed25519 {
  // Handles live as long as the seed object that they belong to, in memory only: stored handles lie in clear on disk.
  const signingHandles = new WeakMap<Seed, Promise<CryptoKey>>();
  const verifyingHandles = new Map<string, Promise<CryptoKey>>();
  return {
    // A handle of the private half tells the public one in a JWK only. Beside the page: in it, it takes a millisecond.
    async keyOf(seed) {
      const handle = await crypto.subtle.importKey('pkcs8', concat(PKCS8_PREFIX, seed), 'Ed25519', true, ['sign']);
      const { x } = await crypto.subtle.exportKey('jwk', handle);
      const key = x === undefined ? undefined : base64urlnopad.decode(x);
      if (key?.length !== 32) throw new Error('ed25519: no public key');
      return key as SigningKey;
    },
    async sign(bytes, seed) {
      let handle = signingHandles.get(seed);
      if (handle === undefined) {
        const pkcs8 = concat(PKCS8_PREFIX, seed);
        handle = crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign']);
        signingHandles.set(seed, handle);
      }
      return new Uint8Array(await crypto.subtle.sign('Ed25519', await handle, bytes)) as Signature;
    },
    async verify(bytes, signature, key) {
      const name = hex.encode(key);
      let handle = verifyingHandles.get(name);
      if (handle === undefined) {
        handle = crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
        remember(verifyingHandles, name, handle);
      }
      return crypto.subtle.verify('Ed25519', await handle, signature, bytes);
    },
  };
}

function isPrimeOrderPoint(key: Uint8Array): boolean {
  try {
    const point = Point.fromBytes(key); // strict: y < p, and no negative zero
    return !point.is0() && point.isTorsionFree();
  } catch {
    return false;
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${hex.encode(Uint8Array.from(bytes).reverse())}`);
}

/** Oldest out first: whoever floods us with keys must not fill the memory. */
function remember<T>(map: Map<string, T>, name: string, value: T): void {
  if (map.size >= REMEMBERED_KEYS) map.delete(map.keys().next().value!);
  map.set(name, value);
}
