// The one secret on paper, as words that are the same in every language, and what follows from it (SPEC.md §9).

import { concat, hex, type Bytes } from '../bytes/bytes.ts';
import { orJunkLater } from '../crypto/or-junk.ts';
import { derive, hash } from '../crypto/hash.ts';
import { COINS_BYTES, type CryptoSuite, type SealingKey, type Seed } from '../crypto/suite.ts';
import type { Random } from '../ports.ts';
import { decode, encode } from '../wire/cbor.ts';
import { bytesOf, tuple } from '../wire/fields.ts';

/** 128 bits: nobody tries them all, and they fit on a slip of paper. */
export const PAPER_SECRET_BYTES = 16;
/** Eight words of the secret, one that shows a slip of the pen. */
export const PAPER_WORDS = 9;

// Proquints (D. S. Wilkerson): 16 bits as two or three syllables, written alike in every language that has these letters.
const CONSONANTS = 'bdfghjklmnprstvz';
const VOWELS = 'aiou';
const PROQUINT = new RegExp(`^(?:[${CONSONANTS}][${VOWELS}]){2}[${CONSONANTS}]$`, 'u');

export type WordsProblem = 'too-few' | 'too-many' | 'not-a-word' | 'slip';

export function paperWords(secret: Bytes): readonly string[] {
  if (secret.length !== PAPER_SECRET_BYTES) throw new Error('not a secret for paper');
  const bytes = concat(secret, checkOf(secret));
  return Array.from({ length: PAPER_WORDS }, (_, i) => proquint((bytes[2 * i]! << 8) | bytes[2 * i + 1]!));
}

/** The secret in words as a person types them, with whatever they put between; or what is wrong with them. */
export function readPaperWords(text: string): Bytes | WordsProblem {
  const words = text
    .normalize('NFKC')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '');
  if (words.some((word) => !PROQUINT.test(word))) return 'not-a-word';
  if (words.length !== PAPER_WORDS) return words.length < PAPER_WORDS ? 'too-few' : 'too-many';
  const bytes = new Uint8Array(2 * PAPER_WORDS);
  words.forEach((word, i) => {
    const value = valueOf(word);
    bytes[2 * i] = value >>> 8;
    bytes[2 * i + 1] = value & 0xff;
  });
  const secret = bytes.slice(0, PAPER_SECRET_BYTES);
  const check = checkOf(secret);
  return check[0] === bytes[16] && check[1] === bytes[17] ? secret : 'slip';
}

/** The private half of what recovery keys are sealed to: its public half may stay on every device. */
export function paperSeed(secret: Bytes): Seed {
  return derive(secret, new Uint8Array(0), 'recoveryRoot', new Uint8Array(0)) as Seed;
}

/** A recovery key made for one space: its public half for the charter, the private one sealed to the paper. */
export interface SealedRecovery {
  /** The signing key that the charter names. */
  readonly key: Bytes;
  readonly sealed: Bytes;
}

/**
 * Makes the recovery key that is named beside a device, without the words: they are on paper. Every space gets one that
 * has nothing to do with any other's.
 */
export async function sealRecovery(
  suite: CryptoSuite,
  random: Random,
  named: { readonly beside: string; readonly paper: SealingKey },
): Promise<SealedRecovery> {
  const beside = raw(named.beside);
  const secret = random.bytes(32);
  const seed = derive(secret, beside, 'recoveryKey', new Uint8Array(0)) as Seed;
  const coins = random.bytes(COINS_BYTES);
  const wrapped = await suite.wrap(named.paper, secret, { label: 'recoveryKey', associated: beside, coins });
  const key = await suite.signingKeyOf(seed);
  seed.fill(0);
  secret.fill(0);
  return { key, sealed: encode([beside, wrapped]) };
}

/** The private half, by the words; `undefined` where it was sealed to other words. */
export async function openRecovery(suite: CryptoSuite, paper: Seed, sealed: Bytes): Promise<Seed | undefined> {
  return orJunkLater(async () => {
    const [name, wrapped] = tuple(decode(sealed, 'sealed recovery', 2_000), 'sealed recovery', 2);
    const beside = bytesOf(name, 'sealed recovery', 32);
    const bytes = bytesOf(wrapped, 'sealed recovery', { max: 1_500 });
    const secret = await suite.unwrap(paper, 1, bytes, { label: 'recoveryKey', associated: beside });
    return derive(secret, beside, 'recoveryKey', new Uint8Array(0)) as Seed;
  });
}

function checkOf(secret: Bytes): Bytes {
  return hash('recoveryWords', secret).slice(0, 2);
}

function proquint(value: number): string {
  const pick = (shift: number, letters: string): string => letters[(value >>> shift) & (letters.length - 1)]!;
  return pick(12, CONSONANTS) + pick(10, VOWELS) + pick(6, CONSONANTS) + pick(4, VOWELS) + pick(0, CONSONANTS);
}

function valueOf(word: string): number {
  const [a, b, c, d, e] = [...word] as [string, string, string, string, string];
  const high = (CONSONANTS.indexOf(a) << 12) | (VOWELS.indexOf(b) << 10);
  return high | (CONSONANTS.indexOf(c) << 6) | (VOWELS.indexOf(d) << 4) | CONSONANTS.indexOf(e);
}

function raw(id: string): Bytes {
  const bytes = hex.decode(id);
  if (bytes === undefined) throw new Error('not an id');
  return bytes;
}
