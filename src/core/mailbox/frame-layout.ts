// kind (u8) ‖ number (u32) ‖ body ‖ CRC-32 (u32): the outline all mailbox frames share (SPEC.md §4).

import { concat, type Bytes } from '../bytes/bytes.ts';
import { MAX_ENVELOPE_BYTES } from '../wire/envelope.ts';
import { WireError } from '../wire/wire-error.ts';
import { crc32 } from './checksum.ts';

const HEAD_BYTES = 5;
const CHECK_BYTES = 4;
/** What a frame adds to its body. */
export const FRAME_OVERHEAD = HEAD_BYTES + CHECK_BYTES;
/** A deposit of the largest envelope; nothing else is longer. */
export const MAX_FRAME_BYTES = MAX_ENVELOPE_BYTES + FRAME_OVERHEAD;

export interface Outline {
  readonly kind: number;
  /** Joins an answer to its request; counts pushes. */
  readonly number: number;
  readonly body: Uint8Array;
}

export function u32(value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

export function readU32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at);
}

export function joinFrame(kind: number, number: number, ...body: readonly Uint8Array[]): Bytes {
  return putChecksum(concat(Uint8Array.of(kind), u32(number), ...body, new Uint8Array(CHECK_BYTES)));
}

/** The same bytes with the last four made the checksum of the others. */
export function withChecksum(frame: Uint8Array): Bytes {
  return putChecksum(new Uint8Array(frame));
}

function putChecksum(whole: Bytes): Bytes {
  const end = whole.length - CHECK_BYTES;
  if (end >= 0) new DataView(whole.buffer).setUint32(end, crc32(whole.subarray(0, end)));
  return whole;
}

/** Throws `WireError`. */
export function splitFrame(frame: Uint8Array): Outline {
  if (frame.length > MAX_FRAME_BYTES) throw new WireError('too-long', 'mailbox-frame');
  if (frame.length < FRAME_OVERHEAD) throw new WireError('truncated', 'mailbox-frame');
  const end = frame.length - CHECK_BYTES;
  if (readU32(frame, end) !== crc32(frame.subarray(0, end))) throw new WireError('bad-field', 'mailbox-frame');
  return { kind: frame[0]!, number: readU32(frame, 1), body: frame.subarray(HEAD_BYTES, end) };
}

/** Takes a body of fixed parts apart, in order, and refuses one that is shorter or longer. Parts are copies. */
export function split<const L extends readonly number[]>(
  body: Uint8Array,
  structure: string,
  lengths: L,
): { [I in keyof L]: Bytes } {
  const parts = splitViews(body, structure, lengths) as unknown as readonly Uint8Array[];
  return parts.map((part) => new Uint8Array(part)) as unknown as { [I in keyof L]: Bytes };
}

/** As `split`; parts are views of the body. */
export function splitViews<const L extends readonly number[]>(
  body: Uint8Array,
  structure: string,
  lengths: L,
): { [I in keyof L]: Uint8Array } {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (body.length < total) throw new WireError('truncated', structure);
  if (body.length > total) throw new WireError('trailing-bytes', structure);
  let at = 0;
  const parts = lengths.map((length) => body.subarray(at, (at += length)));
  return parts as unknown as { [I in keyof L]: Uint8Array };
}
