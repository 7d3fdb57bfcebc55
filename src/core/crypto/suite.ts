// The primitives behind one interface: the shipped suite, and a cheap deterministic one for simulated worlds.

import type { Brand } from '../bytes/brand.ts';
import type { Bytes } from '../bytes/bytes.ts';
import type { Label } from './labels.ts';

/** 32 secret bytes from which a key pair is derived; the only form in which private keys are kept. */
export type Seed = Brand<Bytes, 'Seed'>;
/** Ed25519 public key (RFC 8032), 32 bytes. */
export type SigningKey = Brand<Bytes, 'SigningKey'>;
/** Ed25519 signature, 64 bytes. */
export type Signature = Brand<Bytes, 'Signature'>;
/** Public key that others wrap secrets to: suite byte ‖ X-Wing key (1,216 bytes) or suite byte ‖ X25519 key (32). */
export type SealingKey = Brand<Bytes, 'SealingKey'>;
/** 32 bytes for symmetric encryption. */
export type AeadKey = Brand<Bytes, 'AeadKey'>;

/** 1 = X-Wing, HKDF-SHA256, AES-256-GCM. 2 = X25519, HKDF-SHA256, AES-256-GCM, for links and QR codes only. */
export type SealingSuite = 1 | 2;

/** Suite byte and public key. */
export const SEALING_KEY_BYTES: Readonly<Record<SealingSuite, number>> = { 1: 1_217, 2: 33 };
/** What a wrap adds to its secret: encapsulation and tag. Every suite keeps to it, so that padding comes out alike. */
export const WRAP_OVERHEAD: Readonly<Record<SealingSuite, number>> = { 1: 1_136, 2: 48 };
/** The KEM's randomness; drawn from the Random port by whoever wraps. */
export const COINS_BYTES = 64;
/** What `seal` adds; every suite keeps to it. */
export const SEAL_OVERHEAD = 16;

/** What went wrong when a seal was opened; never says why in more detail. */
export class SealFault extends Error {
  override readonly name = 'SealFault';
  readonly fault = 'does-not-open';
  constructor() {
    super('seal: does not open');
  }
}

export interface CryptoSuite {
  signingKeyOf(seed: Seed): Promise<SigningKey>;
  /** Signs label ‖ 0x00 ‖ message. */
  sign(label: Label, message: Uint8Array, seed: Seed): Promise<Signature>;
  /** One verdict everywhere: the cofactorless equation, s < L (crypto/SPEC.md §3). Never throws. */
  verify(label: Label, message: Uint8Array, signature: Uint8Array, key: SigningKey): Promise<boolean>;
  /** Whether a signing key may be granted anything: canonical, torsion-free, not the identity. */
  isAcceptableKey(key: Uint8Array): boolean;

  sealingKeyOf(seed: Seed, suite: SealingSuite): Promise<SealingKey>;
  /**
   * HPKE (RFC 9180) base mode, or PSK mode when `psk` is given. `coins` are the KEM's randomness: 64 bytes.
   * Returns encapsulation ‖ ciphertext. Throws `SealFault` for a key that nothing can be sealed to.
   */
  wrap(to: SealingKey, secret: Uint8Array, options: WrapOptions & { readonly coins: Uint8Array }): Promise<Bytes>;
  /** Throws `SealFault`. */
  unwrap(seed: Seed, suite: SealingSuite, wrapped: Uint8Array, options: WrapOptions): Promise<Bytes>;

  /** XChaCha20-Poly1305 with a 24-byte nonce. */
  seal(key: AeadKey, nonce: Uint8Array, plain: Uint8Array, associated: Uint8Array): Bytes;
  /** Throws `SealFault`. */
  open(key: AeadKey, nonce: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Bytes;
}

export interface WrapOptions {
  readonly label: Label;
  /** Bound to the seal, not hidden by it. */
  readonly associated: Uint8Array;
  /** A 32-byte secret both ends already share. */
  readonly psk?: Uint8Array;
}
