// The one spelling: laws, another's spelling beside it, and what the encoder does with texts and mistakes.
import { decode as decodeDagCbor, encode as encodeDagCbor } from '@ipld/dag-cbor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, encode, type Encodable } from './cbor.ts';
import { MAX_DEPTH, MAX_ITEMS } from './cbor-scan.ts';
import { WireError } from './wire-error.ts';

const read = (bytes: Uint8Array): unknown => decode(bytes, 'test', 1_000_000);
const key = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }).filter((k) => !['__proto__', '/'].includes(k));

const { value } = fc.letrec<{ value: Encodable }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.maxSafeInteger().map((n) => n + 0), // no negative zero
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array({ maxLength: 64 }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
}));

describe('laws', () => {
  it('what is encoded decodes to itself', () => {
    fc.assert(
      fc.property(value, (v) => {
        expect(read(encode(v))).toEqual(v);
      }),
    );
  });

  it('what decodes encodes back to the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        let decoded: unknown;
        try {
          decoded = read(bytes);
        } catch (fault) {
          return fault instanceof WireError;
        }
        return Buffer.compare(encode(decoded as Encodable), bytes) === 0;
      }),
      { numRuns: 2_000 },
    );
  });

  it('maps with the same fields have one spelling, however they were made', () => {
    fc.assert(
      fc.property(fc.dictionary(key, fc.nat(), { noNullPrototype: true }), (map) => {
        const reversed = Object.fromEntries(Object.entries(map).reverse());
        expect(encode(reversed)).toEqual(encode(map));
      }),
    );
  });
});

describe('another implementation', () => {
  it('spells every value alike', () => {
    fc.assert(
      fc.property(value, (v) => {
        expect(encode(v)).toEqual(new Uint8Array(encodeDagCbor(v)));
      }),
    );
  });

  it('spells lengths and numbers alike at every edge of their forms', () => {
    const edges = [23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER];
    for (const n of edges.flatMap((edge) => [edge, -edge])) expect(encode(n)).toEqual(new Uint8Array(encodeDagCbor(n)));
    for (const length of edges.slice(0, 6)) {
      const long = ['a'.repeat(length), 'é'.repeat(length), new Uint8Array(length).fill(7)];
      for (const v of long) {
        expect(encode(v)).toEqual(new Uint8Array(encodeDagCbor(v)));
        expect(read(encode(v))).toEqual(v);
      }
    }
  });

  /** What it decodes, when it would spell it so again and no text has a second spelling. */
  const others = (bytes: Uint8Array): unknown => {
    try {
      const decoded = decodeDagCbor<unknown>(bytes);
      const isCanonical = Buffer.compare(encodeDagCbor(decoded), bytes) === 0;
      return isCanonical && Buffer.compare(encode(decoded as Encodable), bytes) === 0 ? decoded : undefined;
    } catch {
      return undefined;
    }
  };
  const ours = (bytes: Uint8Array): unknown => {
    try {
      return read(bytes);
    } catch {
      return undefined;
    }
  };

  it('accepts what is accepted here and nothing else, whatever byte is changed, lost or doubled', () => {
    fc.assert(
      fc.property(value, fc.nat(), fc.nat(255), fc.nat(2), (v, place, byte, how) => {
        const bytes = [...encode(v)];
        bytes.splice(place % bytes.length, how === 0 ? 1 : Math.min(how, 1), ...(how === 2 ? [byte, byte] : [byte]));
        const changed = Uint8Array.from(bytes);
        expect(ours(changed)).toEqual(others(changed));
      }),
      { numRuns: 5_000 },
    );
  });

  it('refuses two keys in the wrong order or alike, and texts that are no UTF-8, as this one does', () => {
    const texts = fc.uint8Array({ minLength: 1, maxLength: 4 });
    const spelled = (t: Uint8Array): number[] => [0x60 + t.length, ...t];
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        const map = Uint8Array.of(0xa2, ...spelled(a), 1, ...spelled(b), 2);
        expect(ours(map)).toEqual(others(map));
        const list = Uint8Array.of(0x82, ...spelled(a), ...spelled(b));
        expect(ours(list)).toEqual(others(list));
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('limits come first', () => {
  it('refuses what is too long before looking inside', () => {
    expect(() => decode(new Uint8Array(11), 'test', 10)).toThrow('test: too-long');
  });

  it('refuses a count of items that the bytes could hold but no structure needs', () => {
    const items = new Uint8Array(MAX_ITEMS + 10);
    items.set([0x99, (MAX_ITEMS + 5) >> 8, (MAX_ITEMS + 5) & 255]);
    expect(() => read(items)).toThrow('test: too-many');
  });

  it('refuses nesting one level deeper than allowed, and keeps its stack however deep it is', () => {
    const nested = (depth: number): Uint8Array => Uint8Array.of(...new Array<number>(depth).fill(0x81), 0);
    expect(() => read(nested(MAX_DEPTH))).not.toThrow();
    expect(() => read(nested(MAX_DEPTH + 1))).toThrow('test: too-deep');
    expect(() => read(nested(100_000))).toThrow('test: too-deep');
  });
});

describe('decoded values', () => {
  it('never share memory with the input', () => {
    const bytes = encode({ inner: new Uint8Array([1, 2, 3]), list: [new Uint8Array([4])] });
    const decoded = read(bytes) as { inner: Uint8Array; list: Uint8Array[] };
    bytes.fill(255);
    expect(decoded.inner).toEqual(new Uint8Array([1, 2, 3]));
    expect(decoded.list[0]).toEqual(new Uint8Array([4]));
  });

  it('keep names that objects inherit as plain fields', () => {
    const decoded = read(encode({ constructor: 1, toString: 2 })) as Record<string, unknown>;
    expect(Object.keys(decoded).sort()).toEqual(['constructor', 'toString']);
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
  });
});

describe('the encoder', () => {
  it('makes any text one that others accept: half an emoji and byte order marks do not travel', () => {
    expect(read(encode('\ufeff\ufeffhello \ud83c'))).toBe('hello \ufffd');
  });

  it.each([0.5, Number.NaN, Infinity, -0, 2 ** 53, { a: undefined }, { '': 1 }, { '/': 1 }, { ['__proto__']: 1 }, 1n])(
    'throws on what may not travel: %o',
    (wrong) => {
      expect(() => encode(wrong as unknown as Encodable)).toThrow(/^cbor:/u);
    },
  );
});
