// Takes decoded maps and lists apart strictly: exactly the expected keys, types, lengths and ranges.

import { utf8, type Bytes } from '../bytes/bytes.ts';
import { spellId } from '../bytes/known-ids.ts';
import { WireError } from './wire-error.ts';

/** A length: exactly so many bytes, or a range with both ends included. */
export type Length = number | { readonly min?: number; readonly max: number };

/** One map, read field by field; `end()` refuses what was not asked for. Every method throws only `WireError`. */
export interface Fields {
  /** Reads the version first: anything but `known` is a structure of a newer app, whatever else it holds. */
  version(name: string, known: number): void;
  bytes(name: string, length: Length): Bytes;
  /** A byte string of exactly `length` bytes as lower-case hex: the form of ids in memory. */
  id<Id extends string = string>(name: string, length: number): Id;
  /** A list of ids, at least `min`, at most `max`. */
  ids<Id extends string = string>(name: string, length: number, count: { min?: number; max: number }): Id[];
  uint(name: string, max?: number): number;
  text(name: string, maxBytes: number): string;
  bool(name: string): boolean;
  /** One of a fixed set of texts; anything else is `unknown-kind`. */
  oneOf<const Words extends readonly string[]>(name: string, words: Words): Words[number];
  list(name: string, max: number): readonly unknown[];
  map(name: string): Fields;
  /** The raw value, for structures nested in other files. */
  value(name: string): unknown;
  /** Whether the (optional) field is there. */
  has(name: string): boolean;
  end(): void;
}

/** Opens a map. `structure` is our own word for it, never content. */
export function fields(value: unknown, structure: string): Fields {
  return new MapFields(asMap(value, structure), structure);
}

/** A list of exactly `count` items, for structures that travel as CBOR arrays. */
export function tuple(value: unknown, structure: string, count: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length !== count) throw new WireError('bad-field', structure);
  return value;
}

/** A list of at most `max` items. */
export function listOf(value: unknown, structure: string, max: number): readonly unknown[] {
  if (!Array.isArray(value)) throw new WireError('bad-field', structure);
  if (value.length > max) throw new WireError('too-many', structure);
  return value;
}

/** A byte string of the given length. */
export function bytesOf(value: unknown, structure: string, length: Length): Bytes {
  if (!(value instanceof Uint8Array)) throw new WireError('bad-field', structure);
  const min = typeof length === 'number' ? length : (length.min ?? 0);
  const max = typeof length === 'number' ? length : length.max;
  if (value.length < min || value.length > max) throw new WireError('bad-field', structure);
  return value as Bytes;
}

/** A whole number from 0 to `max`. */
export function uintOf(value: unknown, structure: string, max: number = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > max) {
    throw new WireError('bad-field', structure);
  }
  return value;
}

/** A text of at most `maxBytes` in UTF-8. */
export function textField(value: unknown, structure: string, maxBytes: number): string {
  if (typeof value !== 'string') throw new WireError('bad-field', structure);
  // A UTF-16 unit takes one to three bytes, so a huge text is refused, and a short one taken, before it is encoded.
  if (value.length > maxBytes || (3 * value.length > maxBytes && utf8(value).length > maxBytes))
    throw new WireError('too-long', structure);
  return value;
}

function asMap(value: unknown, structure: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw new WireError('bad-field', structure);
  }
  return value as Record<string, unknown>;
}

class MapFields implements Fields {
  readonly #map: Readonly<Record<string, unknown>>;
  readonly #structure: string;
  /** A list: no structure has many fields, and a set for each of them costs more. */
  readonly #read: string[] = [];

  constructor(map: Readonly<Record<string, unknown>>, structure: string) {
    this.#map = map;
    this.#structure = structure;
  }

  version(name: string, known: number): void {
    if (this.uint(name) !== known) throw new WireError('unknown-version', this.#structure);
  }

  bytes(name: string, length: Length): Bytes {
    return bytesOf(this.value(name), this.#structure, length);
  }

  id<Id extends string = string>(name: string, length: number): Id {
    return spellId(this.bytes(name, length)) as Id;
  }

  ids<Id extends string = string>(name: string, length: number, count: { min?: number; max: number }): Id[] {
    const items = this.list(name, count.max);
    if (items.length < (count.min ?? 0)) throw new WireError('bad-field', this.#structure);
    return items.map((item) => spellId(bytesOf(item, this.#structure, length)) as Id);
  }

  uint(name: string, max?: number): number {
    return uintOf(this.value(name), this.#structure, max);
  }

  text(name: string, maxBytes: number): string {
    return textField(this.value(name), this.#structure, maxBytes);
  }

  bool(name: string): boolean {
    const value = this.value(name);
    if (typeof value !== 'boolean') throw new WireError('bad-field', this.#structure);
    return value;
  }

  oneOf<const Words extends readonly string[]>(name: string, words: Words): Words[number] {
    const word = words.find((known) => known === this.value(name));
    if (word === undefined) {
      const fault = typeof this.value(name) === 'string' ? 'unknown-kind' : 'bad-field';
      throw new WireError(fault, this.#structure);
    }
    return word;
  }

  list(name: string, max: number): readonly unknown[] {
    return listOf(this.value(name), this.#structure, max);
  }

  map(name: string): Fields {
    return fields(this.value(name), this.#structure);
  }

  value(name: string): unknown {
    if (!this.has(name)) throw new WireError('bad-field', this.#structure);
    if (!this.#read.includes(name)) this.#read.push(name);
    return this.#map[name];
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#map, name);
  }

  end(): void {
    if (Object.keys(this.#map).length !== this.#read.length) throw new WireError('bad-field', this.#structure);
  }
}
