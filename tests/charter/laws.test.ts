// The laws of the rule of groups over 2,000 random histories; `npm run prove:charter` plays 100,000.
import { describe, expect, it } from 'vitest';
import { runHistory } from './history-run.ts';

/** Seeds that `prove.ts` does not begin with, so that both together see more. */
const FIRST = 1_000_000;
/** 40 with the primitives that ship, the others with ones that only hash. */
const PARTS = [
  ...Array.from({ length: 10 }, (_, part) => ({ first: FIRST + 196 * part, count: 196, isReal: false })),
  { first: FIRST + 1_960, count: 40, isReal: true },
];

describe('random histories with a third of the members hostile', () => {
  const seen: Record<string, number> = {};

  for (const { first, count, isReal } of PARTS) {
    const kind = isReal ? 'with Ed25519' : 'with signatures that only hash';
    it(`keep every law: ${count} ${kind} from ${first}`, { timeout: 300_000 }, async () => {
      const failures: unknown[] = [];
      for (let seed = first; seed < first + count; seed++) {
        const result = await runHistory(seed, { isReal });
        if (result.failures.length > 0) failures.push(result);
        for (const [name, found] of Object.entries(result.counts)) seen[name] = (seen[name] ?? 0) + found;
      }
      expect(failures).toEqual([]);
    });
  }

  it('are full of what the laws are about', () => {
    // Histories in which nothing goes wrong would prove little.
    for (const what of ['void', 'refused', 'ended', 'frozen', 'voted', 'evictions', 'leaves', 'disputes']) {
      expect(seen[what] ?? 0, what).toBeGreaterThan(20);
    }
  });
});
