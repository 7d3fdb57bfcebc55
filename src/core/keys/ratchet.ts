// The hash ratchet of one chain under one scope key: each message has a key of its own, erased after use (keys/SPEC.md §8).

import type { Bytes } from '../bytes/bytes.ts';
import type { AeadKey } from '../crypto/suite.ts';
import type { Millis } from '../ports.ts';

/** Plain values, to be stored with strict durability before what was opened counts as kept. */
export interface Ratchet {
  readonly chainKey: Bytes;
  /** The index `chainKey` gives next. */
  readonly next: number;
  readonly skipped: readonly { readonly n: number; readonly key: AeadKey; readonly at: Millis }[];
}

export declare const MAX_SKIPPED: number;
export declare function startRatchet(chainKey: Bytes): Ratchet;
/** The key of message `n`, and the ratchet without it. `undefined`: used before, too far ahead, or expired. */
export declare function takeKey(
  ratchet: Ratchet,
  n: number,
  now: Millis,
): { readonly key: AeadKey; readonly ratchet: Ratchet } | undefined;
/** Forgets skipped keys that are older than 30 days. */
export declare function forgetOld(ratchet: Ratchet, now: Millis): Ratchet;
export declare function encodeRatchet(ratchet: Ratchet): Bytes;
/** Throws `WireError`. */
export declare function decodeRatchet(bytes: Uint8Array): Ratchet;
