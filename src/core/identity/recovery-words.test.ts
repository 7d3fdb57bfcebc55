// Words on paper: what a person types gives the secret back or says what is wrong.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeProductionSuite } from '../crypto/production-suite.ts';
import type { Bytes } from '../bytes/bytes.ts';
import type { Random } from '../ports.ts';
import { openRecovery, PAPER_WORDS, paperSeed, paperWords, readPaperWords, sealRecovery } from './recovery-words.ts';

const secretOf = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => new Uint8Array(bytes) as Bytes);

describe('words on paper', () => {
  test('law: what was written down gives the secret back, however it is typed', () => {
    fc.assert(
      fc.property(secretOf, fc.constantFrom(' ', '-', '\n', ', ', ' 1. '), (secret, between) => {
        const words = paperWords(secret);
        expect(words).toHaveLength(PAPER_WORDS);
        expect(readPaperWords(` ${words.join(between).toUpperCase()} `)).toEqual(secret);
      }),
    );
  });

  test('law: one wrong word is noticed', () => {
    let slips = 0;
    fc.assert(
      fc.property(secretOf, fc.nat({ max: 8 }), fc.nat({ max: 65_535 }), (secret, at, value) => {
        const words = [...paperWords(secret)];
        const other = paperWords(new Uint8Array([value >>> 8, value & 0xff, ...new Uint8Array(14)]) as Bytes)[0]!;
        if (words[at] === other) return;
        words[at] = other;
        if (readPaperWords(words.join(' ')) !== 'slip') slips++;
      }),
      { numRuns: 1_000 },
    );
    // One in 65,536 passes by chance.
    expect(slips).toBeLessThan(2);
  });

  test('law: any text has an answer', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readPaperWords(text)));
  });

  test('says what is wrong', () => {
    const words = paperWords(new Uint8Array(16) as Bytes);
    expect(readPaperWords(words.slice(1).join(' '))).toBe('too-few');
    expect(readPaperWords([...words, words[0]].join(' '))).toBe('too-many');
    expect(readPaperWords(['apple', ...words.slice(1)].join(' '))).toBe('not-a-word');
    expect(readPaperWords('')).toBe('too-few');
  });

  test('a key made for a space without the words opens with them, with no others, and is like no other', async () => {
    const suite = makeProductionSuite('noble');
    let next = 1;
    const random: Random = { bytes: (length) => new Uint8Array(length).fill(next++) as Bytes };
    const [mine, other] = [paperSeed(new Uint8Array(16) as Bytes), paperSeed(new Uint8Array(16).fill(1) as Bytes)];
    const paper = await suite.sealingKeyOf(mine, 1);
    const made = [];
    for (const beside of ['11'.repeat(32), '22'.repeat(32)])
      made.push(await sealRecovery(suite, random, { beside, paper }));
    expect(made[0]!.key).not.toEqual(made[1]!.key);
    for (const { key, sealed } of made) {
      const seed = await openRecovery(suite, mine, sealed);
      expect(await suite.signingKeyOf(seed!)).toEqual(key);
      expect(await openRecovery(suite, other, sealed)).toBeUndefined();
    }
    expect(await openRecovery(suite, mine, new Uint8Array([0x80]) as Bytes)).toBeUndefined();
  });
});
