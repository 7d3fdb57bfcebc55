// Deterministic CBOR for all that is signed or hashed (wire/SPEC.md §1): one spelling for each value, limits first. Laws
// hold it against `@ipld/dag-cbor`; written out, since every message is spelled and read many times.

import type { Bytes } from '../bytes/bytes.ts';
import { ValueReader } from './cbor-reader.ts';
import { scan } from './cbor-scan.ts';
import { spell, type Encodable } from './cbor-writer.ts';
import { WireError } from './wire-error.ts';

export type { Encodable };

/**
 * The one spelling of a value. Throws a plain `Error` for what may not travel: that is our own mistake. Texts lose
 * leading byte order marks, and lone surrogates become U+FFFD.
 */
export function encode(value: Encodable): Bytes {
  return spell(value);
}

/**
 * Decodes outside bytes. Throws only `WireError`. The result is null, a boolean, a whole number, a text, a
 * `Uint8Array` of its own (never a view of the input), an array, or an object without inherited surprises.
 */
export function decode(bytes: Uint8Array, structure: string, maxBytes: number): unknown {
  return readerOf(bytes, structure, { maxBytes, isKept: false }).value();
}

/** As `decode`, but its byte strings are views: for whoever keeps the bytes and never changes them. */
export function readKept(bytes: Uint8Array, structure: string, maxBytes: number): unknown {
  return readerOf(bytes, structure, { maxBytes, isKept: true }).value();
}

interface Reading {
  readonly maxBytes: number;
  readonly isKept: boolean;
}

function readerOf(bytes: Uint8Array, structure: string, { maxBytes, isKept }: Reading): ValueReader {
  if (bytes.length > maxBytes) throw new WireError('too-long', structure);
  const fault = scan(bytes);
  if (fault !== undefined) throw new WireError(fault, structure);
  return new ValueReader(bytes, structure, isKept);
}
