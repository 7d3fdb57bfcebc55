// A row gives back what was put in, byte for byte, though most headers in it are not spelled out (P33).

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, hex, type Bytes } from '#core/bytes/bytes.ts';
import { encodeHeader, messageIdOf, type Header } from '#core/charter/header.ts';
import type { DeviceId, GrantId, Incarnation, Kid, MessageId, OpId, Scope, SpaceId } from '#core/charter/ids.ts';
import type { Signature } from '#core/crypto/suite.ts';
import type { Millis } from '#core/ports.ts';
import { encode } from '#core/wire/cbor.ts';
import { WireError } from '#core/wire/wire-error.ts';
import { decodeEntries, encodeEntries, type Entry } from './log-rows.ts';
import { WrittenHeaders } from './row-headers.ts';

const id = <Id extends string>(bytes: number, first: number): Id =>
  hex.encode(new Uint8Array(bytes).fill(first)) as unknown as Id;

interface Said {
  readonly chain: number;
  readonly change: 'nothing' | 'charter' | 'kind' | 'key' | 'grants';
  readonly seen: number;
  readonly bodyLength: number;
  readonly isSigned: boolean;
  readonly isSealed: boolean;
  readonly isShredded: boolean;
}

const rarely = fc.integer({ min: 0, max: 5 }).map((dice) => dice === 0);
const saidArb: fc.Arbitrary<Said> = fc.record({
  chain: fc.nat(2),
  change: fc.oneof(
    { weight: 5, arbitrary: fc.constant('nothing' as const) },
    { weight: 1, arbitrary: fc.constantFrom('charter' as const, 'kind' as const, 'key' as const, 'grants' as const) },
  ),
  seen: fc.nat(4),
  bodyLength: fc.constantFrom(0, 23, 24, 255, 256, 3_000),
  isSigned: rarely,
  isSealed: rarely,
  isShredded: rarely,
});

/** What several devices said, one after the other in each chain. */
function entriesOf(said: readonly Said[]): Entry[] {
  const last = new Map<number, Header>();
  const ids = new Map<number, MessageId>();
  return said.map(({ chain, change, ...rest }, i) => {
    const before = last.get(chain);
    const header: Header = {
      space: id<SpaceId>(32, 1),
      scope: (chain === 2 ? 'role/x' : 'everyone') as Scope,
      kid: change === 'key' ? id<Kid>(16, i) : (before?.kid ?? id<Kid>(16, 200)),
      device: id<DeviceId>(32, chain === 0 ? 3 : 4),
      incarnation: id<Incarnation>(8, chain === 0 ? 5 : 6),
      seq: (before?.seq ?? -1) + 1,
      n: chain === 1 ? undefined : i,
      lamport: i + 1,
      own: ids.get(chain),
      seen: Array.from({ length: rest.seen }, (_, at) => id<MessageId>(32, 100 + at)),
      charter: change === 'charter' ? [id<OpId>(32, i)] : (before?.charter ?? [id<OpId>(32, 201)]),
      opSeq: before?.opSeq ?? 3,
      under: id<OpId>(32, 202),
      auth: change === 'grants' ? [id<GrantId>(33, i), id<GrantId>(33, 7)] : (before?.auth ?? [id(33, 8), id(33, 7)]),
      kind: change === 'kind' ? `kind${i}` : (before?.kind ?? 'chat'),
      bodyHash: new Uint8Array(32).fill(i),
      bodyLength: rest.bodyLength,
    };
    const bytes = encodeHeader(header);
    const message = {
      id: messageIdOf(bytes),
      header,
      bytes,
      signature: rest.isSigned ? (new Uint8Array(64).fill(i) as Signature) : undefined,
      sealed: rest.isSealed ? new Uint8Array(80).fill(i) : undefined,
    };
    last.set(chain, header);
    ids.set(chain, message.id);
    const open = { salt: new Uint8Array(32).fill(i), body: new Uint8Array(rest.bodyLength).fill(i) };
    return {
      message,
      arrival: i * 7,
      heardAt: (1_000 * i) as Millis,
      open: rest.isShredded ? undefined : open,
      stands: i % 5 !== 0,
    };
  });
}

const rowArb = fc.array(saidArb, { minLength: 1, maxLength: 40 }).map(entriesOf);
const usual: Said = {
  ...{ chain: 0, change: 'nothing', seen: 0, bodyLength: 24 },
  ...{ isSigned: false, isSealed: false, isShredded: false },
};

describe('a row of the log', () => {
  test('law: gives back what was put in, also where it grew bit by bit', () => {
    fc.assert(
      fc.property(rowArb, fc.nat(40), (entries, cut) => {
        const bytes = encodeEntries(entries);
        expect(decodeEntries(bytes)).toEqual(entries);
        const headers = new WrittenHeaders();
        const parts = [entries.slice(0, cut), entries.slice(cut)].map((part) => encodeEntries(part, headers));
        expect(concat(...parts)).toEqual(bytes);
      }),
      { numRuns: 300 },
    );
  });

  test('law: changed anywhere, is refused or read, and nothing else', () => {
    fc.assert(
      fc.property(rowArb, fc.nat(), fc.integer({ min: 1, max: 255 }), (entries, at, flip) => {
        const bytes = encodeEntries(entries).slice();
        bytes[at % bytes.length]! ^= flip;
        try {
          expect(decodeEntries(bytes)).toBeInstanceOf(Array);
        } catch (cause) {
          expect(cause).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('spells the header of one message in a row, of the others what is new', () => {
    const entries = entriesOf(Array.from({ length: 100 }, () => usual));
    const spelledOut = entries.reduce((sum, entry) => sum + encodeEntries([entry]).length, 0);
    expect(encodeEntries(entries).length).toBeLessThan(0.55 * spelledOut);
  });

  test('that leads to a header which is not there, or to one that is too long, is refused', () => {
    const row = (...entries: Bytes[]): Bytes =>
      concat(...entries.flatMap((entry) => [new Uint8Array([0, 0, entry.length >> 8, entry.length & 255]), entry]));
    const shorter = (place: number, fresh: Uint8Array): Bytes =>
      encode([place, fresh, new Uint8Array(36), null, null, 1, 1, 1, []]);
    const [whole] = [encodeEntries(entriesOf([usual])).subarray(4)];
    const faultOf = (bytes: Bytes): string => {
      try {
        decodeEntries(bytes);
        return 'none';
      } catch (cause) {
        return (cause as WireError).fault;
      }
    };
    expect(faultOf(row(whole, shorter(1, new Uint8Array(4))))).toBe('bad-field');
    expect(faultOf(row(whole, shorter(7, new Uint8Array(4))))).toBe('bad-field');
    expect(faultOf(row(whole, shorter(0, new Uint8Array(2_000))))).toBe('too-long');
  });
});
