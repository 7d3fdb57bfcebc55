// How a welcome is cut into pieces.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PrincipalId, Scope, SpaceId } from '../charter/ids.ts';
import { scopeKeyOf, type ScopeSecret } from '../keys/scope-key.ts';
import type { AeadKey } from '../crypto/suite.ts';
import { makeCheapSuite } from '#tests/sim/cheap-suite.ts';
import { Dice } from '#tests/sim/dice.ts';
import type { Topic } from '../wire/envelope.ts';
import { emptyParcel } from './parcel.ts';
import { MAX_WELCOME_RUN_BYTES, openWelcome, sealWelcome, splitWelcome, type Welcome } from './welcome.ts';

const space = '11'.repeat(32) as SpaceId;
const topic = '22'.repeat(32) as Topic;
const dice = new Dice(1, 'welcome');
const bytes = (length: number): ReturnType<Dice['bytes']> => dice.bytes(length);

const sizes = (max: number, maxLength: number) => fc.array(fc.integer({ min: 1, max }), { maxLength });
const shapes = fc.record({
  ops: sizes(4_000, 60),
  runs: sizes(MAX_WELCOME_RUN_BYTES, 6),
  names: fc.nat(450),
  keys: fc.integer({ min: 1, max: 64 }),
});

function welcomeOf({
  ops,
  runs,
  names,
  keys,
}: typeof shapes extends fc.Arbitrary<infer Shape> ? Shape : never): Welcome {
  return {
    parcel: { ...emptyParcel, ops: ops.map(bytes), runs: runs.map(bytes) },
    keys: Array.from({ length: keys }, (_, i) => {
      return scopeKeyOf(space, `${i}`.padStart(64, 'r') as Scope, bytes(32) as ScopeSecret);
    }),
    rendezvous: bytes(32),
    names: Array.from({ length: names }, (_, i) => {
      return { principal: i.toString(16).padStart(66, '0') as PrincipalId, name: 'n'.repeat(200) };
    }),
    channels: [],
  };
}

describe('a welcome in pieces', () => {
  test('loses nothing, fits envelopes, and can be read with by whoever has any of them', () => {
    const suite = makeCheapSuite();
    const key = bytes(32) as AeadKey;
    fc.assert(
      fc.property(shapes, (shape) => {
        const welcome = welcomeOf(shape);
        const pieces = splitWelcome(welcome).map((piece) => {
          return openWelcome(suite, { key, topic, space, blob: sealWelcome(suite, dice, { key, topic, piece }) })!;
        });
        expect(pieces.flatMap(({ parcel }) => parcel.ops)).toEqual(welcome.parcel.ops);
        expect(pieces.flatMap(({ parcel }) => parcel.runs)).toEqual(welcome.parcel.runs);
        expect(pieces.flatMap(({ names }) => names)).toEqual(welcome.names);
        for (const { keys } of pieces) expect(keys).toEqual(welcome.keys);
      }),
      { numRuns: 25 },
    );
  });

  test('with little in it is one', () => {
    const welcome = {
      parcel: { ...emptyParcel, ops: [bytes(900)], runs: [bytes(20_000)] },
      keys: [],
      rendezvous: undefined,
    };
    expect(splitWelcome({ ...welcome, names: [], channels: [] })).toHaveLength(1);
  });
});
