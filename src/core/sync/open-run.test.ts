// Open runs: what heals a gap says of each message only what the one before it does not tell (sync/SPEC.md §6; P10).
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { hex, type Bytes } from '#core/bytes/bytes.ts';
import { encodeHeader, messageIdOf, type Header } from '#core/charter/header.ts';
import type { DeviceId, GrantId, Incarnation, Kid, MessageId, OpId, Scope, SpaceId } from '#core/charter/ids.ts';
import { hash } from '#core/crypto/hash.ts';
import type { Seed } from '#core/crypto/suite.ts';
import { decode, encode, type Encodable } from '#core/wire/cbor.ts';
import { WireError } from '#core/wire/wire-error.ts';
import { quickSuite } from '#tests/suites/space-kit.ts';
import { decodeOpenRun, encodeOpenRun, proveOpenRun, spanOfRun, type OpenMessage } from './open-run.ts';

const seed = new Uint8Array(32).fill(7) as Seed;
let device: DeviceId;

beforeAll(async () => {
  device = hex.encode(await quickSuite.signingKeyOf(seed)) as DeviceId;
});

/** What differs from the message before. */
interface Step {
  readonly lamport: number;
  readonly seen: number;
  readonly body: Bytes;
  readonly isDestroyed: boolean;
  readonly change: 'nothing' | 'charter' | 'kind' | 'key' | 'index' | 'auth';
}

const stepArb: fc.Arbitrary<Step> = fc.record({
  lamport: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 100_000 })),
  seen: fc.nat(8),
  body: fc.uint8Array({ maxLength: 300 }).map((bytes) => bytes as Bytes),
  isDestroyed: fc.integer({ max: 9, min: 0 }).map((dice) => dice === 0),
  change: fc.oneof(
    { weight: 6, arbitrary: fc.constant('nothing' as const) },
    { weight: 1, arbitrary: fc.constantFrom('charter' as const, 'kind' as const, 'key' as const, 'index' as const) },
    { weight: 1, arbitrary: fc.constant('auth' as const) },
  ),
});

const id = <Id extends string>(bytes: number, first: number): Id =>
  hex.encode(new Uint8Array(bytes).fill(first)) as unknown as Id;

async function chainOf(steps: readonly Step[], from: { seq: number; n: number | undefined }): Promise<OpenMessage[]> {
  const run: OpenMessage[] = [];
  let header: Header | undefined;
  for (const [i, step] of steps.entries()) {
    const salt = new Uint8Array(32).fill(i + 1);
    const before: Header | undefined = header;
    const [{ change }, count] = [step, (before?.seq ?? from.seq - 1) + 1];
    const nextIndex = before === undefined ? from.n : before.n === undefined ? undefined : before.n + 1;
    header = {
      space: id<SpaceId>(32, 1),
      scope: 'everyone' as Scope,
      kid: change === 'key' ? id<Kid>(16, 30 + i) : (before?.kid ?? id<Kid>(16, 2)),
      device,
      incarnation: id<Incarnation>(8, 3),
      seq: count,
      n: change === 'index' ? (nextIndex === undefined ? 5 : undefined) : nextIndex,
      lamport: (before?.lamport ?? from.seq) + step.lamport,
      own: run.at(-1)?.message.id ?? (count === 0 ? undefined : id<MessageId>(32, 4)),
      seen: Array.from({ length: step.seen }, (_, at) => id<MessageId>(32, 100 + at)),
      charter: change === 'charter' ? [id<OpId>(32, 60 + i)] : (before?.charter ?? [id<OpId>(32, 5)]),
      opSeq: before?.opSeq ?? 3,
      under: id<OpId>(32, 6),
      auth: change === 'auth' ? [id<GrantId>(33, 40 + i), id<GrantId>(33, 8)] : (before?.auth ?? grants),
      kind: change === 'kind' ? `kind${i}` : (before?.kind ?? 'chat'),
      bodyHash: hash('body', salt, step.body),
      bodyLength: step.body.length,
    };
    const bytes = encodeHeader(header);
    const message = { id: messageIdOf(bytes), header, bytes, signature: undefined, sealed: undefined };
    run.push({ message, open: step.isDestroyed ? undefined : { salt, body: step.body } });
  }
  const last = run.pop()!;
  const signature = await quickSuite.sign('header', last.message.bytes, seed);
  return [...run, { ...last, message: { ...last.message, signature } }];
}

const grants = [id<GrantId>(33, 7), id<GrantId>(33, 8)];
const fromArb = fc.record({ seq: fc.nat(1_000), n: fc.option(fc.nat(500), { nil: undefined }) });
const runArb = fc.tuple(fc.array(stepArb, { minLength: 1, maxLength: 30 }), fromArb);

const plain = (run: readonly OpenMessage[]) => run.map(({ message, open }) => ({ message, open }));

/** The parts of a run, to be changed. */
function partsOf(bytes: Uint8Array): { v: number; messages: Encodable[][]; signature: Uint8Array } {
  return decode(bytes, 'test', 1_000_000) as never;
}

const faultOf = (bytes: Uint8Array): string => {
  try {
    decodeOpenRun(bytes);
    return 'none';
  } catch (fault) {
    if (fault instanceof WireError) return fault.fault;
    throw fault;
  }
};

const usual: Step = { lamport: 1, seen: 0, body: new Uint8Array(40), isDestroyed: false, change: 'nothing' };

describe('an open run', () => {
  it('gives every header back byte for byte, and is proved by its one signature', async () => {
    await fc.assert(
      fc.asyncProperty(runArb, async ([steps, from]) => {
        const run = await chainOf(steps, from);
        const bytes = encodeOpenRun(run);
        const read = decodeOpenRun(bytes);
        expect(plain(read)).toEqual(plain(run));
        expect(await proveOpenRun(read, quickSuite)).toBe(true);
        expect(encodeOpenRun(read)).toEqual(bytes);
        expect(spanOfRun(bytes).spans).toEqual([{ from: from.seq, to: from.seq + steps.length }]);
      }),
      { numRuns: 300 },
    );
  });

  it('changed anywhere, is refused or proves nothing', async () => {
    const run = await chainOf([usual, { ...usual, seen: 2 }, { ...usual, lamport: 40_000 }], { seq: 4, n: 2 });
    const bytes = encodeOpenRun(run);
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at]! ^= 1;
      let isProved = false;
      try {
        isProved = await proveOpenRun(decodeOpenRun(changed), quickSuite);
      } catch (fault) {
        if (!(fault instanceof WireError)) throw fault;
      }
      expect(isProved, `byte ${at}`).toBe(false);
    }
  });

  it('takes less than a third of what its headers and bodies take', async () => {
    const run = await chainOf(
      Array.from({ length: 20 }, () => usual),
      { seq: 900, n: 900 },
    );
    const spelledOut = run.reduce((sum, { message, open }) => sum + message.bytes.length + open!.body.length + 32, 0);
    expect(encodeOpenRun(run).length).toBeLessThan(spelledOut / 3);
  });

  it('has one spelling: what may be left out is left out, and a run that leaves nothing out is of version 1', async () => {
    const run = await chainOf([usual, usual], { seq: 4, n: 2 });
    const parts = partsOf(encodeOpenRun(run));
    expect(parts.v).toBe(2);
    const whole = run.map(({ message, open }) => [message.bytes, open!.salt, open!.body]);
    expect(faultOf(encode({ ...parts, messages: whole }))).toBe('not-canonical');
    expect(faultOf(encode({ ...parts, messages: whole.slice(0, 1) }))).toBe('unknown-version');
    // An older app spells all of it out.
    expect(plain(decodeOpenRun(encode({ ...parts, v: 1, messages: whole })))).toEqual(plain(run));
  });

  it('is refused where nothing stands before what leaves something out, or where that cannot be', async () => {
    const parts = partsOf(encodeOpenRun(await chainOf([usual, usual], { seq: 4, n: 2 })));
    const [first, [, seen, salt, body]] = parts.messages as [Encodable[], Encodable[]];
    const withSecond = (...second: Encodable[]) => faultOf(encode({ ...parts, messages: [first, second] }));
    expect(withSecond(1, seen!, salt!, body!)).toBe('none');
    expect(faultOf(encode({ ...parts, messages: parts.messages.slice(1) }))).toBe('bad-field');
    expect(withSecond(0, seen!, salt!, body!)).toBe('bad-field');
    expect(withSecond(Number.MAX_SAFE_INTEGER, seen!, salt!, body!)).toBe('bad-field');
    expect(withSecond(1, new Uint8Array(31), salt!, body!)).toBe('bad-field');
    expect(withSecond(1, new Uint8Array(9 * 32), salt!, body!)).toBe('bad-field');
    expect(withSecond(1, new Uint8Array(64), salt!, body!)).toBe('not-canonical');
    expect(withSecond(1, seen!, new Uint8Array(31), body!)).toBe('bad-field');
  });
});
