// How hard a passphrase is to guess, and suggestions that are hard to guess and easy to say.

import { passphraseStrength } from '#core/identity/passphrase-strength.ts';

export type Strength = 'short' | 'weak' | 'fair' | 'strong';

const SHORTEST = 8;

/** The careful estimate of core (identity/SPEC.md §6), in the words of the screen. */
export function strengthOf(passphrase: string): Strength {
  return [...passphrase].length < SHORTEST ? 'short' : passphraseStrength(passphrase).verdict;
}

const CONSONANTS = 'bdfghjklmnprstvz';
const VOWELS = 'aiou';

/** Four pronounceable words of 16 random bits each (the alphabet of "proquints"): the same in every language. */
export function suggestPassphrase(random = (array: Uint16Array<ArrayBuffer>) => crypto.getRandomValues(array)): string {
  return [...random(new Uint16Array(4))].map(proquint).join('-');
}

function proquint(value: number): string {
  const pick = (shift: number, letters: string): string => letters[(value >>> shift) & (letters.length - 1)]!;
  return pick(12, CONSONANTS) + pick(10, VOWELS) + pick(6, CONSONANTS) + pick(4, VOWELS) + pick(0, CONSONANTS);
}
