// Which former rendezvous secrets are still listened at (sync/SPEC.md §8.1).

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Bytes } from '#core/bytes/bytes.ts';
import { DAY, MINUTE, type Millis } from '#core/ports.ts';
import { stillListenedAt, withFormer, type FormerMeeting } from './former-meetings.ts';

const secret = (n: number): Bytes => new Uint8Array(32).fill(n) as Bytes;

/** Secrets 0, 1, 2 … that were each in use for so long. */
function after(times: readonly number[]): readonly FormerMeeting[] {
  let now = 0;
  let known: readonly FormerMeeting[] = [];
  for (const [n, time] of times.entries()) {
    now += time;
    known = withFormer(known, { secret: secret(n), replacedAt: now as Millis }, secret(n + 1));
  }
  return known;
}

const numbers = (known: readonly FormerMeeting[]): number[] => known.map((former) => former.secret[0]!);

test('where members were for long is listened at, however many secrets came and went within seconds since', () => {
  expect(numbers(after([5 * DAY, ...Array<number>(20).fill(1_000)]))).toContain(0);
  const long = [0, 1, 8];
  expect(numbers(after([DAY, DAY, ...Array<number>(6).fill(1_000), DAY, 1_000]))).toEqual(expect.arrayContaining(long));
});

test('the newest four are kept and at most eight in all, in order and none twice; the secret in use is not among them', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 5 * MINUTE }), fc.nat({ max: 12 })), { maxLength: 40 }), (changes) => {
      let now = 0;
      let inUse = 0;
      let known: readonly FormerMeeting[] = [];
      const replaced: number[] = [];
      for (const [time, next] of changes) {
        now += time;
        if (next === inUse) continue;
        known = withFormer(known, { secret: secret(inUse), replacedAt: now as Millis }, secret(next));
        replaced.push(inUse);
        inUse = next;
      }
      const kept = numbers(known);
      expect(kept.length).toBeLessThanOrEqual(8);
      expect(new Set(kept).size).toBe(kept.length);
      expect(kept).not.toContain(inUse);
      const newest = [...new Set(replaced.reverse())].filter((n) => n !== inUse).slice(0, 4);
      expect(kept.slice(-newest.length)).toEqual([...newest].reverse().slice(-kept.length));
      expect([...known].sort((a, b) => a.replacedAt - b.replacedAt)).toEqual(known);
    }),
  );
});

test('after ninety days nobody is expected there any more', () => {
  const known = after([MINUTE, 50 * DAY]);
  const now = (known.at(-1)!.replacedAt + 89 * DAY) as Millis;
  expect(numbers(stillListenedAt(known, now))).toEqual([1]);
  expect(stillListenedAt(known, known.at(-1)!.replacedAt)).toBe(known);
});
