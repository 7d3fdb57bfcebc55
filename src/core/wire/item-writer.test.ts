// What is written item by item is what the general encoder spells.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encode } from './cbor.ts';
import { headLength, ItemWriter, stringLength } from './item-writer.ts';

/** Each length of a head has its ends among them. */
const edges = [0, 23, 24, 0xff, 0x100, 0xffff, 0x10000, 0xffffffff, 0x100000000, Number.MAX_SAFE_INTEGER];
const number = fc.oneof(fc.constantFrom(...edges), fc.maxSafeNat());
const bytes = fc.uint8Array({ maxLength: 300 });

test('law: numbers, byte strings, what is absent and what is inside of a byte string are spelled as ever', () => {
  fc.assert(
    fc.property(
      fc.array(number, { maxLength: 30 }),
      bytes,
      fc.option(bytes, { nil: undefined }),
      (numbers, one, other) => {
        const inner = encode([one, other ?? null]);
        const lengths =
          headLength(2) + stringLength(one.length) + (other === undefined ? 1 : stringLength(other.length));
        const numbersLength = numbers.reduce((sum, value) => sum + headLength(value), headLength(numbers.length));
        const write = new ItemWriter(headLength(2) + numbersLength + stringLength(lengths));
        write.list(2);
        write.list(numbers.length);
        for (const value of numbers) write.uint(value);
        write.enter(lengths);
        write.list(2);
        write.bytes(one);
        write.optionalBytes(other);
        expect(write.end()).toEqual(encode([numbers, inner]));
      },
    ),
  );
});

test('what is longer or shorter than was foretold, and numbers that do not travel, are mistakes', () => {
  expect(() => new ItemWriter(2).end()).toThrow('foretold');
  const write = new ItemWriter(1);
  expect(() => {
    write.bytes(new Uint8Array(3));
  }).toThrow();
  for (const value of [-1, 0.5, 2 ** 53]) expect(() => new ItemWriter(9).uint(value)).toThrow('53 bits');
});

test('law: what is cut from one piece of memory is what each would be alone, and stays that', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.option(number, { nil: undefined }), bytes), { maxLength: 12 }), (items) => {
      const spelled = items.map(([value, part]) => encode([value ?? null, part]));
      const length = spelled.reduce((sum, one) => sum + one.length, 0);
      const write = new ItemWriter(length + 5);
      const cuts = items.map(([value, part]) => {
        write.list(2);
        write.optionalUint(value);
        write.spelled(encode(part));
        return write.cut();
      });
      expect(cuts).toEqual(spelled);
      expect(write.room).toBe(5);
    }),
  );
});
