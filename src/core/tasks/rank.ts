// Places in a list that people order by hand: texts between any two of which there is always room for another, so that
// moving one line touches that line alone (SPEC.md §3).

import type { Brand } from '../bytes/brand.ts';

/** Digits of a fraction between 0 and 1, most significant first, the last one not zero. Compared as texts. */
export type Rank = Brand<string, 'Rank'>;

/** In the order of their code units, so that texts compare as the numbers do. */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BASE = DIGITS.length;
/** Thirty lines dropped one above the other take one digit more for every five or so. */
export const MAX_RANK_BYTES = 256;
/** Room for millions of lines one after the other. */
const STEP_DIGITS = 4;
const RANK = /^[0-9A-Za-z]*[1-9A-Za-z]$/;

export function isRank(text: string): text is Rank {
  return text.length <= MAX_RANK_BYTES && RANK.test(text);
}

/**
 * A rank after `below` and before `above`; either may be absent. Where there is no room (`below` is not before `above`,
 * as when two people moved lines at once, or both are as long as may be) it is one right after `below`, and the ids
 * decide.
 */
export function rankBetween(below: Rank | undefined, above: Rank | undefined): Rank {
  if (below === undefined || above === undefined) {
    const beside = nextTo(below ?? above, below === undefined ? -1 : 1);
    if (beside !== undefined) return beside;
  }
  const low = below ?? '';
  const hasRoom = above === undefined || low < above;
  const between = middle(low, hasRoom ? above : undefined);
  return between.length <= MAX_RANK_BYTES ? (between as Rank) : (below ?? above)!;
}

/**
 * One step beyond the first or the last: most lines are put there, and halving what is left of the way each time would
 * make ranks of thousands long. `undefined` at the very edge.
 */
function nextTo(rank: Rank | undefined, step: 1 | -1): Rank | undefined {
  if (rank === undefined) return undefined;
  let number = 0;
  for (let at = 0; at < STEP_DIGITS; at++) number = number * BASE + (digitAt(rank, at) ?? 0);
  // Cut off, a longer one is before itself already.
  const isCut = rank.length > STEP_DIGITS;
  let next = step === -1 && isCut ? number : number + step;
  if (next < 0) return undefined;
  let digits = '';
  for (let at = 0; at < STEP_DIGITS; at++) {
    digits = DIGITS[next % BASE]! + digits;
    next = Math.floor(next / BASE);
  }
  const text = digits.replace(/0+$/, '');
  return next === 0 && isRank(text) ? text : undefined;
}

/** Digit by digit: as long as both agree, the same; then halfway, or one digit further where they are neighbours. */
function middle(low: string, high: string | undefined): string {
  let common = '';
  let upper = high;
  for (let at = 0; ; at++) {
    const from = digitAt(low, at) ?? 0;
    const to = upper === undefined ? BASE : (digitAt(upper, at) ?? 0);
    if (to - from > 1) return common + DIGITS[Math.floor((from + to) / 2)]!;
    common += DIGITS[from]!;
    // One below the upper bound already: whatever follows stays below it.
    if (to - from === 1) upper = undefined;
  }
}

function digitAt(rank: string, at: number): number | undefined {
  const digit = rank[at];
  return digit === undefined ? undefined : DIGITS.indexOf(digit);
}
