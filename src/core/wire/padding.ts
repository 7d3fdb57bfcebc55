// Round sizes, so that a length tells its class and nothing more (protocol: SPEC.md §5).

import type { Bytes } from '../bytes/bytes.ts';
import { WireError } from './wire-error.ts';

/** Bytes of a sealed blob. Steps of four: five classes, at most three quarters wasted, usually far less. */
export const BUCKETS = [512, 2_048, 8_192, 32_768, 131_072] as const;

const END_MARK = 0x80;
const WORD = 4;

/** The most content that fits a blob whose seal adds `overhead` bytes (nonce and tag). One byte marks the end. */
export function maxPaddedContent(overhead: number): number {
  return BUCKETS[BUCKETS.length - 1]! - overhead - 1;
}

/**
 * Content ‖ 0x80 ‖ zeros, so long that with `overhead` more bytes it fills the smallest bucket that holds it. Throws
 * `WireError` where no bucket does: larger things are cut by the caller.
 */
export function pad(content: Uint8Array, overhead: number): Bytes {
  const bucket = BUCKETS.find((size) => content.length + 1 + overhead <= size);
  if (bucket === undefined) throw new WireError('too-long', 'padding');
  const padded = new Uint8Array(bucket - overhead);
  padded.set(content);
  padded[content.length] = END_MARK;
  return padded;
}

/** What `pad` was given. Only for bytes whose seal has been opened: where padding breaks must not be an oracle. */
export function unpad(padded: Uint8Array): Bytes {
  const end = withoutZeros(padded) - 1;
  if (end < 0 || padded[end] !== END_MARK) throw new WireError('not-canonical', 'padding');
  return padded.slice(0, end) as Bytes;
}

/** The length without the zeros at the end. Four at a time: mail is mostly padding, and a page that just began is slow. */
function withoutZeros(bytes: Uint8Array): number {
  const { buffer, byteOffset } = bytes;
  let end = bytes.length;
  while (end > 0 && (byteOffset + end) % WORD !== 0 && bytes[end - 1] === 0) end--;
  if ((byteOffset + end) % WORD === 0) {
    const words = new Uint32Array(buffer, 0, (byteOffset + end) / WORD);
    const first = Math.ceil(byteOffset / WORD);
    let count = words.length;
    while (count > first && words[count - 1] === 0) count--;
    end = count * WORD - byteOffset;
  }
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end;
}
