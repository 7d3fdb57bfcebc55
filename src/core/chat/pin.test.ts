// Pins: the fold of what was said of them, and how they are spelled.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hex } from '../bytes/bytes.ts';
import type { MessageId, PrincipalId } from '../charter/ids.ts';
import { decodePinBody, encodePinBody, Pins, type Pinning } from './pin.ts';

const id = (n: number): MessageId => n.toString(16).padStart(64, '0') as MessageId;
const by = (n: number): PrincipalId => n.toString(16).padStart(66, '0') as PrincipalId;

interface Told {
  readonly target: MessageId;
  readonly pinning: Pinning;
}

const told: fc.Arbitrary<Told> = fc
  .record({ target: fc.nat(4), lamport: fc.nat(5), message: fc.nat(1_000), pinned: fc.boolean(), author: fc.nat(3) })
  .map(({ target, lamport, message, pinned, author }) => ({
    target: id(target),
    pinning: { lamport, id: id(message), pinned, by: by(author) },
  }));
const many = fc.uniqueArray(told, { selector: ({ pinning }) => pinning.id, maxLength: 30 });

function fold(all: readonly Told[]): Pins {
  const pins = new Pins();
  for (const { target, pinning } of all) pins.tell(target, pinning);
  return pins;
}

test('a pin is read as it was written', () => {
  for (const pinned of [true, false])
    expect(decodePinBody(encodePinBody({ target: id(7), pinned }))).toEqual({ target: id(7), pinned });
  expect(hex.encode(encodePinBody({ target: id(7), pinned: true })).length).toBeLessThan(200);
});

test('X21 any order of arrival, and hearing some twice, gives the same pins', () => {
  const shuffled = many.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
  );
  fc.assert(
    fc.property(shuffled, ([all, other]) => {
      expect(fold(other).pinned).toEqual(fold(all).pinned);
    }),
  );
});

test('the last word in content order holds, the newest pin stands first', () => {
  const say = (target: number, lamport: number, pinned: boolean): Told => ({
    target: id(target),
    pinning: { lamport, id: id(100 + lamport), pinned, by: by(1) },
  });
  const pins = fold([say(1, 9, true), say(2, 3, true), say(3, 4, true), say(2, 8, false), say(1, 2, false)]);
  expect(pins.pinned.map(({ target }) => target)).toEqual([id(1), id(3)]);
  expect(pins.isPinned(id(2))).toBe(false);
  pins.drop(id(1));
  expect(pins.pinned.map(({ target }) => target)).toEqual([id(3)]);
});
