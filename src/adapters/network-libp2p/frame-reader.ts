// Cuts a stream of bytes into frames: unsigned varint of the length, then the frame. At once, without a promise: a
// frame that has arrived is one that somebody waits for.

import type { Bytes } from '#core/bytes/bytes.ts';

/** Varint bytes of the largest length that anybody here allows. */
const MAX_LENGTH_BYTES = 3;

/** Invariants: 1. frames come out whole, in order, each a buffer of its own. 2. It holds one unfinished frame at most. */
export class FrameReader {
  readonly #maxBytes: number;
  readonly #onframe: (frame: Bytes) => void;
  #length = 0;
  #lengthBytes = 0;
  /** The frame being filled; `undefined` while its length is being read. */
  #frame: Bytes | undefined;
  #filled = 0;

  constructor(maxBytes: number, onframe: (frame: Bytes) => void) {
    this.#maxBytes = maxBytes;
    this.#onframe = onframe;
  }

  /** Throws when a length is over the limit: nothing after that can be read rightly. */
  take(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#frame === undefined) this.#takeLength(chunk[at++]!);
      else {
        const part = chunk.subarray(at, at + this.#frame.length - this.#filled);
        this.#frame.set(part, this.#filled);
        this.#filled += part.length;
        at += part.length;
      }
      if (this.#frame?.length !== this.#filled) continue;
      const frame = this.#frame;
      this.#frame = undefined;
      this.#onframe(frame);
    }
  }

  #takeLength(byte: number): void {
    this.#length += (byte & 0x7f) * 2 ** (7 * this.#lengthBytes);
    this.#lengthBytes++;
    const isLast = byte < 0x80;
    if (this.#length > this.#maxBytes || (!isLast && this.#lengthBytes === MAX_LENGTH_BYTES)) {
      throw new Error('framing: too long');
    }
    if (!isLast) return;
    this.#frame = new Uint8Array(this.#length);
    this.#filled = 0;
    this.#length = 0;
    this.#lengthBytes = 0;
  }
}
