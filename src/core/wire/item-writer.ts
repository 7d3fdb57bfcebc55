// CBOR written item by item into bytes of just the right length: for what is written ten thousand times over, where values
// in between and copies of what was spelled would cost more than the spelling. Laws hold it against the general encoder.

import type { Bytes } from '../bytes/bytes.ts';
import { ARRAY, BYTES, UINT } from './cbor-scan.ts';

const NULL = 0xf6;
const ONE_BYTE = 0x100;
const TWO_BYTES = 0x10000;
const FOUR_BYTES = 0x100000000;

/** Bytes of a whole number, or of the head in front of so many bytes or items. */
export function headLength(argument: number): number {
  return argument < 24 ? 1 : argument < ONE_BYTE ? 2 : argument < TWO_BYTES ? 3 : argument < FOUR_BYTES ? 5 : 9;
}

/** Bytes of a byte string of that length. */
export function stringLength(length: number): number {
  return headLength(length) + length;
}

/** Whoever makes it knows how many bytes will be written, at most where they are cut. */
export class ItemWriter {
  readonly #bytes: Bytes;
  readonly #view: DataView;
  #at = 0;
  #from = 0;

  constructor(length: number) {
    this.#bytes = new Uint8Array(length);
    this.#view = new DataView(this.#bytes.buffer);
  }

  list(count: number): void {
    this.#head(ARRAY, count);
  }

  /** From 0 to 2^53 - 1. */
  uint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new Error('cbor: not a whole number of 53 bits');
    this.#head(UINT, value);
  }

  bytes(bytes: Uint8Array): void {
    this.enter(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  optionalBytes(bytes: Uint8Array | undefined): void {
    if (bytes === undefined) this.#bytes[this.#at++] = NULL;
    else this.bytes(bytes);
  }

  optionalUint(value: number | undefined): void {
    if (value === undefined) this.#bytes[this.#at++] = NULL;
    else this.uint(value);
  }

  /** Items that were spelled elsewhere. */
  spelled(items: Uint8Array): void {
    this.#bytes.set(items, this.#at);
    this.#at += items.length;
  }

  /** The head of a byte string: what is written next is in it. */
  enter(length: number): void {
    this.#head(BYTES, length);
  }

  /** Four bytes that are no item. */
  u32(value: number): void {
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
  }

  /** Bytes that may still be written. */
  get room(): number {
    return this.#bytes.length - this.#at;
  }

  /** What was written since the cut before, as a part of the one piece of memory. */
  cut(): Bytes {
    const part = this.#bytes.subarray(this.#from, this.#at);
    this.#from = this.#at;
    return part;
  }

  /** All that was written. Throws where that is not what was foretold: our own mistake. */
  end(): Bytes {
    if (this.#at !== this.#bytes.length) throw new Error('cbor: another length than was foretold');
    return this.#bytes;
  }

  #head(major: number, argument: number): void {
    const type = major << 5;
    const length = headLength(argument);
    if (length === 1) this.#bytes[this.#at] = type | argument;
    else {
      this.#bytes[this.#at] = type | (length === 2 ? 24 : length === 3 ? 25 : length === 5 ? 26 : 27);
      if (length === 2) this.#bytes[this.#at + 1] = argument;
      else if (length === 3) this.#view.setUint16(this.#at + 1, argument);
      else if (length === 5) this.#view.setUint32(this.#at + 1, argument);
      else this.#view.setBigUint64(this.#at + 1, BigInt(argument));
    }
    this.#at += length;
  }
}
