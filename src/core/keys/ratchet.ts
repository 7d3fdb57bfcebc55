// The hash ratchet of one chain under one scope key: each message has a key of its own, erased after use
// (keys/SPEC.md §8).

import type { Bytes } from '../bytes/bytes.ts';
import { hash } from '../crypto/hash.ts';
import type { AeadKey } from '../crypto/suite.ts';
import { DAY, type Millis } from '../ports.ts';
import { decode, encode } from '../wire/cbor.ts';
import { bytesOf, listOf, tuple, uintOf } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';

/**
 * Plain values, to be stored with strict durability together with what was opened: a ratchet that went back would
 * open again what was to be forgotten, one that went ahead alone would have lost it.
 */
export interface Ratchet {
  readonly chainKey: Bytes;
  /** The index `chainKey` gives next. */
  readonly next: number;
  /** Keys that were passed over and not used yet, ascending in `n`. */
  readonly skipped: readonly SkippedKey[];
}

export interface SkippedKey {
  readonly n: number;
  readonly key: AeadKey;
  readonly at: Millis;
}

/** Keys of messages that did not come yet. Beyond this a gap must be healed from its start. */
export const MAX_SKIPPED = 1_000;
/** Twice the time an envelope is kept; what comes later is healed by a member instead. */
export const SKIPPED_KEPT = (30 * DAY) as Millis;

const VERSION = 1;
/** A thousand skipped keys of 45 bytes. */
const MAX_RATCHET_BYTES = 65_536;

export function startRatchet(chainKey: Bytes): Ratchet {
  return { chainKey, next: 0, skipped: [] };
}

export interface TakenKey {
  readonly key: AeadKey;
  /** The ratchet without that key. */
  readonly ratchet: Ratchet;
}

/** The key of message `n`. `undefined`: used before, forgotten, or too far ahead. */
export function takeKey(ratchet: Ratchet, n: number, now: Millis): TakenKey | undefined {
  if (n < ratchet.next) return takeSkipped(ratchet, n);
  const ahead = n - ratchet.next;
  if (ratchet.skipped.length + ahead > MAX_SKIPPED) return undefined;
  let { chainKey } = ratchet;
  const skipped = ahead === 0 ? ratchet.skipped : [...ratchet.skipped];
  for (let at = ratchet.next; at < n; at++) {
    (skipped as SkippedKey[]).push({ n: at, key: messageKey(chainKey), at: now });
    chainKey = hash('chatNext', chainKey);
  }
  return { key: messageKey(chainKey), ratchet: { chainKey: hash('chatNext', chainKey), next: n + 1, skipped } };
}

/** The ratchet without the key of its next message, for whoever got that open; half the work of taking it. */
export function passNext({ chainKey, next, skipped }: Ratchet): Ratchet {
  return { chainKey: hash('chatNext', chainKey), next: next + 1, skipped };
}

function takeSkipped(ratchet: Ratchet, n: number): TakenKey | undefined {
  const found = ratchet.skipped.find((skipped) => skipped.n === n);
  if (found === undefined) return undefined;
  return { key: found.key, ratchet: { ...ratchet, skipped: ratchet.skipped.filter((other) => other !== found) } };
}

/** A plain hash: HKDF would cost catch-up of ten thousand messages half a second and adds nothing to a random key. */
function messageKey(chainKey: Bytes): AeadKey {
  return hash('chatKey', chainKey) as AeadKey;
}

/** Forgets skipped keys that are too old. */
export function forgetOld(ratchet: Ratchet, now: Millis): Ratchet {
  const skipped = ratchet.skipped.filter(({ at }) => now - at < SKIPPED_KEPT);
  return skipped.length === ratchet.skipped.length ? ratchet : { ...ratchet, skipped };
}

export function encodeRatchet({ chainKey, next, skipped }: Ratchet): Bytes {
  return encode([VERSION, chainKey, next, skipped.map(({ n, key, at }) => [n, key, at])]);
}

/** Throws `WireError`. */
export function decodeRatchet(bytes: Uint8Array): Ratchet {
  const [version, chainKey, next, list] = tuple(decode(bytes, 'ratchet', MAX_RATCHET_BYTES), 'ratchet', 4);
  if (version !== VERSION) throw new WireError('unknown-version', 'ratchet');
  const skipped = listOf(list, 'ratchet', MAX_SKIPPED).map((item) => {
    const [n, key, at] = tuple(item, 'ratchet', 3);
    return {
      n: uintOf(n, 'ratchet'),
      key: bytesOf(key, 'ratchet', 32) as AeadKey,
      at: uintOf(at, 'ratchet') as Millis,
    };
  });
  return { chainKey: bytesOf(chainKey, 'ratchet', 32), next: uintOf(next, 'ratchet'), skipped };
}
