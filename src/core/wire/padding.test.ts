// Lengths tell their class and nothing more.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bytes } from '../bytes/bytes.ts';
import { decodeEnvelope, encodeEnvelope, signedEnvelopeBytes, signedPartOf, type Topic } from './envelope.ts';
import { BUCKETS, maxPaddedContent, pad, unpad } from './padding.ts';

const OVERHEAD = 40;

describe('padding', () => {
  it('fills a bucket with the seal, and gives back what it was given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 9_000 }), (content) => {
        const padded = pad(content, OVERHEAD);
        expect(BUCKETS).toContain(padded.length + OVERHEAD);
        expect(unpad(padded)).toEqual(new Uint8Array(content));
      }),
    );
  });

  it('gives it back wherever in memory it lies, and refuses what does not end in the mark', () => {
    const bytes = fc.uint8Array({ maxLength: 24 });
    fc.assert(
      fc.property(bytes, fc.nat(9), fc.nat(24), fc.nat(9), (content, before, zeros, after) => {
        const memory = new Uint8Array(before + content.length + zeros + after).fill(7);
        memory.set(content, before);
        memory.fill(0, before + content.length, before + content.length + zeros);
        const padded = memory.subarray(before, before + content.length + zeros);
        const last = content.findLastIndex((byte) => byte !== 0);
        if (content[last] === 0x80) expect(unpad(padded)).toEqual(new Uint8Array(content.slice(0, last)));
        else expect(() => unpad(padded)).toThrow('padding: not-canonical');
        if (last < 0) return;
        padded[last] = 0x80;
        expect(unpad(padded)).toEqual(new Uint8Array(content.slice(0, last)));
      }),
    );
  });

  it.each(BUCKETS.map((bucket) => [bucket, bucket - OVERHEAD - 1] as const))(
    'takes the next bucket only when %i is full',
    (bucket, most) => {
      expect(pad(new Uint8Array(most).fill(1), OVERHEAD).length).toBe(bucket - OVERHEAD);
      const next = BUCKETS.find((size) => size > bucket);
      const beyond = (): Bytes => pad(new Uint8Array(most + 1).fill(1), OVERHEAD);
      if (next === undefined) expect(beyond).toThrow('padding: too-long');
      else expect(beyond().length).toBe(next - OVERHEAD);
    },
  );

  it('says how much fits', () => {
    expect(() => pad(new Uint8Array(maxPaddedContent(OVERHEAD)), OVERHEAD)).not.toThrow();
    expect(() => pad(new Uint8Array(maxPaddedContent(OVERHEAD) + 1), OVERHEAD)).toThrow('padding: too-long');
  });

  it.each([[[]], [[0, 0, 0]], [[1, 2, 3]], [[0x80, 1]], [[0x81, 0]]])('refuses %j as not padded', (bytes) => {
    expect(() => unpad(Uint8Array.from(bytes))).toThrow('padding: not-canonical');
  });
});

describe('an envelope', () => {
  const envelope = {
    topic: 'ab'.repeat(32) as Topic,
    expiryDay: 20_000,
    blob: new Uint8Array(512).fill(3),
    signature: new Uint8Array(64).fill(4),
  };

  it('reads back, and its signed part is all but the signature', () => {
    const encoded = encodeEnvelope(envelope);
    expect(decodeEnvelope(encoded)).toEqual(envelope);
    expect(new Uint8Array(signedPartOf(encoded))).toEqual(signedEnvelopeBytes(envelope));
  });

  it('shares no memory with the bytes it was read from', () => {
    const encoded = encodeEnvelope(envelope);
    const read = decodeEnvelope(encoded);
    encoded.fill(0);
    expect(read).toEqual(envelope);
  });
});
