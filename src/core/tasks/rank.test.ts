// Places in a list that people order by hand: there is always room, and ranks stay short in ordinary use.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRank, MAX_RANK_BYTES, rankBetween, type Rank } from './rank.ts';

describe('ranks', () => {
  const ranks = fc.stringMatching(/^[0-9A-Za-z]{0,6}[1-9A-Za-z]$/).map((text) => text as Rank);

  it('leave room between any two', () => {
    fc.assert(
      fc.property(ranks, ranks, (a, b) => {
        fc.pre(a !== b);
        const [low, high] = a < b ? [a, b] : [b, a];
        const between = rankBetween(low, high);
        expect(isRank(between)).toBe(true);
        expect(low < between && between < high).toBe(true);
        expect(rankBetween(undefined, low) < low).toBe(true);
        expect(high < rankBetween(high, undefined)).toBe(true);
      }),
    );
  });

  it('stay short however many lines are put first or last', () => {
    let [first, last] = [rankBetween(undefined, undefined), rankBetween(undefined, undefined)];
    for (let i = 0; i < 10_000; i++) {
      const [before, after] = [rankBetween(undefined, first), rankBetween(last, undefined)];
      if (!(before < first && last < after && isRank(before) && isRank(after))) throw new Error(`${before} ${after}`);
      [first, last] = [before, after];
    }
    expect(Math.max(first.length, last.length)).toBeLessThanOrEqual(4);
  });

  it('stay ranks when a place was used up, and when two are the same', () => {
    let low = rankBetween(undefined, undefined);
    const high = rankBetween(low, undefined);
    for (let i = 0; i < 3_000; i++) low = rankBetween(low, high);
    expect(isRank(low)).toBe(true);
    expect(low.length).toBeLessThanOrEqual(MAX_RANK_BYTES);
    expect(isRank(rankBetween(high, high))).toBe(true);
    expect(isRank(rankBetween(undefined, `${'0'.repeat(MAX_RANK_BYTES - 1)}1` as Rank))).toBe(true);
  });
});
