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

const OPS = 5_000;
const ROUNDS = 7;
const PARTS = ['whole', 'opened', 'decoded', 'placed', 'viewed'] as const;

type Loading = Awaited<ReturnType<LongCharterPage['load']>>;
type WithCharter = typeof globalThis & { page: LongCharterPage };

async function inNewPage<T>(page: Page, run: () => Promise<T>): Promise<T> {
  await page.reload();
  await page.waitForFunction(() => 'page' in globalThis);
  return run();
}

function mediansOf(all: readonly Loading[]): Record<string, number> {
  const of = PARTS.map((part) => [part, Math.round(10 * median(all.map((one) => one[part]!))) / 10]);
  return { ...Object.fromEntries(of), best: Math.round(Math.min(...all.map(({ whole }) => whole))) };
}

export async function longLog(browser: Browser, pages: BenchPages): Promise<boolean> {
  const { charter } = await longCharter(OPS, makeProductionSuite());
  const body = Buffer.from(packed(orderedOps(charter).map(({ signed }) => encodeSignedOp(signed))));
  const page = await pages.open(browser, 'long-charter');
  const { space } = charter;
  const load = (form: Form) =>
    inNewPage(page, () =>
      page.evaluate(([how, of]) => (globalThis as WithCharter).page.load(how as Form, of!), [form, space]),
    );
  try {
    await page.route('**/ops.bin', (route) => route.fulfill({ body }));
    const fill = (form: Form) => page.evaluate((how) => (globalThis as WithCharter).page.fill(how), form);
    const rows = { single: await fill('single'), gathered: await fill('gathered') };
    const loadings: Record<Form, Loading[]> = { single: [], gathered: [] };
    const colds: Awaited<ReturnType<LongCharterPage['cold']>>[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      loadings.single.push(await load('single'));
      loadings.gathered.push(await load('gathered'));
      const cold = () => page.evaluate((of) => (globalThis as WithCharter).page.cold(of), space as string);
      colds.push(await inNewPage(page, cold));
    }
    if (![...loadings.single, ...loadings.gathered, ...colds].every(({ ops }) => ops === OPS))
      throw new Error('ops lost');
    const [single, gathered] = [mediansOf(loadings.single), mediansOf(loadings.gathered)];
    console.log(JSON.stringify({ note: 'charter: where the time goes', rows, single, gathered, load: loadavg()[0] }));
    const ofLog = (metric: string, ours: number, goal: number) =>
      report({ metric: `charter of ${OPS} ops: ${metric}`, ours, peer: null, goal, unit: 'ms' });
    return [
      ofLog('loaded from sealed rows', gathered['whole']!, 150),
      ofLog('cold with signatures', median(colds.map(({ took }) => took)), 1_500),
      ofLog('longest block meanwhile', median(colds.map(({ longest }) => longest)), 50),
    ].every((ok) => ok);
  } finally {
    await page.context().close();
  }
}
