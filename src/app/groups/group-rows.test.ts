// Of rows that groups keep: what is written comes back, also from before.

import { expect, test } from 'vitest';
import type { OpId, SpaceId } from '#core/charter/ids.ts';
import { hex } from '#core/bytes/bytes.ts';
import type { Millis, RelayAddress } from '#core/ports.ts';
import { encode } from '#core/wire/cbor.ts';
import { decodeOwnInvitation, encodeOwnInvitation } from './group-rows.ts';

const op = '01'.repeat(32) as OpId;
const space = '02'.repeat(32) as SpaceId;
const secret = new Uint8Array(32).fill(3);
const [one, two] = ['wss://one.example', 'wss://two.example'] as RelayAddress[];

test('an invitation made here comes back with what was left at each relay node', () => {
  const said = { at: 1_700_000_000_000 as Millis, bytes: 40_000, mark: 'ab'.repeat(32) };
  const left = new Map([
    [one!, { says: 'k1', day: 19_000 }],
    [two!, { says: 'k1', day: 19_001, said }],
  ]);
  const own = { op, space, secret, left };
  expect(decodeOwnInvitation(op, encodeOwnInvitation(own))).toEqual(own);
});

test('one kept by an app that left no documents is read', () => {
  const row = encode({ space: hex.decode(space)!, secret, left: [[one!, 'k1', 19_000]] });
  expect(decodeOwnInvitation(op, row).left).toEqual(new Map([[one, { says: 'k1', day: 19_000 }]]));
});
