// CBOR read item by item, without intermediate values: catch-up reads ten thousand headers, unlocking as many messages.
// It accepts exactly what the general decoder accepts; laws say so where it is used.

import { hex, textOf, type Bytes } from '../bytes/bytes.ts';
import { spellIdAt, spellWordAt } from '../bytes/known-ids.ts';
import { WireError, type WireFault } from './wire-error.ts';

const UINT = 0;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const NULL = 0xf6;

/** Items of one passage are counted apart from those of others. */
const PASSAGE_FIELDS = 32;
const NONE: readonly never[] = [];

interface Spelled {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** Several items in a row, and what was made of them. */
interface Passage {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
  readonly says: unknown;
}

/**
 * Texts of byte strings read before, by the field they stood in: messages of a run repeat most of theirs, and one
 * string for all of them saves time and memory. Make one for each run. What was read must not change meanwhile.
 */
export class Recalled {
  readonly #ids: Spelled[] = [];
  readonly #texts: Spelled[] = [];
  readonly #passages: (Passage | undefined)[] = [];

  /** What was read last at this point of a structure, where the same bytes stand there again. */
  passageFor(point: number, bytes: Uint8Array, from: number): Passage | undefined {
    const before = this.#passages[point];
    if (before === undefined) return undefined;
    const length = before.to - before.from;
    if (from + length > bytes.length) return undefined;
    const [known, start] = [before.bytes, before.from];
    for (let i = 0; i < length; i++) if (bytes[from + i] !== known[start + i]) return undefined;
    return before;
  }

  keepPassage(point: number, passage: Passage): void {
    this.#passages[point] = passage;
  }

  /** The id in `bytes` from `from` to `to`, both within them. */
  idFor(field: number, bytes: Uint8Array, from: number, to: number): string {
    const before = this.#ids[field];
    if (before !== undefined && isAt(bytes, from, to, before.bytes)) return before.text;
    const text = spellIdAt(bytes, from, to);
    this.#ids[field] = { bytes: bytes.subarray(from, to), text };
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
  #from = 0;
  #at = 0;
  #end: number;
  #field = 0;

  constructor(bytes: Uint8Array, structure: string, recalled?: Recalled) {
    this.#bytes = bytes;
    this.#structure = structure;
    this.#recalled = recalled;
    this.#end = bytes.length;
  }

  /** Of the bytes from `from` to `to`, both within them. */
  static within(bytes: Uint8Array, { from, to }: { readonly from: number; readonly to: number }, structure: string) {
    const read = new ItemReader(bytes, structure);
    read.#from = read.#at = from;
    read.#end = to;
    return read;
  }

  /** All that it reads, also what was read already; a part of what is read from: for whoever owns that and keeps it. */
  whole(): Bytes {
    return this.#bytes.subarray(this.#from, this.#end) as Bytes;
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

  /** The key that comes next in canonical order, of fewer than 24 ASCII letters. */
  key(name: string): void {
    if (!this.#isNext(name)) throw this.#fault(this.#at < this.#end ? 'bad-field' : 'truncated');
    this.#at += 1 + name.length;
  }

  /** In one go: every op has a dozen of them. */
  #isNext(name: string): boolean {
    const from = this.#at + 1;
    if (from + name.length > this.#end || this.#bytes[this.#at] !== TEXT * 32 + name.length) return false;
    for (let i = 0; i < name.length; i++) if (this.#bytes[from + i] !== name.charCodeAt(i)) return false;
    return true;
  }

  /** The one of two keys that comes next, both as those of `key`. */
  eitherKey(one: string, other: string): boolean {
    const isOne = this.#isNext(one);
    this.key(isOne ? one : other);
    return isOne;
  }

  /** A reader of the next item, whatever it is: only how far it goes is looked at, and what is in it may be anything. */
  item(structure: string): ItemReader {
    const from = this.#at;
    for (let left = 1; left > 0; left--) {
      if (this.#at >= this.#end) throw this.#fault('truncated');
      const first = this.#bytes[this.#at]!;
      const major = first >>> 5;
      if (major > MAP) this.#at++;
      else {
        const argument = this.#head(major);
        if (major === BYTES || major === TEXT) this.#skip(argument);
        else if (major === ARRAY) left += argument;
        else if (major === MAP) left += 2 * argument;
      }
    }
    return ItemReader.within(this.#bytes, { from, to: this.#at }, structure);
  }

  /**
   * What `read` makes of the items that come next. Where the same bytes stood at this point before, that is what was made of
   * them then: `read` must depend on nothing else, and nobody may change what it gives.
   */
  passage<T>(point: number, read: (reader: ItemReader) => T): T {
    const known = this.#recalled?.passageFor(point, this.#bytes, this.#at);
    if (known !== undefined && this.#at + known.to - known.from <= this.#end) {
      this.#at += known.to - known.from;
      return known.says as T;
    }
    const from = this.#at;
    this.#field = PASSAGE_FIELDS * (point + 1);
    const says = read(this);
    this.#recalled?.keepPassage(point, { bytes: this.#bytes, from, to: this.#at, says });
    return says;
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

  /** Goes into a byte string that holds items of its own; where it ends, for `leave`. */
  enter(max: number): number {
    const length = this.#head(BYTES);
    if (length > max) throw this.#fault('too-long');
    const from = this.#skip(length);
    const end = this.#at;
    this.#at = from;
    return end;
  }

  /** All of what was entered must have been read. */
  leave(end: number): void {
    if (this.#at !== end) throw this.#fault(this.#at < end ? 'trailing-bytes' : 'truncated');
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

  ids<Id extends string>(length: number, max: number): Id[] {
    const ids: Id[] = [];
    for (let left = this.list(max); left > 0; left--) ids.push(this.id(length));
    return ids;
  }

  /** As `id`, of one that hardly comes again. */
  newId<Id extends string>(length: number): Id {
    if (this.#head(BYTES) !== length) throw this.#fault('bad-field');
    return hex.encode(this.#take(length)) as Id;
  }

  optionalNewId<Id extends string>(length: number): Id | undefined {
    return this.#isNull() ? undefined : this.newId(length);
  }

  newIds<Id extends string>(length: number, max: number): readonly Id[] {
    let left = this.list(max);
    if (left === 0) return NONE;
    const ids: Id[] = [];
    for (; left > 0; left--) ids.push(this.newId(length));
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

  /** As `text`, for names of which there are few. */
  word(maxBytes: number): string {
    const length = this.#head(TEXT);
    if (length > maxBytes) throw this.#fault('too-long');
    const from = this.#skip(length);
    const word = spellWordAt(this.#bytes, from, this.#at);
    if (word === undefined || word.startsWith('\uFEFF')) throw this.#fault('not-canonical');
    return word;
  }

  end(): void {
    if (this.#at !== this.#end) throw this.#fault('trailing-bytes');
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
    if (from + length > this.#end) throw this.#fault('truncated');
    this.#at = from + length;
    return from;
  }

  #isNull(): boolean {
    if (this.#at >= this.#end || this.#bytes[this.#at] !== NULL) return false;
    this.#at++;
    return true;
  }

  /** A head of that major type, and its argument. */
  #head(major: number): number {
    if (this.#at >= this.#end) throw this.#fault('truncated');
    const first = this.#bytes[this.#at++]!;
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
