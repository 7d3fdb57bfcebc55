// Pieces in any order make the whole again, and nobody can make us hold more than we agreed to.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bytes } from '../bytes/bytes.ts';
import { hash } from '../crypto/hash.ts';
import { cut, decodeFragment, encodeFragment, FragmentJoiner, isFragment } from './fragments.ts';
import { MAX_FRAGMENTS, MAX_OPEN_BYTES, MAX_OPEN_WHOLES } from './fragments.ts';
import { encode } from './cbor.ts';

const idOf = (whole: Uint8Array): Bytes => hash('fragment', whole);
const whole = (length: number, first = 0): Bytes => Uint8Array.from({ length }, (_, i) => (i * 7 + first) & 255);

describe('cutting and joining', () => {
  it('gives the whole back from pieces that came twice and in any order', () => {
    fc.assert(
      fc.property(fc.nat(5_000), fc.integer({ min: 100, max: 900 }), fc.nat(), (length, pieceBytes, turn) => {
        const bytes = whole(length);
        const pieces = cut(bytes, idOf(bytes), pieceBytes).map((piece) => decodeFragment(encodeFragment(piece)));
        const order = [...pieces, ...pieces].sort((a, b) => ((a.index * 31 + turn) % 7) - ((b.index * 31 + turn) % 7));
        const joiner = new FragmentJoiner(idOf);
        const joined = order.map((piece) => joiner.add(piece)).filter((result) => result !== undefined);
        expect(joined[0]).toEqual(bytes);
      }),
    );
  });

  it('tells a piece from a structure', () => {
    const [piece] = cut(whole(10), idOf(whole(10)), 100);
    expect(isFragment(encodeFragment(piece!))).toBe(true);
    expect([encode({ v: 1 }), encode([1])].some(isFragment)).toBe(false);
  });

  it('refuses to cut what nobody would join', () => {
    expect(() => cut(new Uint8Array(MAX_FRAGMENTS * 10 + 1), idOf(whole(1)), 10)).toThrow('fragment: too-long');
  });
});

describe('a hostile contact', () => {
  it('cannot mix a foreign piece into a whole', () => {
    const bytes = whole(300);
    const [first, second] = cut(bytes, idOf(bytes), 200);
    const joiner = new FragmentJoiner(idOf);
    joiner.add(first!);
    expect(joiner.add({ ...second!, piece: whole(100, 1) })).toBeUndefined();
    expect(joiner.heldBytes).toBe(0);
  });

  it('cannot make us hold more than the limit, nor block a whole that is sent again', () => {
    const joiner = new FragmentJoiner(idOf);
    for (let i = 0; i < 400; i++) {
      joiner.add({ whole: whole(32, i), index: 0, count: 2, piece: new Uint8Array(131_072) });
      expect(joiner.heldBytes).toBeLessThanOrEqual(Math.min(MAX_OPEN_BYTES, MAX_OPEN_WHOLES * 131_072));
    }
    const bytes = whole(300);
    const results = cut(bytes, idOf(bytes), 200).map((piece) => joiner.add(piece));
    expect(results.at(-1)).toEqual(bytes);
  });

  it('cannot block a whole by claiming another count for it', () => {
    const bytes = whole(300);
    const [first, second] = cut(bytes, idOf(bytes), 200);
    const joiner = new FragmentJoiner(idOf);
    joiner.add({ ...first!, count: 60 });
    joiner.add(first!);
    expect(joiner.add(second!)).toEqual(bytes);
  });
});
