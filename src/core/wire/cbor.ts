// Deterministic CBOR for all that is signed or hashed (wire/SPEC.md §1): one spelling for each value, limits first.

import { decode as decodeDagCbor, encode as encodeDagCbor } from '@ipld/dag-cbor';
import { equal, type Bytes } from '../bytes/bytes.ts';
import { MAX_DEPTH, scan } from './cbor-scan.ts';
import { WireError } from './wire-error.ts';

/** What may travel: no floats, no tags, no `undefined`, whole numbers of at most 53 bits. */
export type Encodable =
  null | boolean | number | string | Uint8Array | readonly Encodable[] | { readonly [key: string]: Encodable };

/**
 * The one spelling of a value. Throws a plain `Error` for what may not travel: that is our own mistake. Texts lose
 * leading byte order marks, and lone surrogates become U+FFFD.
 */
export function encode(value: Encodable): Bytes {
  // cborg hands out views of its own buffers; a copy is ours alone.
  return new Uint8Array(encodeDagCbor(prepared(value, 0)));
}

/**
 * Decodes outside bytes. Throws only `WireError`. The result is null, a boolean, a whole number, a text, a
 * `Uint8Array` of its own (never a view of the input), an array, or an object without inherited surprises.
 */
export function decode(bytes: Uint8Array, structure: string, maxBytes: number): unknown {
  if (bytes.length > maxBytes) throw new WireError('too-long', structure);
  const fault = scan(bytes);
  if (fault !== undefined) throw new WireError(fault, structure);
  let value: unknown;
  let again: Uint8Array;
  try {
    value = decodeDagCbor<unknown>(bytes);
    again = encodeDagCbor(value);
  } catch (cause) {
    // The scan has passed, so what is left are repeated map keys and texts that are not UTF-8.
    throw new WireError('not-canonical', structure, cause);
  }
  // Key order, and texts that only look right after a lossy UTF-8 decoding, show themselves here.
  if (!equal(again, bytes)) throw new WireError('not-canonical', structure);
  return owned(value);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** The value as it travels; throws for what never may. */
function prepared(value: Encodable, depth: number): Encodable {
  if (depth > MAX_DEPTH) throw new Error('cbor: nested too deeply to encode');
  if (value === null || typeof value === 'boolean' || value instanceof Uint8Array) return value;
  if (typeof value === 'string') return wireText(value);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw new Error('cbor: not a whole number of 53 bits');
    return value;
  }
  if (typeof value !== 'object') throw new Error(`cbor: ${typeof value} does not travel`);
  if (isList(value)) return value.map((item) => prepared(item, depth + 1));
  const map: Record<string, Encodable> = {};
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__' || key === '' || key === '/' || wireText(key) !== key) {
      throw new Error('cbor: this map key does not travel');
    }
    map[key] = prepared(item, depth + 1);
  }
  return map;
}

/**
 * A text in the only form that survives a UTF-8 decoder: a person may paste half an emoji or a byte order mark, and
 * must not end up with a message that nobody accepts.
 */
function wireText(text: string): string {
  return text.replace(/^\uFEFF+/, '').toWellFormed();
}

/** Copies every byte string out of the input: a view would keep a whole parcel alive, and change with it. */
function owned(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (isList(value)) return value.map(owned);
  if (typeof value !== 'object' || value === null) return value;
  const map: Record<string, unknown> = {};
  // The scan refuses `__proto__`, so assignment cannot reach a prototype.
  for (const [key, item] of Object.entries(value)) map[key] = owned(item);
  return map;
}
