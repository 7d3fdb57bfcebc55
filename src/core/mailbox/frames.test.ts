// The bytes between app and custodian: one spelling each, limits first, and no fault but `WireError`.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hex, type Bytes } from '#core/bytes/bytes.ts';
import type { SigningKey } from '#core/crypto/suite.ts';
import { BUCKETS, pad, unpad } from '#core/wire/padding.ts';
import { decodeEnvelope, encodeEnvelope, MAX_ENVELOPE_BYTES, type Envelope, type Topic } from '#core/wire/envelope.ts';
import { WireError } from '#core/wire/wire-error.ts';
import {
  ANSWER_ROOM,
  decodeMailboxAnswer,
  encodeMailboxAnswer,
  OUTCOMES,
  type MailboxAnswer,
} from './answer-frames.ts';
import { crc32 } from './checksum.ts';
import { MAX_FRAME_BYTES, withChecksum } from './frame-layout.ts';
import { ANSWER_BYTES, CELL_BYTES, CELLS_PER_ANSWER, MAX_BEAT_BYTES, MAX_STREAM_OFFSET } from './limits.ts';
import { decodeMailboxRequest, encodeMailboxRequest, type MailboxRequest } from './request-frames.ts';
import type { EnvelopeId } from './topic-key.ts';

const bytes = (length: number): fc.Arbitrary<Bytes> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((value) => new Uint8Array(value));
const between = (least: number, most: number): fc.Arbitrary<Bytes> =>
  fc.uint8Array({ minLength: least, maxLength: most }).map((value) => new Uint8Array(value));
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const topic = bytes(32).map((value) => hex.encode(value) as Topic);
const after = fc.option(
  bytes(32)
    .filter((value) => value.some((byte) => byte !== 0))
    .map((value) => hex.encode(value) as EnvelopeId),
  { nil: undefined },
);
const envelope: fc.Arbitrary<Envelope> = fc.record({
  topic,
  expiryDay: u32,
  blob: fc
    .constantFrom(...BUCKETS.slice(0, 3))
    .chain((size) => fc.nat(255).map((fill) => new Uint8Array(size).fill(fill))),
  signature: bytes(64),
});

const request: fc.Arbitrary<MailboxRequest> = fc.oneof(
  fc.record({ is: fc.constant('hello' as const), number: u32, nonce: bytes(32) }),
  fc
    .record({ number: u32, envelope })
    .map((of) => ({ is: 'deposit' as const, encoded: encodeEnvelope(of.envelope), ...of })),
  fc.record({
    is: fc.constant('fetch' as const),
    number: u32,
    topic,
    after,
    offset: fc.integer({ min: 0, max: MAX_STREAM_OFFSET }),
    proof: bytes(64),
  }),
  fc.record({ is: fc.constant('subscribe' as const), number: u32, topic, proof: bytes(64) }),
  fc.record({ is: fc.constant('unsubscribe' as const), number: u32, topic }),
  fc.record({
    is: fc.constant('publish' as const),
    number: u32,
    topic,
    signature: bytes(64),
    beat: between(1, MAX_BEAT_BYTES),
  }),
  fc.record({ is: fc.constant('ping' as const), number: u32 }),
);

const answer: fc.Arbitrary<MailboxAnswer> = fc.oneof(
  fc.record({
    is: fc.constant('welcome' as const),
    number: u32,
    relayKey: bytes(32).map((value) => value as SigningKey),
    challenge: bytes(32),
    day: u32,
    signature: bytes(64),
  }),
  fc.record({ is: fc.constant('outcome' as const), number: u32, outcome: fc.constantFrom(...OUTCOMES) }),
  fc.record({
    is: fc.constant('cells' as const),
    number: u32,
    day: u32,
    more: fc.constant(false),
    real: between(0, 400),
  }),
  fc.record({ number: u32, day: u32, fill: fc.nat(255) }).map(({ fill, ...of }) => {
    return { is: 'cells' as const, ...of, more: true, real: new Uint8Array(ANSWER_ROOM).fill(fill) };
  }),
  fc
    .record({ number: u32, envelope })
    .map((of) => ({ is: 'mail' as const, encoded: encodeEnvelope(of.envelope), ...of })),
  fc.record({ is: fc.constant('beat' as const), number: u32, topic, beat: between(1, MAX_BEAT_BYTES) }),
  fc.record({ is: fc.constant('pong' as const), number: u32, day: u32, pushed: u32 }),
);

/** `undefined` when the decoder refused; anything but a `WireError` fails the test. */
function attempt<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (fault) {
    expect(fault).toBeInstanceOf(WireError);
    return undefined;
  }
}

describe('mailbox frames', () => {
  test('law: what was encoded decodes to itself', () => {
    fc.assert(
      fc.property(request, (value) => {
        expect(decodeMailboxRequest(encodeMailboxRequest(value))).toEqual(value);
      }),
    );
    fc.assert(
      fc.property(answer, (value) => {
        expect(decodeMailboxAnswer(encodeMailboxAnswer(value))).toEqual(value);
      }),
    );
  });

  test('law: whatever decodes has one spelling, and nothing else is thrown than WireError', () => {
    const kind = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 127, max: 136 }));
    const frame = fc.tuple(kind, between(0, 300)).map(([first, rest]) => withChecksum(Uint8Array.of(first, ...rest)));
    fc.assert(
      fc.property(frame, (given) => {
        const asked = attempt(() => decodeMailboxRequest(given));
        if (asked !== undefined) expect(encodeMailboxRequest(asked)).toEqual(given);
        const answered = attempt(() => decodeMailboxAnswer(given));
        if (answered !== undefined) expect(encodeMailboxAnswer(answered)).toEqual(given);
      }),
      { numRuns: 2_000 },
    );
  });

  test('law: one flipped bit anywhere makes a frame unreadable', () => {
    const flips = fc.tuple(
      fc.oneof(request.map(encodeMailboxRequest), answer.map(encodeMailboxAnswer)),
      fc.nat(),
      fc.nat(7),
    );
    fc.assert(
      fc.property(flips, ([frame, at, bit]) => {
        frame[at % frame.length]! ^= 1 << bit;
        expect(attempt(() => decodeMailboxRequest(frame))).toBeUndefined();
        expect(attempt(() => decodeMailboxAnswer(frame))).toBeUndefined();
      }),
    );
  });

  test('an answer is four cells, whatever is in it', () => {
    expect(ANSWER_BYTES).toBe(CELLS_PER_ANSWER * CELL_BYTES);
    for (const length of [0, 1, ANSWER_ROOM]) {
      const cells = {
        is: 'cells',
        number: 1,
        day: 2,
        more: length === ANSWER_ROOM,
        real: new Uint8Array(length),
      } as const;
      expect(encodeMailboxAnswer(cells)).toHaveLength(ANSWER_BYTES);
    }
  });

  test('refuses filler that says something, and more after an answer that is not full', () => {
    const base = { is: 'cells', number: 1, day: 2, more: false, real: new Uint8Array(5) } as const;
    const hidden = encodeMailboxAnswer(base);
    hidden[ANSWER_BYTES - 10] = 1;
    expect(() => decodeMailboxAnswer(withChecksum(hidden))).toThrow('not-canonical');
    expect(() => decodeMailboxAnswer(encodeMailboxAnswer({ ...base, more: true }))).toThrow('not-canonical');
  });

  test('refuses what is too long before looking inside', () => {
    expect(() => decodeMailboxRequest(new Uint8Array(MAX_FRAME_BYTES + 1))).toThrow('mailbox-frame: too-long');
    expect(() => decodeEnvelope(new Uint8Array(MAX_ENVELOPE_BYTES + 1))).toThrow('envelope: too-long');
  });

  test('the checksum is the well-known CRC-32', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });
});

describe('envelopes and padding', () => {
  test('law: an envelope has one spelling and refuses every other length', () => {
    fc.assert(
      fc.property(envelope, fc.integer({ min: 1, max: 700 }), (value, cut) => {
        const encoded = encodeEnvelope(value);
        expect(decodeEnvelope(encoded)).toEqual(value);
        expect(attempt(() => decodeEnvelope(encoded.subarray(0, encoded.length - cut)))).toBeUndefined();
      }),
    );
    expect(() => decodeEnvelope(Uint8Array.of(2, ...new Uint8Array(612)))).toThrow('unknown-version');
  });

  test('law: padding fills the smallest bucket that holds content, mark and seal, and comes off again', () => {
    fc.assert(
      fc.property(between(0, 9_000), fc.integer({ min: 0, max: 64 }), (content, overhead) => {
        const padded = pad(content, overhead);
        const size = padded.length + overhead;
        expect(BUCKETS).toContain(size);
        const smaller = BUCKETS[BUCKETS.indexOf(size as (typeof BUCKETS)[number]) - 1] ?? 0;
        expect(content.length + 1 + overhead).toBeGreaterThan(smaller);
        expect(unpad(padded)).toEqual(content);
      }),
    );
    expect(() => pad(new Uint8Array(131_072), 0)).toThrow('padding: too-long');
    expect(() => unpad(new Uint8Array(512))).toThrow('padding: not-canonical');
    expect(() => unpad(Uint8Array.of(0x80, 1))).toThrow('padding: not-canonical');
  });
});
