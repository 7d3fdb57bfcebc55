// Metric 14: an unlock must not tell by its time which passphrase was given.
import type { Browser } from 'playwright';
import type { BenchPages } from '../browsers.ts';
import { median, report } from '../measure.ts';
import type { Door, VaultPage } from '../pages/vault.ts';

const ROUNDS = 15;
const DOORS: readonly Door[] = ['real', 'other', 'wrong'];

type WithVault = typeof globalThis & { page: VaultPage };

export async function unlock(browser: Browser, pages: BenchPages): Promise<boolean> {
  const page = await pages.open(browser, 'vault');
  await page.evaluate(() => (globalThis as WithVault).page.prepare());
  const times: Record<Door, number[]> = { real: [], other: [], wrong: [] };
  for (let round = 0; round < ROUNDS; round++) {
    // Each door first, second and third in turn: a slow moment of the machine hits all alike.
    for (let i = 0; i < DOORS.length; i++) {
      const door = DOORS[(round + i) % DOORS.length]!;
      const { ms, is } = await page.evaluate((name) => (globalThis as WithVault).page.knock(name), door);
      if (is !== (door === 'wrong' ? 'wrong-passphrase' : 'open')) throw new Error(`${door}: ${is}`);
      times[door].push(ms);
    }
  }
  await page.context().close();
  const middle = { real: median(times.real), other: median(times.other), wrong: median(times.wrong) };
  const spread = Math.max(...Object.values(middle)) / Math.min(...Object.values(middle));
  console.log(JSON.stringify({ note: '14 medians in ms', ...middle }));
  return report({
    metric: '14 unlock: slowest door over fastest',
    ours: spread,
    peer: null,
    goal: 1.05,
    unit: 'ratio',
  });
}
