// A log of 5,000 ops in a real browser: from rows sealed in IndexedDB, in a page loaded anew each time; and with all its
// signatures, as it comes to a new member, without keeping the page from drawing.
import { loadavg } from 'node:os';
import type { Browser, Page } from 'playwright';
import { orderedOps } from '#core/charter/charter.ts';
import { encodeSignedOp } from '#core/charter/op.ts';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import type { BenchPages } from '../browsers.ts';
import { longCharter } from '../long-charter.ts';
import { median, report } from '../measure.ts';
import { packed } from '../packed.ts';
import type { Form, LongCharterPage } from '../pages/long-charter.ts';
import { spentIn, type Spent } from '../thread-time.ts';

const OPS = 5_000;
const ROUNDS = 7;
const PARTS = ['whole', 'read', 'placed', 'viewed'] as const;

type Loading = Spent<Awaited<ReturnType<LongCharterPage['load']>>>;
type Cold = Spent<Awaited<ReturnType<LongCharterPage['cold']>>>;
type WithCharter = typeof globalThis & { page: LongCharterPage };

interface Measured {
  readonly single: readonly Loading[];
  readonly gathered: readonly Loading[];
  readonly cold: readonly Cold[];
}

const tenth = (value: number) => Math.round(10 * value) / 10;

/** By the clock, part by part, and in the main thread's own time. */
function timesOf(all: readonly Loading[]) {
  const parts = PARTS.map((part) => [part, tenth(median(all.map(({ result }) => result[part]!)))]);
  return { ...Object.fromEntries(parts), ...ownTime(all) };
}

function ownTime(all: readonly Spent<unknown>[]) {
  return {
    own: tenth(median(all.map(({ whole }) => whole))),
    longestOwn: tenth(median(all.map((one) => one.longest))),
  };
}

async function measure(browser: Browser, page: Page, space: string): Promise<Measured> {
  const loaded = { single: [] as Loading[], gathered: [] as Loading[] };
  const cold: Cold[] = [];
  const anew = async <T>(run: () => Promise<T>): Promise<Spent<T>> => {
    await page.reload();
    await page.waitForFunction(() => 'page' in globalThis);
    return spentIn(browser, page, run);
  };
  for (let i = 0; i < ROUNDS; i++) {
    for (const form of ['single', 'gathered'] as const) {
      const load = () =>
        page.evaluate(([how, of]) => (globalThis as WithCharter).page.load(how as Form, of!), [form, space]);
      loaded[form].push(await anew(load));
    }
    cold.push(await anew(() => page.evaluate((of) => (globalThis as WithCharter).page.cold(of), space)));
  }
  const all = [...loaded.single, ...loaded.gathered, ...cold];
  if (!all.every(({ result }) => result.ops === OPS)) throw new Error('not all ops came back');
  return { ...loaded, cold };
}

export async function longLog(browser: Browser, pages: BenchPages): Promise<boolean> {
  const { charter } = await longCharter(OPS, makeProductionSuite());
  const body = Buffer.from(packed(orderedOps(charter).map(({ signed }) => encodeSignedOp(signed))));
  const page = await pages.open(browser, 'long-charter');
  try {
    await page.route('**/ops.bin', (route) => route.fulfill({ body }));
    const fill = (form: Form) => page.evaluate((how) => (globalThis as WithCharter).page.fill(how), form);
    const rows = { single: await fill('single'), gathered: await fill('gathered') };
    const { single, gathered, cold } = await measure(browser, page, charter.space);
    const times = { single: timesOf(single), gathered: timesOf(gathered), cold: ownTime(cold) };
    console.log(JSON.stringify({ note: 'charter: where the time goes', rows, ...times, load: loadavg()[0] }));
    const ofLog = (metric: string, ours: number, goal: number) =>
      report({ metric: `charter of ${OPS} ops: ${metric}`, ours, peer: null, goal, unit: 'ms' });
    return [
      ofLog('loaded from sealed rows', median(gathered.map(({ result }) => result.whole)), 150),
      ofLog('cold with signatures', median(cold.map(({ result }) => result.took)), 1_500),
      ofLog('longest task meanwhile, own time', times.cold.longestOwn, 50),
    ].every((ok) => ok);
  } finally {
    await page.context().close();
  }
}
