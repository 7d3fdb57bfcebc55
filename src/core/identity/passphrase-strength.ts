// How much guessing a passphrase withstands, in bits, estimated low rather than high (SPEC.md §6). Nothing is looked
// up anywhere: the estimate knows common passwords, word-like runs, repeats, sequences, keyboard rows and dates.

import { COMMON_PASSWORDS } from './common-passwords.ts';

/** `fair` withstands one rich attacker for a while, `strong` anyone (each guess costs an Argon2id run of 64 MiB). */
export type PassphraseVerdict = 'weak' | 'fair' | 'strong';

/** What costs the most, for a hint in words. */
export type PassphraseWeakness = 'empty' | 'common' | 'repeats' | 'sequence' | 'date' | 'short';

export interface PassphraseStrength {
  readonly bits: number;
  readonly verdict: PassphraseVerdict;
  readonly weakness: PassphraseWeakness | undefined;
}

/**
 * A guess costs an Argon2id run: about 20 in a second on one machine. A thousand machines need, on average, 28 years
 * for 45 bits and a million years for 60, which is five words drawn by dice.
 */
const FAIR_BITS = 45;
const STRONG_BITS = 60;

/** A word from a list of 7,776, drawn by dice. What looks like a word is never worth more. */
const WORD_BITS = 12.9;
/** A word somebody thought of rather than drew is likelier; the estimate takes the middle. */
const CHOSEN_WORD_BITS = 11;
const COMMON_BITS = 9;
const KEYBOARD = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm', '1234567890', 'qwertzuiop', 'yxcvbnm', 'azertyuiop'];
const PROQUINT = /^[bdfghjklmnprstvz][aiou][bdfghjklmnprstvz][aiou][bdfghjklmnprstvz]$/u;
const LONGEST_LOOKED_AT = 128;
const LONGEST_WORD = 14;

interface Piece {
  readonly length: number;
  readonly bits: number;
  readonly weakness?: PassphraseWeakness;
}

export function passphraseStrength(passphrase: string): PassphraseStrength {
  const letters = [...passphrase.normalize('NFC')].slice(0, LONGEST_LOOKED_AT);
  const { bits, weakness } = suggested(passphrase) ?? cheapest(letters);
  const verdict = bits >= STRONG_BITS ? 'strong' : bits >= FAIR_BITS ? 'fair' : 'weak';
  return { bits: Math.floor(bits), verdict, weakness: verdict === 'strong' ? undefined : (weakness ?? 'short') };
}

/**
 * What the app itself suggests: at least four different "proquints" (Wilkerson 2009) joined by hyphens, 16 random bits
 * each. Nobody thinks of four such words by chance; one or two could be names, so fewer get nothing extra.
 */
function suggested(passphrase: string): { bits: number; weakness: undefined } | undefined {
  const drawn = passphrase.split('-');
  if (drawn.length < 4 || new Set(drawn).size !== drawn.length) return undefined;
  return drawn.every((word) => PROQUINT.test(word)) ? { bits: 16 * drawn.length, weakness: undefined } : undefined;
}

/** The cheapest way to cut it into pieces, which is how a guesser would (as zxcvbn does). */
function cheapest(letters: readonly string[]): { bits: number; weakness: PassphraseWeakness | undefined } {
  if (letters.length === 0) return { bits: 0, weakness: 'empty' };
  const best: { bits: number; weakness: PassphraseWeakness | undefined }[] = [{ bits: 0, weakness: undefined }];
  for (let end = 1; end <= letters.length; end++) best.push({ bits: Infinity, weakness: undefined });
  const seen = new Set<string>();
  for (let start = 0; start < letters.length; start++) {
    const here = best[start]!;
    for (const piece of piecesAt(letters, start, seen)) {
      const end = start + piece.length;
      const bits = here.bits + piece.bits;
      if (bits < best[end]!.bits) best[end] = { bits, weakness: here.weakness ?? piece.weakness };
    }
  }
  return best[letters.length]!;
}

/** All pieces that begin at one place. */
function piecesAt(letters: readonly string[], start: number, seen: Set<string>): Piece[] {
  const rest = letters.slice(start);
  const pieces = [single(rest[0]!), ...repeats(rest), ...sequences(rest), ...dates(rest)];
  const plain = plainSpelling(rest.slice(0, 24).join(''));
  for (let length = 3; length <= Math.min(24, rest.length); length++) {
    const word = plain.slice(0, length);
    if (COMMON_PASSWORDS.has(word)) {
      // A capital or digits in place of letters are the first variations that are tried.
      pieces.push({
        length,
        bits: COMMON_BITS + (word === rest.slice(0, length).join('') ? 0 : 2),
        weakness: 'common',
      });
    }
  }
  pieces.push(...words(letters, start, seen));
  return pieces;
}

/** One sign nobody can foresee, by the smallest set that it could come from. */
function single(letter: string): Piece {
  if (/[a-z]/u.test(letter)) return { length: 1, bits: 4.2 };
  if (/\d/u.test(letter)) return { length: 1, bits: 3.3 };
  if (/[A-Z]/u.test(letter)) return { length: 1, bits: 4.7 };
  if (/[ .,!?_-]/u.test(letter)) return { length: 1, bits: 1.5 };
  return { length: 1, bits: /\p{ASCII}/u.test(letter) ? 5 : 6 };
}

function repeats(rest: readonly string[]): Piece[] {
  const pieces: Piece[] = [];
  for (let unit = 1; unit <= Math.min(8, rest.length >> 1); unit++) {
    let length = unit;
    while (length < rest.length && rest[length] === rest[length - unit]) length++;
    const once = rest.slice(0, unit).reduce((bits, letter) => bits + single(letter).bits, 0);
    if (length >= Math.max(3, 2 * unit)) {
      pieces.push({ length, bits: once + Math.log2(length / unit + 1), weakness: 'repeats' });
    }
  }
  return pieces;
}

/** abc, 4321, qwert: a start, a direction and a length. */
function sequences(rest: readonly string[]): Piece[] {
  const low = rest.map((letter) => letter.toLowerCase());
  const lengths = [1, -1].map((step) => runLength(low, (a, b) => b.codePointAt(0)! - a.codePointAt(0)! === step));
  for (const row of KEYBOARD) {
    const next = (step: number) => (a: string, b: string) => row.includes(a) && row[row.indexOf(a) + step] === b;
    lengths.push(runLength(low, next(1)), runLength(low, next(-1)));
  }
  const length = Math.max(...lengths);
  return length >= 3 ? [{ length, bits: 5 + Math.log2(length), weakness: 'sequence' }] : [];
}

function runLength(letters: readonly string[], follows: (a: string, b: string) => boolean): number {
  let length = 1;
  while (length < letters.length && follows(letters[length - 1]!, letters[length]!)) length++;
  return length;
}

/** Years and full dates of the last and this century: 36,500 days, 3 spellings. */
function dates(rest: readonly string[]): Piece[] {
  const text = rest.slice(0, 10).join('');
  const day =
    /^(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d{2}|(?:19|20)\d{2}[./-]?\d{2}[./-]?\d{2}|\d{4}(?:19|20)\d{2})/u.exec(text);
  const year = /^(?:19|20)\d{2}/u.exec(text);
  return [
    ...(day === null ? [] : [{ length: day[0].length, bits: 16.7, weakness: 'date' } as const]),
    ...(year === null ? [] : [{ length: 4, bits: 7, weakness: 'date' } as const]),
  ];
}

/** Beginnings of the letters here that could be words; a capital begins a new one. */
function words(letters: readonly string[], start: number, seen: Set<string>): Piece[] {
  const run = /^(?:\p{Lu}+|\p{Lu}?[\p{Ll}\p{Lo}\p{M}]+)/u.exec(
    letters.slice(start, start + LONGEST_WORD).join(''),
  )?.[0];
  if (run === undefined) return [];
  const low = run.toLowerCase();
  const isWhole = start === 0 || !/\p{L}/u.test(letters[start - 1]!);
  if (isWhole && seen.has(low)) return [{ length: [...run].length, bits: 2, weakness: 'repeats' }];
  if (isWhole) seen.add(low);
  const pieces: Piece[] = [];
  for (let length = 3; length <= [...run].length; length++) {
    const word = [...run].slice(0, length).join('');
    if (isWordLike(word))
      pieces.push({ length, bits: Math.min(2.6 * length + 1, length > 6 ? WORD_BITS : CHOSEN_WORD_BITS) });
  }
  return pieces;
}

/** Letters that could be a word of some language: vowels among them, no long pile of consonants. */
function isWordLike(run: string): boolean {
  const low = run.toLowerCase();
  // Other scripts carry their own structure; taken as words, which is the low estimate.
  if (!/^[a-zà-ÿ]+$/u.test(low)) return true;
  return /[aeiouyà-ÿ]/u.test(low) && !/[^aeiouyà-ÿ]{5}/u.test(low);
}

/** As a list of common passwords has it: small letters, the usual signs read as the letters they stand for. */
function plainSpelling(text: string): string {
  const meant: Readonly<Record<string, string>> = {
    '0': 'o',
    '3': 'e',
    '@': 'a',
    $: 's',
    '5': 's',
    '7': 't',
    '!': 'i',
  };
  const low = text.toLowerCase();
  return /\p{L}/u.test(low) ? low.replace(/[03@$57!]/gu, (sign) => meant[sign]!) : low;
}
