// The time that a page's main thread itself spent: on a machine that is busy with other things it still says what something
// costs, where the clock on the wall says how long somebody else kept the processor.
import type { Browser, Page } from 'playwright';

export interface Spent<T> {
  readonly result: T;
  /** Milliseconds of the main thread, all tasks together. */
  readonly whole: number;
  /** Milliseconds of the main thread in its longest task. */
  readonly longest: number;
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Of the thread itself, in microseconds. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

export async function spentIn<T>(browser: Browser, page: Page, run: () => Promise<T>): Promise<Spent<T>> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const now = async (): Promise<number> => {
    const { metrics } = await cdp.send('Performance.getMetrics');
    return 1_000 * (metrics.find(({ name }) => name === 'ThreadTime')?.value ?? Number.NaN);
  };
  await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] });
  const before = await now();
  const result = await run();
  const whole = (await now()) - before;
  const traced = await browser.stopTracing();
  await cdp.detach();
  return { result, whole, longest: longestTask(traced.toString('utf8')) };
}

function longestTask(traced: string): number {
  const { traceEvents } = JSON.parse(traced) as { readonly traceEvents: readonly TraceEvent[] };
  const thread = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
  const main = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map((event) => thread(event)),
  );
  let longest = 0;
  for (const event of traceEvents) {
    if (event.name.endsWith('RunTask') && main.has(thread(event))) longest = Math.max(longest, event.tdur ?? 0);
  }
  return longest / 1_000;
}
