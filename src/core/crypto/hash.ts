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

/** SHA-256 that goes on from states which it keeps. */
export interface Sha256 {
  /** A state that has taken these bytes in. */
  begin(bytes: Uint8Array): unknown;
  /** What comes now follows what that state has taken in. */
  goOn(from: unknown): void;
  update(part: Uint8Array): void;
  digest(): Bytes;
}

/** What hashes until something quicker is there. */
export function inScript(): Sha256 {
  // Making one costs as much as hashing a short message.
  const hasher = sha256.create();
  return {
    begin: (bytes) => sha256.create().update(bytes),
    goOn: (from) => void (from as typeof hasher)._cloneInto(hasher),
    update: (part) => void hasher.update(part),
    // Made in the hasher's own memory, and nothing of what was hashed is left there.
    digest: () => hasher.digest() as Bytes,
  };
}

let machine = inScript();
/** States that have taken a label in. */
let begun = new Map<Label, unknown>();

/** From now on by another machine, which says the same sooner. */
export function hashBy(quicker: Sha256): void {
  machine = quicker;
  begun = new Map();
}

/** SHA-256(label ‖ 0x00 ‖ parts…), 32 bytes. Callers join only fixed-length parts or one variable part at the end. */
export function hash(label: Label, ...parts: readonly Uint8Array[]): Bytes {
  let after = begun.get(label);
  if (after === undefined) begun.set(label, (after = machine.begin(labelPrefix(label))));
  machine.goOn(after);
  for (const part of parts) machine.update(part);
  return machine.digest();
}

/** As `hash` of what begins with `beginning`, given only what follows: for many that begin alike. */
export function hashAfter(label: Label, beginning: Uint8Array): (rest: Uint8Array) => Bytes {
  const by = machine;
  const after = by.begin(concat(labelPrefix(label), beginning));
  return (rest) => {
    by.goOn(after);
    by.update(rest);
    return by.digest();
  };
}

/** HKDF-SHA256 (RFC 5869): salt = the id of what the key belongs to, info = label ‖ 0x00 ‖ context. */
export function derive(secret: Uint8Array, salt: Uint8Array, label: Label, context: Uint8Array, length = 32): Bytes {
  return new Uint8Array(hkdf(sha256, secret, salt, concat(labelPrefix(label), context), length));
}
