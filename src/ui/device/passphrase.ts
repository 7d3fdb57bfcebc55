// How hard a passphrase is to guess, and suggestions that are hard to guess and easy to say.

export type Strength = 'short' | 'weak' | 'fair' | 'strong';

/** What guessers try first. Only whole words count against a passphrase; one of several words is no harm. */
const COMMON = /^(password|passphrase|understory|qwerty|azerty|letmein|welcome|iloveyou|admin|dragon|monkey|secret)$/iu;
const RUNS = 'abcdefghijklmnopqrstuvwxyz 01234567890 qwertyuiop asdfghjkl zxcvbnm';
/** Bits below which a stolen disk would be opened within days in spite of the slow key (64 MiB, 3 passes). */
const FAIR_BITS = 40;
const STRONG_BITS = 60;
const SHORTEST = 8;

export function strengthOf(passphrase: string): Strength {
  if ([...passphrase].length < SHORTEST) return 'short';
  const bits = guessBits(passphrase);
  if (bits < FAIR_BITS) return 'weak';
  return bits < STRONG_BITS ? 'fair' : 'strong';
}

/** A careful estimate: letters that follow from those before them count for one bit only, common words for ten. */
export function guessBits(passphrase: string): number {
  return passphrase
    .split(/[\s\-_.,;]+/u)
    .filter((word) => word !== '')
    .reduce((sum, word, index, words) => sum + (words.indexOf(word) < index ? 1 : wordBits(word)), 0);
}

function wordBits(word: string): number {
  const bare = word.replace(/[\d\W_]+$/u, '');
  if (COMMON.test(bare) || COMMON.test(word)) return 10 + (word.length - bare.length) * 2;
  const perLetter = Math.log2(alphabetOf(word));
  let bits = 0;
  [...word].forEach((letter, index, letters) => {
    bits += isExpected(letters[index - 2], letters[index - 1], letter) ? 1 : perLetter;
  });
  // Words of a language are fewer than strings of letters: a lower-case word of any length counts for 20 bits at most.
  return /^\p{Ll}+$|^\p{Lu}\p{Ll}+$|^\p{Lo}+$/u.test(word) ? Math.min(bits, 20) : bits;
}

function alphabetOf(word: string): number {
  let size = 0;
  if (/\p{Ll}|\p{Lo}/u.test(word)) size += 26;
  if (/\p{Lu}/u.test(word)) size += 26;
  if (/\p{N}/u.test(word)) size += 10;
  if (/[^\p{L}\p{N}]/u.test(word)) size += 20;
  return Math.max(size, 10);
}

function isExpected(before: string | undefined, last: string | undefined, letter: string): boolean {
  if (last === undefined) return false;
  if (letter === last || letter === before) return true;
  const pair = (last + letter).toLowerCase();
  return RUNS.includes(pair) || RUNS.includes([...pair].reverse().join(''));
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
