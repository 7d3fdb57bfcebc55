// How long ago something was, in words.
import { describe, expect, it } from 'vitest';
import { distance } from './in-words.ts';

const now = Date.UTC(2026, 10, 21, 12);

describe('how far away something is', () => {
  it.each([
    [0, 'now'],
    [20_000, 'now'],
    [-5 * 60_000, '5 minutes ago'],
    [3 * 86_400_000, 'in 3 days'],
    [-36 * 3_600_000, '36 hours ago'],
  ])('%d ms away is said as %s', (away, words) => expect(distance(now + away, now)).toBe(words));
});
