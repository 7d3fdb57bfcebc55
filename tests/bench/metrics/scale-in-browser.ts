// The big group of scale.ts in a real browser: rows sealed in IndexedDB, each opening in a page that was loaded anew.
import type { Browser, Page } from 'playwright';
import { utf8, type Bytes } from '#core/bytes/bytes.ts';
import type { MemoryRows } from '#tests/suites/group-replicas.ts';
import type { BenchPages } from '../browsers.ts';
import { median, report } from '../measure.ts';
import { packed } from '../packed.ts';
import type { BigGroupPage } from '../pages/big-group.ts';

const ROUNDS = 5;

type Opening = Awaited<ReturnType<BigGroupPage['open']>>;
type WithGroup = typeof globalThis & { page: BigGroupPage };

/** What goes into the page. */
export interface Stored {
  /** Collection, id and value of each row, one after the other. */
  readonly rows: readonly Bytes[];
  /** What was missed, in runs that one signature proves. */
  readonly runs: readonly Bytes[];
  readonly missed: number;
  readonly now: number;
  readonly tasks: number;
}

/** Rows as they lie on a disk at this moment. */
export function rowsNow({ rows }: MemoryRows): readonly Bytes[] {
  return [...rows].flatMap(([collection, held]) =>
    [...held].flatMap(([id, value]) => [utf8(collection), utf8(id), value]),
  );
}

/** Megabytes that are in use once all garbage is gone. */
async function memory(page: Page): Promise<number> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  await cdp.detach();
  return Math.round(usedSize / 1e6);
}

async function loadAnew(page: Page): Promise<void> {
  await page.reload();
  await page.waitForFunction(() => 'page' in globalThis);
}

export async function bigGroupInBrowser(browser: Browser, pages: BenchPages, stored: Stored): Promise<boolean> {
  const page = await pages.open(browser, 'big-group');
  const { now, missed } = stored;
  try {
    for (const part of ['rows', 'runs'] as const) {
      await page.route(`**/${part}.bin`, (route) => route.fulfill({ body: Buffer.from(packed(stored[part])) }));
    }
    const rows = await page.evaluate(() => (globalThis as WithGroup).page.fill('./rows.bin'));
    await loadAnew(page);
    const catchUp = await page.evaluate(
      ([at, count]) => (globalThis as WithGroup).page.missed('./runs.bin', at!, count!),
      [now, missed],
    );
    const openings: Opening[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      await loadAnew(page);
      openings.push(await page.evaluate((at) => (globalThis as WithGroup).page.open(at), now));
    }
    const shown = await page.evaluate(() => (globalThis as WithGroup).page.shown());
    const heap = await memory(page);
    const moves = await page.evaluate(() => (globalThis as WithGroup).page.move());
    const removal = await page.evaluate(() => (globalThis as WithGroup).page.remove());
    const of = (part: 'took' | 'board' | 'longestTask') => median(openings.map((one) => one[part]));
    const tasks = { opening: of('longestTask'), catchUp: catchUp.longestTask };
    console.log(
      JSON.stringify({
        note: 'scale in a browser: what is open',
        rows,
        ...shown,
        memoryMB: heap,
        board: of('board'),
        longestTask: tasks,
      }),
    );
    const unit = 'ms';
    const ofScale = (metric: string, ours: number, goal: number) =>
      report({ metric: `scale in a browser: ${metric}`, ours, peer: null, goal, unit });
    return [
      ofScale('open the group, cold', of('took'), 1_000),
      ofScale('remove a member, seen', removal.took, 1_000),
      ofScale(`a move among ${stored.tasks} tasks`, median(moves), 50),
      ofScale(`catch-up of ${missed} messages by 50 authors`, catchUp.took, 1_000),
    ].every((ok) => ok);
  } finally {
    await page.context().close();
  }
}
