// Prints tests/vectors/crypto/ed25519-verdicts.json: signatures on which Ed25519 implementations are known to differ
// ("Taming the many EdDSAs", 2020, and what follows from it), made from fixed scalars so that they come out alike.
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concat, hex } from '#core/bytes/bytes.ts';
import { labelPrefix } from '#core/crypto/hash.ts';

type Point = InstanceType<typeof ed25519.Point>;

interface VerdictCase {
  readonly name: string;
  readonly key: string;
  readonly message: string;
  readonly signature: string;
  readonly keyAcceptable: boolean;
  readonly valid: boolean;
}

const { Point: Curve } = ed25519;
const L = Curve.Fn.ORDER;
const BASE = Curve.BASE;
/** A point of order 8; its multiples are all points of small order. */
const TORSION = Curve.fromBytes(hex.decode('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a')!);
const SECRET = 0x0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdn % L;
const NONCE = 0x0fedcba9876543210fedcba9876543210fedcba9876543210fedcba987654321n % L;
const KEY = BASE.multiply(SECRET);
const MESSAGE = new TextEncoder().encode('what was signed');

const cases: VerdictCase[] = [
  made('honest', { key: KEY, r: BASE.multiply(NONCE) }),
  { ...made('honest, another message', { key: KEY, r: BASE.multiply(NONCE) }), message: '00', valid: false },
  shifted('s + L', 1n),
  shifted('s + 2 L', 2n),
  { ...made('one bit of R changed', { key: KEY, r: BASE.multiply(NONCE) }), ...flipped(3) },
  { ...made('one bit of s changed', { key: KEY, r: BASE.multiply(NONCE) }), ...flipped(40) },
  { ...made('signature of 63 bytes', { key: KEY, r: BASE.multiply(NONCE) }), ...cut(63) },
  { ...made('empty signature', { key: KEY, r: BASE.multiply(NONCE) }), ...cut(0) },
  ...multiples().map((torsion, i) =>
    made(`R with a part of small order ${i + 1}`, { key: KEY, r: BASE.multiply(NONCE).add(torsion), valid: false }),
  ),
  made('R is the neutral element', { key: KEY, r: Curve.ZERO, nonce: 0n, valid: false }),
  ...multiples().map((torsion, i) =>
    made(`R of small order ${i + 1}`, { key: KEY, r: torsion, nonce: 0n, valid: false }),
  ),
  withR(
    'R is the neutral element spelt with y = p + 1',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ),
  withR('R is the neutral element spelt with a negative zero', `01${'00'.repeat(30)}80`),
  withR('R is not on the curve', `02${'00'.repeat(31)}`),
  ...multiples().map((torsion, i) =>
    made(`key with a part of small order ${i + 1}`, { key: KEY.add(torsion), r: BASE.multiply(NONCE), keyBad: true }),
  ),
  ...multiples().map((torsion, i) =>
    made(`key of small order ${i + 1}`, { key: torsion, r: BASE.multiply(NONCE), secret: 0n, keyBad: true }),
  ),
  made('key is the neutral element', { key: Curve.ZERO, r: BASE.multiply(NONCE), secret: 0n, keyBad: true }),
  withKey(
    'key is the neutral element spelt with y = p + 1',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ),
  withKey('key is the neutral element spelt with a negative zero', `01${'00'.repeat(30)}80`),
  withKey('key spelt with y = p', 'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'),
  withKey('key of ones', 'ff'.repeat(32)),
  withKey('key is not on the curve', `02${'00'.repeat(31)}`),
  withKey('key of 31 bytes', '11'.repeat(31)),
];

console.log(JSON.stringify({ spec: 'crypto/SPEC.md §3', label: 'us/op/v1', cases }, undefined, 2));

interface Recipe {
  readonly key: Point;
  readonly r: Point;
  readonly secret?: bigint;
  readonly nonce?: bigint;
  readonly valid?: boolean;
  readonly keyBad?: boolean;
}

/** R ‖ s with s = nonce + k · secret: what satisfies the equation up to parts of small order. */
function made(name: string, recipe: Recipe): VerdictCase {
  const { key, r, secret = SECRET, nonce = NONCE, keyBad = false } = recipe;
  const s = (nonce + challenge(r.toBytes(), key.toBytes()) * secret) % L;
  return entry(name, [key.toBytes(), concat(r.toBytes(), scalar(s))], { keyBad, valid: recipe.valid ?? !keyBad });
}

function shifted(name: string, times: bigint): VerdictCase {
  const r = BASE.multiply(NONCE);
  const s = (NONCE + challenge(r.toBytes(), KEY.toBytes()) * SECRET) % L;
  return entry(name, [KEY.toBytes(), concat(r.toBytes(), scalar(s + times * L))], { keyBad: false, valid: false });
}

/** R given as it is spelt; s satisfies the equation if R stood for the neutral element. */
function withR(name: string, spelling: string): VerdictCase {
  const r = hex.decode(spelling)!;
  const s = (challenge(r, KEY.toBytes()) * SECRET) % L;
  return entry(name, [KEY.toBytes(), concat(r, scalar(s))], { keyBad: false, valid: false });
}

/** A key given as it is spelt; the signature would be good if it stood for the neutral element. */
function withKey(name: string, spelling: string): VerdictCase {
  const signature = concat(BASE.multiply(NONCE).toBytes(), scalar(NONCE));
  return entry(name, [hex.decode(spelling)!, signature], { keyBad: true, valid: false });
}

function entry(
  name: string,
  [key, signature]: readonly [Uint8Array, Uint8Array],
  verdict: { readonly keyBad: boolean; readonly valid: boolean },
): VerdictCase {
  return {
    name,
    key: hex.encode(key),
    message: hex.encode(MESSAGE),
    signature: hex.encode(signature),
    keyAcceptable: !verdict.keyBad,
    valid: verdict.valid,
  };
}

function honestSignature(): Uint8Array {
  return hex.decode(made('', { key: KEY, r: BASE.multiply(NONCE) }).signature)!;
}

function flipped(at: number): { signature: string; valid: false } {
  const signature = honestSignature();
  signature[at]! ^= 1;
  return { signature: hex.encode(signature), valid: false };
}

function cut(length: number): { signature: string; valid: false } {
  return { signature: hex.encode(honestSignature().slice(0, length)), valid: false };
}

function multiples(): Point[] {
  return [1n, 2n, 3n, 4n, 5n, 6n, 7n].map((times) => TORSION.multiplyUnsafe(times));
}

function challenge(r: Uint8Array, key: Uint8Array): bigint {
  const digest = sha512(concat(r, key, labelPrefix('op'), MESSAGE));
  return BigInt(`0x${hex.encode(digest.reverse())}`) % L;
}

function scalar(value: bigint): Uint8Array {
  return hex.decode(value.toString(16).padStart(64, '0'))!.reverse();
}
