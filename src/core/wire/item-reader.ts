// CBOR read item by item, without intermediate values: catch-up reads ten thousand headers, unlocking as many messages.
// It accepts exactly what the general decoder accepts; laws say so where it is used.

import { hex, textOf, type Bytes } from '../bytes/bytes.ts';
import { spellIdAt } from '../bytes/known-ids.ts';
import { WireError, type WireFault } from './wire-error.ts';

const UINT = 0;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const NULL = 0xf6;

interface Spelled {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/**
 * Texts of byte strings read before, by the field they stood in: messages of a run repeat most of theirs, and one
 * string for all of them saves time and memory. Make one for each run. What was read must not change meanwhile.
 */
export class Recalled {
  readonly #ids: Spelled[] = [];
  readonly #texts: Spelled[] = [];

  /** The id in `bytes` from `from` to `to`, both within them. */
  idFor(field: number, bytes: Uint8Array, from: number, to: number): string {
    const before = this.#ids[field];
    if (before !== undefined && isAt(bytes, from, to, before.bytes)) return before.text;
    const view = bytes.subarray(from, to);
    const text = hex.encode(view);
    this.#ids[field] = { bytes: view, text };
    return text;
  }

  /** `undefined` where the bytes are not UTF-8. */
  textFor(field: number, bytes: Uint8Array, from: number, to: number): string | undefined {
    const before = this.#texts[field];
    if (before !== undefined && isAt(bytes, from, to, before.bytes)) return before.text;
    const view = bytes.subarray(from, to);
    const text = textOf(view);
    if (text !== undefined) this.#texts[field] = { bytes: view, text };
    return text;
  }
}

function isAt(bytes: Uint8Array, from: number, to: number, known: Uint8Array): boolean {
  if (to - from !== known.length) return false;
  for (let i = 0; i < known.length; i++) if (bytes[from + i] !== known[i]) return false;
  return true;
}

/** Reads CBOR items one after the other, in their shortest form only. Throws `WireError`. */
export class ItemReader {
  readonly #bytes: Uint8Array;
  readonly #structure: string;
  readonly #recalled: Recalled | undefined;
  #at = 0;
  #field = 0;

  constructor(bytes: Uint8Array, structure: string, recalled?: Recalled) {
    this.#bytes = bytes;
    this.#structure = structure;
    this.#recalled = recalled;
  }

  list(max: number): number {
    const count = this.#head(ARRAY);
    if (count > max) throw this.#fault('too-many');
    return count;
  }

  /** How many pairs follow. */
  map(max: number): number {
    const count = this.#head(MAP);
    if (count > max) throw this.#fault('too-many');
    return count;
  }

  /** The key that comes next in canonical order, of ASCII letters. */
  key(name: string): void {
    if (this.#head(TEXT) !== name.length) throw this.#fault('bad-field');
    this.#name(name);
  }

  /** The one of two keys that comes next: of different lengths, of ASCII letters. */
  eitherKey(one: string, other: string): boolean {
    const length = this.#head(TEXT);
    const name = length === one.length ? one : other;
    if (length !== name.length) throw this.#fault('bad-field');
    this.#name(name);
    return name === one;
  }

  #name(name: string): void {
    const from = this.#skip(name.length);
    for (let i = 0; i < name.length; i++) {
      if (this.#bytes[from + i] !== name.charCodeAt(i)) throw this.#fault('bad-field');
    }
  }

  /** The next item, whatever it is: only how far it goes is looked at, and to be read it has to be looked over. */
  item(): Bytes {
    const from = this.#at;
    for (let left = 1; left > 0; left--) {
      const first = this.#bytes[this.#at];
      if (first === undefined) throw this.#fault('truncated');
      const major = first >>> 5;
      if (major > MAP) this.#at++;
      else {
        const argument = this.#head(major);
        if (major === BYTES || major === TEXT) this.#skip(argument);
        else if (major === ARRAY) left += argument;
        else if (major === MAP) left += 2 * argument;
      }
    }
    return this.#bytes.subarray(from, this.#at) as Bytes;
  }

  uint(): number {
    return this.#head(UINT);
  }

  optionalUint(): number | undefined {
    return this.#isNull() ? undefined : this.#head(UINT);
  }

  bytes(length: number): Bytes {
    return this.#view(length).slice() as Bytes;
  }

  /** As `bytes`, but a part of what is read from: for whoever owns that and keeps it. */
  view(length: number): Bytes {
    return this.#view(length) as Bytes;
  }

  /** Of any length up to a limit; a part of what is read from. */
  viewUpTo(max: number): Bytes {
    const length = this.#head(BYTES);
    if (length > max) throw this.#fault('too-long');
    return this.#take(length) as Bytes;
  }

  optionalViewUpTo(max: number): Bytes | undefined {
    return this.#isNull() ? undefined : this.viewUpTo(max);
  }

  id<Id extends string>(length: number): Id {
    if (this.#head(BYTES) !== length) throw this.#fault('bad-field');
    const from = this.#skip(length);
    const field = this.#field++;
    const text = this.#recalled?.idFor(field, this.#bytes, from, this.#at) ?? spellIdAt(this.#bytes, from, this.#at);
    return text as Id;
  }

  optionalId<Id extends string>(length: number): Id | undefined {
    return this.#isNull() ? undefined : this.id(length);
  }

  ids<Id extends string>(length: number, max: number): Id[] {
    const ids: Id[] = [];
    for (let left = this.list(max); left > 0; left--) ids.push(this.id(length));
    return ids;
  }

  text(maxBytes: number): string {
    const length = this.#head(TEXT);
    if (length > maxBytes) throw this.#fault('too-long');
    const from = this.#skip(length);
    const text =
      this.#recalled === undefined
        ? textOf(this.#bytes.subarray(from, this.#at))
        : this.#recalled.textFor(this.#field++, this.#bytes, from, this.#at);
    // A byte order mark is never written (wire/SPEC.md §1).
    if (text === undefined || text.startsWith('\uFEFF')) throw this.#fault('not-canonical');
    return text;
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw this.#fault('trailing-bytes');
  }

  #view(length: number): Uint8Array {
    if (this.#head(BYTES) !== length) throw this.#fault('bad-field');
    return this.#take(length);
  }

  #take(length: number): Uint8Array {
    const from = this.#skip(length);
    return this.#bytes.subarray(from, this.#at);
  }

  /** Where it was before. */
  #skip(length: number): number {
    const from = this.#at;
    if (from + length > this.#bytes.length) throw this.#fault('truncated');
    this.#at = from + length;
    return from;
  }

  #isNull(): boolean {
    if (this.#bytes[this.#at] !== NULL) return false;
    this.#at++;
    return true;
  }

  /** A head of that major type, and its argument. */
  #head(major: number): number {
    const first = this.#bytes[this.#at++];
    if (first === undefined) throw this.#fault('truncated');
    if (first >>> 5 !== major) throw this.#fault('bad-field');
    const minor = first & 31;
    if (minor < 24) return minor;
    if (minor > 27) throw this.#fault('not-canonical');
    const size = 1 << (minor - 24);
    let argument = 0;
    for (let at = this.#skip(size); at < this.#at; at++) argument = argument * 256 + this.#bytes[at]!;
    if (argument < (size === 1 ? 24 : 2 ** (4 * size))) throw this.#fault('not-canonical');
    if (argument > Number.MAX_SAFE_INTEGER) throw this.#fault('bad-field');
    return argument;
  }

  #fault(fault: WireFault): WireError {
    return new WireError(fault, this.#structure);
  }
}
