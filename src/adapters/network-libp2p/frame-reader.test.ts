// Frames come out of a stream as they went in, wherever the stream was cut.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, type Bytes } from '#core/bytes/bytes.ts';
import { FrameReader } from './frame-reader.ts';

const MAX = 20_000;

describe('a frame reader', () => {
  test('gives whole frames in order, however their bytes were cut', () => {
    const frames = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 });
    const cuts = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 });
    fc.assert(
      fc.property(frames, cuts, (sent, lengths) => {
        const received = read(inPieces(concat(...sent.map(framed)), lengths));
        expect(received.map((frame) => [...frame])).toEqual(sent.map((frame) => [...frame]));
      }),
    );
  });

  test('gives the largest frame, and refuses one byte more', () => {
    expect(read([framed(new Uint8Array(MAX))])[0]).toHaveLength(MAX);
    expect(() => read([framed(new Uint8Array(MAX + 1))])).toThrow('too long');
  });

  test('refuses a length without end', () => {
    expect(() => read([Uint8Array.of(0x80, 0x80, 0x80, 0x01)])).toThrow('too long');
  });

  test('gives frames of their own, that change with nothing else', () => {
    const chunk = framed(Uint8Array.of(1, 2, 3));
    const [frame] = read([chunk]);
    chunk.fill(9);
    expect([...frame!]).toEqual([1, 2, 3]);
  });
});

function read(chunks: readonly Uint8Array[]): Bytes[] {
  const received: Bytes[] = [];
  const reader = new FrameReader(MAX, (frame) => received.push(frame));
  for (const chunk of chunks) reader.take(chunk);
  return received;
}

function framed(frame: Uint8Array): Uint8Array {
  const length: number[] = [];
  let rest = frame.length;
  for (; rest >= 0x80; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return concat(Uint8Array.of(...length, rest), frame);
}

function inPieces(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = lengths[i % lengths.length]!;
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}
