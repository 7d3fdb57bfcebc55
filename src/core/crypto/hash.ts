// Hashes and key derivation, always under a label.

import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, utf8, type Bytes } from '../bytes/bytes.ts';
import { LABELS, type Label } from './labels.ts';

const prefixes = new Map<Label, Bytes>();

/** label ‖ 0x00, the beginning of everything that is hashed or signed. */
export function labelPrefix(label: Label): Bytes {
  let prefix = prefixes.get(label);
  if (prefix === undefined) {
    prefix = concat(utf8(LABELS[label]), new Uint8Array(1));
    prefixes.set(label, prefix);
  }
  return prefix;
}

/** Hashers that have taken a label in, and one that goes on from them: making one costs as much as a short message. */
const begun = new Map<Label, ReturnType<typeof sha256.create>>();
const hasher = sha256.create();

function begin(label: Label): void {
  let after = begun.get(label);
  if (after === undefined) {
    after = sha256.create().update(labelPrefix(label));
    begun.set(label, after);
  }
  after._cloneInto(hasher);
}

/** SHA-256(label ‖ 0x00 ‖ parts…), 32 bytes. Callers join only fixed-length parts or one variable part at the end. */
export function hash(label: Label, ...parts: readonly Uint8Array[]): Bytes {
  begin(label);
  for (const part of parts) hasher.update(part);
  // Made in the hasher's own memory, and nothing of what was hashed is left there.
  return hasher.digest() as Bytes;
}

/** As `hash` of what begins with `beginning`, given only what follows: for many that begin alike. */
export function hashAfter(label: Label, beginning: Uint8Array): (rest: Uint8Array) => Bytes {
  const after = sha256.create().update(labelPrefix(label)).update(beginning);
  return (rest) => {
    after._cloneInto(hasher);
    return hasher.update(rest).digest() as Bytes;
  };
}

/** HKDF-SHA256 (RFC 5869): salt = the id of what the key belongs to, info = label ‖ 0x00 ‖ context. */
export function derive(secret: Uint8Array, salt: Uint8Array, label: Label, context: Uint8Array, length = 32): Bytes {
  return new Uint8Array(hkdf(sha256, secret, salt, concat(labelPrefix(label), context), length));
}
