// Headers within one row of a log: most repeat the beginning and the middle of one before them in their chain, byte for
// byte, so that only the rest is written. What is put together again is what was there; nothing is made out of it.

import type { Bytes } from '#core/bytes/bytes.ts';
import { MAX_HEADER_BYTES } from '#core/charter/evidence-body.ts';
import { repeatedParts, type RepeatedParts } from '#core/charter/header-pattern.ts';
import type { Message } from '#core/chain/message.ts';
import { headLength, ItemWriter, stringLength } from '#core/wire/item-writer.ts';
import { WireError } from '#core/wire/wire-error.ts';
import { PerChain } from './per-chain.ts';

const HASH_BYTES = 32;
/** As in header-pattern.ts: memory of its own for each would cost more. */
const ROOM_BYTES = 16_384;

/** What of a header the one in that place of the row does not say. */
export interface RestOfHeader {
  readonly place: number;
  /** Between what both begin with and what both have in the middle. */
  readonly fresh: Uint8Array;
  /** Hash and length of the body. */
  readonly end: Uint8Array;
}

/** Which headers stand whole in a row that is being written, and grows. */
export class WrittenHeaders {
  readonly #whole = new PerChain<{ place: number; parts: RepeatedParts | undefined }>();
  #count = 0;

  /** Of the next message of the row; `undefined`: its header is to be written whole. */
  next({ header, bytes }: Message): RestOfHeader | undefined {
    const place = this.#count++;
    const before = this.#whole.of(header, () => ({ place, parts: undefined }));
    before.parts ??= repeatedParts(bytes);
    if (before.place === place) return undefined;
    const { chain, ground } = before.parts;
    const end = bytes.length - stringLength(HASH_BYTES) - headLength(header.bodyLength);
    const middle = end - ground.length;
    if (middle >= chain.length && isAt(bytes, 0, chain) && isAt(bytes, middle, ground)) {
      return { place: before.place, fresh: bytes.subarray(chain.length, middle), end: bytes.subarray(end) };
    }
    // Those after it will rather be like this one.
    before.place = place;
    before.parts = repeatedParts(bytes);
    return undefined;
  }
}

/** Puts the headers of one row together. */
export class ReadHeaders {
  readonly #parts = new Map<number, RepeatedParts>();
  readonly #headers: Bytes[] = [];
  #write = new ItemWriter(0);

  /** One that stands whole. */
  note(bytes: Bytes): Bytes {
    this.#headers.push(bytes);
    return bytes;
  }

  /** Throws `WireError`. */
  next({ place, fresh, end }: RestOfHeader): Bytes {
    const { chain, ground } = this.#partsAt(place);
    const length = chain.length + fresh.length + ground.length + end.length;
    if (length > MAX_HEADER_BYTES) throw new WireError('too-long', 'log');
    if (this.#write.room < length) this.#write = new ItemWriter(ROOM_BYTES);
    for (const part of [chain, fresh, ground, end]) this.#write.spelled(part);
    return this.note(this.#write.cut());
  }

  #partsAt(place: number): RepeatedParts {
    let parts = this.#parts.get(place);
    if (parts === undefined) {
      const header = this.#headers[place];
      if (header === undefined) throw new WireError('bad-field', 'log');
      this.#parts.set(place, (parts = repeatedParts(header)));
    }
    return parts;
  }
}

function isAt(bytes: Uint8Array, from: number, part: Uint8Array): boolean {
  for (let i = 0; i < part.length; i++) if (bytes[from + i] !== part[i]) return false;
  return true;
}
