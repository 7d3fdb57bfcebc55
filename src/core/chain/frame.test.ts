// Messages on the road: one signature proves a run, and nothing in it can be changed (protocol §5; P10).
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { decode, encode } from '#core/wire/cbor.ts';
import type { Bytes } from '#core/bytes/bytes.ts';
import { encodeHeader, decodeHeader, messageIdOf, type Header } from '#core/charter/header.ts';
import { Recalled } from '#core/wire/item-reader.ts';
import { MAX_HEADER_BYTES } from '#core/charter/evidence-body.ts';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import type { Signature } from '#core/crypto/suite.ts';
import { hash } from '#core/crypto/hash.ts';
import { WireError } from '#core/wire/wire-error.ts';
import { bodyKey, contentOf, headerKey, kid, Writer } from '#tests/suites/chain-kit.ts';
import { seededRandom } from '#tests/suites/seeded.ts';
import { makePair, quickSuite } from '#tests/suites/space-kit.ts';
import {
  cutRuns,
  decodeFrame,
  decodeRun,
  encodeFrame,
  encodeRun,
  frameKid,
  MAX_RUN,
  openRun,
  sealRun,
} from './frame.ts';
import {
  decodeMessage,
  encodeMessage,
  MAX_BODY_BYTES,
  openBody,
  verifyMessage,
  writeMessage,
  type Message,
} from './message.ts';

const random = seededRandom(3);
let messages: readonly Message[];
let writer: Writer;

beforeAll(async () => {
  const { replica, bob } = await makePair();
  writer = new Writer(bob, replica);
  messages = await writer.sayMany(12);
});

const opened = async (frame: Uint8Array) => openRun(frame, headerKey, quickSuite);
const taken = async (frame: Uint8Array) => {
  const run = await opened(frame);
  if ('problem' in run) throw new Error(run.problem);
  return run.messages;
};

describe('a message', () => {
  it('opens to its salt and body with its key, and with no other', () => {
    const [first] = messages;
    const { salt, body } = contentOf('n 0');
    expect(openBody(first!, bodyKey, quickSuite)).toEqual({ salt, body });
    expect(openBody(first!, headerKey, quickSuite)).toBeUndefined();
    expect(openBody({ ...first!, sealed: undefined }, bodyKey, quickSuite)).toBeUndefined();
    expect(openBody({ ...first!, sealed: messages[1]!.sealed }, bodyKey, quickSuite)).toBeUndefined();
  });

  it('whose body is not what its header hashed does not open', async () => {
    const made = await writer.make('true');
    const twin = { ...made, header: { ...made.header, bodyHash: hash('body', new Uint8Array([1])) } };
    expect(openBody(twin, bodyKey, quickSuite)).toBeUndefined();
    expect(openBody({ ...made, header: { ...made.header, bodyLength: 3 } }, bodyKey, quickSuite)).toBeUndefined();
  });

  it('is its device’s word alone', async () => {
    const [first] = messages;
    expect(await verifyMessage(first!, quickSuite)).toBe(true);
    expect(await verifyMessage({ ...first!, signature: undefined }, quickSuite)).toBe(false);
    expect(await verifyMessage({ ...first!, signature: messages[1]!.signature }, quickSuite)).toBe(false);
  });

  it('is kept without loss, with and without signature and body', () => {
    const [first] = messages;
    for (const kept of [first!, { ...first!, signature: undefined }, { ...first!, sealed: undefined }]) {
      expect(decodeMessage(encodeMessage(kept))).toEqual(kept);
    }
  });

  it('too long for one body is our own mistake', async () => {
    const content = { ...contentOf(''), body: new Uint8Array(MAX_BODY_BYTES + 1) as Bytes };
    await expect(writeMessage(writer.header(), content, writer.author.seed, quickSuite)).rejects.toThrow();
  });
});

describe('a header', () => {
  const id = (length: number) =>
    fc.uint8Array({ minLength: length, maxLength: length }).map((b) => Buffer.from(b).toString('hex'));
  const ids = (length: number, min: number, max: number) =>
    fc.uniqueArray(id(length), { minLength: min, maxLength: max }).map((list) => list.sort());
  const number = fc.maxSafeNat();
  const anyHeader = fc
    .record({
      space: id(32),
      scope: fc.string({ unit: 'grapheme', maxLength: 10 }).filter((s) => s.isWellFormed() && !s.includes('\uFEFF')),
      kid: id(16),
      device: id(32),
      incarnation: id(8),
      seq: number,
      n: fc.option(number, { nil: undefined }),
      lamport: number.map((n) => Math.max(n, 1)),
      own: id(32),
      seen: ids(32, 0, 8),
      charter: ids(32, 1, 8),
      opSeq: number,
      under: id(32),
      auth: fc.array(id(33), { minLength: 2, maxLength: 8 }),
      kind: fc.constantFrom('chat', 'doc.update', 'attest'),
      bodyHash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      bodyLength: fc.nat(MAX_BODY_BYTES),
    })
    .map((header) => ({ ...header, own: header.seq === 0 ? undefined : header.own }) as unknown as Header);

  it('reads back as what was written, alone and after others of its chain', () => {
    const recalled = new Recalled();
    fc.assert(
      fc.property(anyHeader, (header) => {
        const bytes = encodeHeader(header);
        expect(decodeHeader(bytes)).toEqual({ ...header, bodyHash: new Uint8Array(header.bodyHash) });
        expect(decodeHeader(bytes, recalled)).toEqual(decodeHeader(bytes));
      }),
    );
  });

  it('is refused by the quick reader wherever strict CBOR refuses it, and read alike elsewhere', () => {
    const samples = messages.map(({ bytes }) => bytes);
    let read = 0;
    fc.assert(
      fc.property(
        fc.nat(samples.length - 1),
        fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: -3, max: 3 }),
        (which, changes, tail) => {
          const base = samples[which]!;
          const bytes = new Uint8Array(base.length + tail);
          bytes.set(base.subarray(0, bytes.length));
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          try {
            const header = decodeHeader(bytes);
            expect(encodeHeader(header)).toEqual(bytes);
            decode(bytes, 'header', MAX_HEADER_BYTES);
            read++;
          } catch (fault) {
            expect(fault).toBeInstanceOf(WireError);
          }
        },
      ),
      { numRuns: 3000 },
    );
    expect(read).toBeGreaterThan(100);
  });
});

it('a header whose kind begins with a byte order mark has another spelling, and is refused', () => {
  const fieldsOf = decode(messages[0]!.bytes, 'header', MAX_HEADER_BYTES) as Uint8Array[];
  const marked = encode([...fieldsOf.slice(0, 15), 'xxxchat', ...fieldsOf.slice(16)] as never);
  const at = Buffer.from(marked).indexOf('xxxchat');
  expect(decodeHeader(marked).kind).toBe('xxxchat');
  marked.set([0xef, 0xbb, 0xbf], at);
  expect(() => decodeHeader(marked)).toThrow(WireError);
});

describe('a run', () => {
  it('carries messages whole, with one signature', async () => {
    const got = await taken(sealRun(messages, headerKey, random, quickSuite));
    expect(got.map(({ id }) => id)).toEqual(messages.map(({ id }) => id));
    expect(got.map(({ signature }) => signature !== undefined)).toEqual(messages.map((_, i) => i === 11));
    expect(got.map((m) => openBody(m, bodyKey, quickSuite)?.body)).toEqual(
      messages.map((_, i) => contentOf(`n ${i}`).body),
    );
    expect(frameKid(sealRun(messages, headerKey, random, quickSuite))).toBe(kid);
  });

  it('with any byte altered is refused, or loses no more than the bodies that were touched', async () => {
    const frame = sealRun(messages.slice(0, 3), headerKey, random, quickSuite);
    for (let at = 0; at < frame.length; at++) {
      const changed = frame.slice();
      changed[at]! ^= 1 << (at % 8);
      const run = await opened(changed);
      if ('problem' in run) continue;
      expect(run.messages.map(({ id }) => id)).toEqual(messages.slice(0, 3).map(({ id }) => id));
      const whole = run.messages.filter((message) => openBody(message, bodyKey, quickSuite) !== undefined);
      expect(whole.length).toBe(2);
    }
  });

  it('with any byte altered under the seal, by a member who holds the key, is refused', async () => {
    const parts = messages.slice(0, 3);
    const inner = encodeRun({ headers: parts.map(({ bytes }) => bytes), signature: parts[2]!.signature! });
    const nonce = random.bytes(24);
    const seal = (plain: Uint8Array) => {
      const sealed = quickSuite.seal(headerKey, nonce, plain, Uint8Array.from(Buffer.from(kid, 'hex')));
      return encodeFrame({ kid, nonce, sealed, bodies: parts.map(({ sealed: body }) => body) });
    };
    expect('messages' in (await opened(seal(inner)))).toBe(true);
    for (let at = 0; at < inner.length; at++) {
      const changed = inner.slice();
      changed[at]! ^= 1 << (at % 8);
      expect(await opened(seal(changed)), `byte ${at}`).toHaveProperty('problem');
    }
  });

  it('with a message left out, doubled, turned round or of another chain is refused', async () => {
    const { replica, alice } = await makePair();
    const stranger = await new Writer(alice, replica).say('other chain');
    const [a, b, c] = messages as [Message, Message, Message];
    for (const list of [
      [a, c],
      [a, a],
      [b, a],
      [a, b, stranger],
      [stranger, b],
    ]) {
      expect(() => sealRun(list, headerKey, random, quickSuite)).toThrow();
      const inner = encodeRun({ headers: list.map(({ bytes }) => bytes), signature: list.at(-1)!.signature! });
      const nonce = random.bytes(24);
      const sealed = quickSuite.seal(headerKey, nonce, inner, Uint8Array.from(Buffer.from(kid, 'hex')));
      const frame = encodeFrame({ kid, nonce, sealed, bodies: list.map(({ sealed: body }) => body) });
      expect(await opened(frame)).toEqual({ problem: 'broken-links' });
    }
  });

  it('signed by another device, or sealed under another key, is refused by name', async () => {
    const frame = sealRun(messages, headerKey, random, quickSuite);
    expect(await openRun(frame, bodyKey, quickSuite)).toEqual({ problem: 'does-not-open' });
    const last = { ...messages[11]!, signature: new Uint8Array(64) as Signature };
    expect(await opened(sealRun([last], headerKey, random, quickSuite))).toEqual({ problem: 'bad-signature' });
    expect(await opened(new Uint8Array([1, 2, 3]))).toEqual({ problem: 'malformed' });
    expect(() => frameKid(new Uint8Array([1, 2, 3]))).toThrow(WireError);
  });

  it('of a newer version says so', async () => {
    const newer = encode([2, ...(decode(messages[0]!.bytes, 'header', 2048) as never[]).slice(1)]);
    const inner = encodeRun({ headers: [newer], signature: messages[0]!.signature! });
    const nonce = random.bytes(24);
    const sealed = quickSuite.seal(headerKey, nonce, inner, Uint8Array.from(Buffer.from(kid, 'hex')));
    expect(await opened(encodeFrame({ kid, nonce, sealed, bodies: [undefined] }))).toEqual({
      problem: 'newer-version',
    });
  });

  it('whatever bytes come, is answered and never throws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect(await opened(bytes)).toHaveProperty('problem');
      }),
    );
  });

  it('reads and writes its parts alike', () => {
    const frame = sealRun(messages.slice(0, 2), headerKey, random, quickSuite);
    expect(encodeFrame(decodeFrame(frame))).toEqual(frame);
    const inner = encodeRun({ headers: [messages[0]!.bytes], signature: messages[0]!.signature! });
    expect(encodeRun(decodeRun(inner))).toEqual(inner);
  });

  it('holds with the primitives that ship', async () => {
    const suite = makeProductionSuite();
    const { replica, bob } = await makePair({ suite });
    const real = await new Writer(bob, replica).sayMany(3);
    const run = await openRun(sealRun(real, headerKey, random, suite), headerKey, suite);
    expect('messages' in run && run.messages.map((m) => openBody(m, bodyKey, suite)?.body.length)).toEqual([3, 3, 3]);
  });
});

describe('cutting a chain into runs', () => {
  const strip = (list: readonly Message[], keep: (i: number) => boolean) =>
    list.map((message, i) => (keep(i) ? message : { ...message, signature: undefined }));

  it('ends each with a signature, leaves an unproved tail out, and loses nothing else', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(11)), fc.integer({ min: 1, max: 6000 }), (signed, maxBytes) => {
        const runs = cutRuns(
          strip(messages, (i) => signed.includes(i)),
          maxBytes,
        );
        expect(runs.every((run) => run.at(-1)?.signature !== undefined)).toBe(true);
        const provable = signed.length === 0 ? 0 : Math.max(...signed) + 1;
        expect(runs.flat().map(({ id }) => id)).toEqual(messages.slice(0, provable).map(({ id }) => id));
        for (const run of runs) expect(() => sealRun(run, headerKey, random, quickSuite)).not.toThrow();
      }),
    );
  });

  it('keeps to the size where signatures allow it', () => {
    const one = messages[1]!.bytes.length + messages[1]!.sealed!.length + 16;
    expect(cutRuns(messages, one * 3 + 20).map((run) => run.length)).toEqual([3, 3, 3, 3]);
    expect(cutRuns(messages, 1).map((run) => run.length)).toEqual(messages.map(() => 1));
  });

  it('begins a new one with each key and after so many messages', async () => {
    const { replica, bob } = await makePair();
    const author = new Writer(bob, replica);
    const many = await author.sayMany(MAX_RUN + 2);
    const other = await author.say('under another key', { kid: 'ff'.repeat(16) as Header['kid'] });
    expect(cutRuns([...many, other]).map((run) => run.length)).toEqual([MAX_RUN, 2, 1]);
  });

  it('gives every message an id of its own bytes', () => {
    expect(messages.every(({ id, bytes }) => id === messageIdOf(bytes))).toBe(true);
  });
});
