// Byte strings and their text forms: one text for each byte string, in both directions.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64urlnopad, compare, concat, equal, hex, holds, textOf, utf8, wipe } from './bytes.ts';
import { spellId, spellWordAt } from './known-ids.ts';

const bytes = fc.uint8Array({ maxLength: 70 }).map((b) => new Uint8Array(b));

describe.each([
  ['hex', hex, (b: Uint8Array) => Buffer.from(b).toString('hex')],
  ['base64url', base64urlnopad, (b: Uint8Array) => Buffer.from(b).toString('base64url')],
] as const)('%s', (_, form, reference) => {
  it('writes what everybody writes, and reads it back', () => {
    fc.assert(
      fc.property(bytes, (b) => {
        expect(form.encode(b)).toBe(reference(b));
        expect(form.decode(form.encode(b))).toEqual(b);
      }),
    );
  });

  it('accepts one spelling only', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), (text) => {
        const read = form.decode(text);
        if (read !== undefined) expect(form.encode(read)).toBe(text);
      }),
    );
  });
});

it('an id is spelled as hex is, also when another fell into its slot, and when its bytes were overwritten since', () => {
  const alike = fc.tuple(fc.constantFrom(1, 8, 32, 33), fc.integer({ max: 3, min: 0 })).map(([length, mark]) => {
    const id = new Uint8Array(length).fill(7);
    id[length >> 1] = mark;
    return id;
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(alike, bytes), { maxLength: 30 }), (ids) => {
      for (const id of ids) {
        expect(spellId(id)).toBe(hex.encode(id));
        id.fill(9);
        expect(spellId(id)).toBe(hex.encode(id));
      }
    }),
  );
});

it('a word is what its bytes say, also when another fell into its slot, and nothing where they are no text', () => {
  const alike = fc
    .tuple(fc.constantFrom('a', 'b', 'ö'), fc.constantFrom('x', 'X', '8'))
    .map(([a, z]) => utf8(`${a}-${z}`));
  fc.assert(
    fc.property(fc.array(fc.oneof(alike, fc.string().map(utf8), bytes), { maxLength: 30 }), (words) => {
      for (const word of words) {
        const within = concat(utf8('a'), word, utf8('z'));
        expect(spellWordAt(within, 1, 1 + word.length)).toBe(textOf(word));
      }
    }),
  );
});

it.each(['A', 'AB', 'ABC=', 'AAAAA', 'AA A', 'AA+A', 'AA/A', 'ÄAAA'])('base64url refuses %s', (text) => {
  expect(base64urlnopad.decode(text)).toBeUndefined();
});

it.each(['a', 'AB', '0x', 'gg', 'ａｂ'])('hex refuses %s', (text) => {
  expect(hex.decode(text)).toBeUndefined();
});

describe('byte strings', () => {
  it('are ordered as their hex is', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const [x, y] = [hex.encode(a), hex.encode(b)];
        expect(Math.sign(compare(a, b))).toBe(x < y ? -1 : x > y ? 1 : 0);
        expect(equal(a, b)).toBe(x === y);
      }),
    );
  });

  it('join without touching their parts', () => {
    fc.assert(
      fc.property(fc.array(bytes), (parts) => {
        expect(hex.encode(concat(...parts))).toBe(parts.map((part) => hex.encode(part)).join(''));
      }),
    );
  });

  it('are texts only where they are UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(textOf(utf8(text))).toBe(text);
      }),
    );
    expect([[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80]].map((b) => textOf(Uint8Array.from(b)))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('that were wiped hold nothing', () => {
    const secret = utf8('secret');
    wipe(secret);
    expect(hex.encode(secret)).toBe('000000000000');
  });
});

it('a byte string holds another where text forms say so, also where the beginning comes more than once', () => {
  const few = fc.uint8Array({ maxLength: 24, max: 2 });
  const part = fc.uint8Array({ minLength: 1, maxLength: 4, max: 2 });
  fc.assert(
    fc.property(few, part, (whole, within) => {
      expect(holds(whole, within)).toBe(whole.join('').includes(within.join('')));
    }),
  );
});
