// Over 400 hostile names, and honest ones that must come through unharmed.
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../bytes/bytes.ts';
import { MAX_NAME_BYTES } from '../wire/text.ts';
import { hasMixedScripts, nameWarning } from './look-alikes.ts';
import { safeName, safeText } from './names.ts';

interface NameCase {
  readonly kind: string;
  readonly text: string;
  /** What it imitates or hides something in. */
  readonly of?: string;
}

const file = path.resolve(import.meta.dirname, '../../../tests/vectors/hostile-names.json');
const corpus = JSON.parse(readFileSync(file, 'utf8')) as NameCase[];
const hostile = corpus.filter(({ kind }) => kind !== 'honest');
const ofKind = (...kinds: readonly string[]): NameCase[] => corpus.filter(({ kind }) => kinds.includes(kind));

/** Written apart from the code under test: plain ranges instead of Unicode properties. */
function isUnseen(codePoint: number, isName: boolean): boolean {
  const inside = (from: number, to: number): boolean => codePoint >= from && codePoint <= to;
  const isLine = codePoint === 9 || codePoint === 10;
  if (!isName && (isLine || codePoint === 0x61c || inside(0x200e, 0x200f))) return false;
  return (
    inside(0, 0x1f) ||
    inside(0x7f, 0x9f) ||
    codePoint === 0xad ||
    codePoint === 0x61c ||
    codePoint === 0x200b ||
    inside(0x200e, 0x200f) ||
    inside(0x2028, 0x202e) ||
    inside(0x2060, 0x206f) ||
    codePoint === 0xfeff ||
    inside(0xd800, 0xdfff) ||
    inside(0xe000, 0xf8ff) ||
    inside(0xfff9, 0xfffb) ||
    codePoint === 0x3164 ||
    codePoint === 0x115f ||
    codePoint === 0x1160 ||
    codePoint === 0xffa0 ||
    codePoint === 0x2800 ||
    inside(0xf0000, 0x10ffff)
  );
}

const unseenIn = (text: string, isName: boolean): string[] =>
  [...text].filter((letter) => isUnseen(letter.codePointAt(0)!, isName));

it('is a corpus worth its name', () => {
  expect(hostile.length).toBeGreaterThanOrEqual(300);
});

describe('names', () => {
  it.each(hostile)('hide and reorder nothing: $kind $text', ({ text }) => {
    const name = safeName(text);
    expect(unseenIn(name, true)).toEqual([]);
    expect(utf8(name).length).toBeLessThanOrEqual(MAX_NAME_BYTES);
    expect(name).toBe(safeName(name));
    expect(name).not.toMatch(/\p{M}{4}/u);
    expect(name).not.toMatch(/^\s|\s$|\s\s/u);
  });

  it.each(ofKind('control', 'bidi', 'invisible', 'unassigned').filter(({ of }) => of !== undefined))(
    'are recognised with something hidden in them: $kind $text',
    ({ text, of }) => {
      expect(safeName(text).replaceAll(' ', '')).toBe(of);
    },
  );

  it.each(ofKind('blank'))('that show nothing are empty: $text', ({ text }) => {
    expect(safeName(text)).toBe('');
  });

  it.each(ofKind('honest'))('of honest people come through unharmed and without a warning: $text', ({ text }) => {
    expect(safeName(text)).toBe(text);
    expect(nameWarning(safeName(text), ['Alice', 'Bob'])).toBeUndefined();
  });

  it('obey these laws whatever they hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        const name = safeName(text);
        expect(unseenIn(name, true)).toEqual([]);
        expect(safeName(name)).toBe(name);
        expect(unseenIn(safeText(text), false)).toEqual([]);
        expect(safeText(safeText(text))).toBe(safeText(text));
      }),
      { numRuns: 500 },
    );
  });
});

describe('texts', () => {
  it.each(hostile)('hide and reorder nothing: $kind $text', ({ text }) => {
    expect(unseenIn(safeText(text), false)).toEqual([]);
  });

  it('keep line breaks, tabs, joiners where they mean something, and marks that override nothing', () => {
    expect(safeText('a\r\nb\rc\td')).toBe('a\nb\nc\td');
    expect(safeText('שלום\u200f! 👩‍👩‍👧 می‌خواهم')).toBe('שלום\u200f! 👩‍👩‍👧 می‌خواهم');
    expect(safeText('pay \u202e001\u202c now')).toBe('pay 001 now');
  });

  it('of plain letters are read alike beside one that is not plain', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 20 }), (text) => {
        expect(`${safeText(text)}é`).toBe(safeText(`${text}é`));
      }),
      { numRuns: 500 },
    );
  });
});

describe('warnings', () => {
  it.each(ofKind('look-alike'))('$text looks like $of', ({ text, of }) => {
    expect(nameWarning(safeName(text), ['Somebody', of!])).toBe('looks-like-another');
    expect(nameWarning(of!, [safeName(text)])).toBe('looks-like-another');
  });

  it.each(ofKind('mixed-scripts'))('$text mixes writing systems', ({ text }) => {
    expect(hasMixedScripts(safeName(text))).toBe(true);
    expect(nameWarning(safeName(text), [])).toBe('mixed-scripts');
  });

  it('tell different names apart', () => {
    const names = ['Alice', 'Bob', 'Anna', 'Ann', 'Hanna', 'Maria', 'Mara', 'Анна', 'علي', '山田', '🌿', '🌱', 'R2D2'];
    const pairs = names.flatMap((a, i) => names.slice(i + 1).map((b) => [a, b] as const));
    expect(pairs.filter(([a, b]) => nameWarning(a, [b]) !== undefined)).toEqual([]);
  });

  it('take equal names for one another', () => {
    expect(nameWarning('Anna', ['Anna'])).toBe('looks-like-another');
  });
});
