// Builds the value of CBOR bytes that the scan let pass: only the order of keys and the texts themselves are left to be
// refused, so that nothing has to be spelled again to be compared.

import { textOf } from '../bytes/bytes.ts';
import { ARRAY, BYTES, MAP, NEGATIVE, TEXT, UINT } from './cbor-scan.ts';
import { WireError } from './wire-error.ts';

const TRUE = 0xf5;
const NULL = 0xf6;
/** Texts up to this length are put together here if they are ASCII; the platform's decoder is faster for longer ones. */
const SHORT = 24;
/** Names of fields that are remembered, by a hash of their bytes. A power of two; our structures have some hundred. */
const REMEMBERED = 512;

const remembered: ({ readonly bytes: Uint8Array; readonly text: string } | undefined)[] = Array.from({
  length: REMEMBERED,
});

/** Reads one value of bytes without a fault of `scan`. Throws `WireError`. */
export class ValueReader {
  readonly #bytes: Uint8Array;
  readonly #structure: string;
  readonly #isKept: boolean;
  #at = 0;

  /** `isKept`: byte strings are parts of `bytes`, which whoever asks keeps and never changes. */
  constructor(bytes: Uint8Array, structure: string, isKept = false) {
    this.#bytes = bytes;
    this.#structure = structure;
    this.#isKept = isKept;
  }

  value(): unknown {
    const first = this.#bytes[this.#at]!;
    const argument = this.#argument();
    switch (first >>> 5) {
      case UINT:
        return argument;
      case NEGATIVE:
        return -1 - argument;
      case BYTES:
        return this.#byteString(argument);
      case TEXT:
        this.#at += argument;
        return this.#text(this.#at - argument, this.#at);
      case ARRAY:
        return this.#list(argument);
      case MAP:
        return this.#map(argument);
      default:
        return first === NULL ? null : first === TRUE;
    }
  }

  /** A copy as a rule: a view would keep a whole parcel alive, and change with it. */
  #byteString(length: number): Uint8Array {
    const from = this.#at;
    this.#at += length;
    const view = this.#bytes.subarray(from, this.#at);
    return this.#isKept ? view : new Uint8Array(view);
  }

  #list(count: number): unknown[] {
    const list: unknown[] = [];
    for (let i = 0; i < count; i++) list.push(this.value());
    return list;
  }

  #map(count: number): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    let before = 0;
    let beforeEnd = -1;
    for (let i = 0; i < count; i++) {
      const length = this.#argument();
      const from = this.#at;
      this.#at += length;
      if (beforeEnd >= 0 && !this.#isBefore(before, beforeEnd, from)) throw this.#notCanonical();
      before = from;
      beforeEnd = this.#at;
      // The scan refuses `__proto__`, so assignment cannot reach a prototype.
      map[this.#key(from, this.#at)] = this.value();
    }
    return map;
  }

  /** Whether the text from `a` to `end` comes before the one from `b` to here: length first, then bytes. */
  #isBefore(a: number, end: number, b: number): boolean {
    const difference = end - a - (this.#at - b);
    if (difference !== 0) return difference < 0;
    for (let i = 0; a + i < end; i++) {
      const [left, right] = [this.#bytes[a + i]!, this.#bytes[b + i]!];
      if (left !== right) return left < right;
    }
    return false;
  }

  /** Most maps have the same few keys. */
  #key(from: number, to: number): string {
    let place = to - from;
    for (let i = from; i < to; i++) place = (place * 31 + this.#bytes[i]!) & (REMEMBERED - 1);
    const known = remembered[place];
    if (known !== undefined && this.#isSame(known.bytes, from, to)) return known.text;
    const text = this.#text(from, to);
    if (to - from <= SHORT) remembered[place] = { bytes: this.#bytes.slice(from, to), text };
    return text;
  }

  #isSame(known: Uint8Array, from: number, to: number): boolean {
    if (known.length !== to - from) return false;
    for (let i = 0; i < known.length; i++) if (known[i] !== this.#bytes[from + i]) return false;
    return true;
  }

  /** What only looks right after a lossy decoding, or begins with a byte order mark, has another spelling. */
  #text(from: number, to: number): string {
    let short = '';
    let at = to - from <= SHORT ? from : to + 1;
    for (; at < to && this.#bytes[at]! < 0x80; at++) short += String.fromCharCode(this.#bytes[at]!);
    if (at === to) return short;
    const text = textOf(this.#bytes.subarray(from, to));
    if (text === undefined || text.startsWith('\uFEFF')) throw this.#notCanonical();
    return text;
  }

  /** Of the next head, which is in its shortest form. */
  #argument(): number {
    const minor = this.#bytes[this.#at++]! & 31;
    if (minor < 24) return minor;
    let argument = 0;
    for (const end = this.#at + (1 << (minor - 24)); this.#at < end; this.#at++) {
      argument = argument * 256 + this.#bytes[this.#at]!;
    }
    return argument;
  }

  #notCanonical(): WireError {
    return new WireError('not-canonical', this.#structure);
  }
}
