// Lengths are counted in bytes and cut between characters.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { utf8 } from '../bytes/bytes.ts';
import { fits, shortened } from './text.ts';

it('counts bytes, not letters', () => {
  expect(fits('äää', 6)).toBe(true);
  expect(fits('äää', 5)).toBe(false);
});

it('never cuts inside a character as people see it', () => {
  expect(shortened('ab👩‍👩‍👧', 10)).toBe('ab');
  expect(shortened('e\u0301e\u0301', 4)).toBe('e\u0301');
});

it('gives a beginning that fits, and the text itself when it fits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(60), (text, max) => {
      const short = shortened(text, max);
      expect(utf8(short).length).toBeLessThanOrEqual(max);
      expect(text.startsWith(short)).toBe(true);
      if (fits(text, max)) expect(short).toBe(text);
    }),
  );
});
