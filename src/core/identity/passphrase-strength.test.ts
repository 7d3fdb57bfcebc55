// Estimates that err on the low side.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { passphraseStrength } from './passphrase-strength.ts';

describe('passphrase strength', () => {
  it.each([
    ['', 'empty'],
    ['password', 'common'],
    ['P@ssw0rd', 'common'],
    ['password123', 'common'],
    ['aaaaaaaaaaaaaaaaaaaa', 'repeats'],
    ['abcabcabcabcabc', 'repeats'],
    ['zxcvbnm,1234567890', 'sequence'],
    ['abcdefgh12345678', 'sequence'],
    ['24.12.1990', 'date'],
    ['19901224', 'date'],
    ['letmein2024', 'common'],
    ['iloveyou', 'common'],
    ['tree tree tree tree tree', 'repeats'],
    ['x7#', 'short'],
  ] as const)('%s is weak: %s', (passphrase, weakness) => {
    expect(passphraseStrength(passphrase)).toMatchObject({ verdict: 'weak', weakness });
  });

  it.each([
    'sudden marble violin garden rocket lamp',
    'Vxq9$mZ2!vL7&pRt4',
    'qmzkxwpbvntrljcd',
    'viele kleine Hasen tanzen heimlich auf dem Dach',
  ])('%s is strong, and nothing is said against it', (passphrase) => {
    expect(passphraseStrength(passphrase)).toMatchObject({ verdict: 'strong', weakness: undefined });
  });

  it('gives words drawn by dice no more than dice give: 12.9 bits each', () => {
    const words = ['cleft', 'cam', 'synod', 'lacy', 'yr', 'wok'];
    for (let count = 1; count <= words.length; count++) {
      const { bits } = passphraseStrength(words.slice(0, count).join('-'));
      expect(bits).toBeLessThanOrEqual(12.9 * count + 1.5 * count);
    }
  });

  it('gives letters drawn at random no more than the dice gave, and not absurdly less', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(25), { minLength: 8, maxLength: 24 }), (dice) => {
        const { bits } = passphraseStrength(dice.map((n) => String.fromCharCode(97 + n)).join(''));
        expect(bits).toBeLessThanOrEqual(4.7 * dice.length);
      }),
    );
  });

  it('knows what the app suggests, and nothing shorter or repeated', () => {
    expect(passphraseStrength('lusab-babad-gutih-tugad')).toEqual({ bits: 64, verdict: 'strong', weakness: undefined });
    expect(passphraseStrength('lusab-babad-gutih').verdict).toBe('weak');
    expect(passphraseStrength('lusab-lusab-lusab-lusab').verdict).toBe('weak');
  });

  it('never falls when a new word is added', () => {
    let before = 0;
    for (const text of ['sudden', 'sudden marble', 'sudden marble violin', 'sudden marble violin garden']) {
      const { bits } = passphraseStrength(text);
      expect(bits).toBeGreaterThan(before);
      before = bits;
    }
  });

  it('answers any text, also a huge one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(passphraseStrength(text).bits).toBeGreaterThanOrEqual(0);
      }),
    );
    expect(passphraseStrength('a1b2 '.repeat(20_000)).bits).toBeGreaterThan(0);
  });
});
