// Metric 1: how long after a keystroke the other browser can read it. Ours is sealed, signed and stored; the peer,
// y-webrtc, sends plain updates.
import { spawn } from 'node:child_process';
import type { Browser, Page } from 'playwright';
import type { BenchPages } from '../browsers.ts';
import { inTurn, median, quantile, report } from '../measure.ts';
import type { LatencyPage } from '../pages/latency-page.ts';
import { freePort } from '../peers/y-websocket.ts';
import { meetTwo } from './two-people.ts';

const WORDS = 120;
const PAIRS = 5;
/** Between words, as a quick typist's keys; what comes faster we bundle, up to ten a second (outgoing.ts). */
const PAUSE_MS = 80;

type WithPage = typeof globalThis & { page: LatencyPage; seen: () => Record<string, number> };
type Pair = readonly [writer: Page, reader: Page];

let turn = 0;

/** Milliseconds for each word, from the keystroke in one page to the other page. */
async function latencies([writer, reader]: Pair): Promise<number[]> {
  const prefix = `r${turn++}w`;
  await reader.evaluate(() => {
    const own = globalThis as WithPage;
    own.seen = own.page.listen();
  });
  const written = await writer.evaluate(
    async ({ words, pause, mark }) => {
      const { page } = globalThis as WithPage;
      const times: Record<string, number> = {};
      for (let i = 0; i < words; i++) {
        times[`${mark}${i}`] = page.write(`${mark}${i}`);
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
      return times;
    },
    { words: WORDS, pause: PAUSE_MS, mark: prefix },
  );
  await reader.waitForFunction((last) => last in (globalThis as WithPage).seen(), `${prefix}${WORDS - 1}`);
  const seen = await reader.evaluate(() => (globalThis as WithPage).seen());
  return Object.entries(written).map(([mark, at]) => seen[mark]! - at);
}

/** Two isolated contexts that share a text through y-webrtc, met over its own signalling server. */
async function peerPair(browser: Browser, pages: BenchPages): Promise<{ pair: Pair; stop: () => void }> {
  const port = await freePort();
  const signalling = spawn(process.execPath, ['node_modules/y-webrtc/bin/server.js'], {
    env: { ...process.env, PORT: String(port) },
    stdio: 'ignore',
  });
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const pair = [await pages.open(browser, 'y-webrtc'), await pages.open(browser, 'y-webrtc')] as const;
  const join = (where: string) => (globalThis as WithPage).page.join(where);
  await Promise.all(pair.map((page) => page.evaluate(join, `ws://127.0.0.1:${port}`)));
  return { pair, stop: () => signalling.kill() };
}

export async function editLatency(browser: Browser, pages: BenchPages): Promise<boolean> {
  const { alice, bob } = await meetTwo(browser, pages, { document: true });
  const peer = await peerPair(browser, pages);
  try {
    const times = await inTurn(
      PAIRS,
      () => latencies([alice, bob]),
      () => latencies(peer.pair),
    );
    const of = (runs: number[][], share: number) => median(runs.map((run) => quantile(run, share)));
    const line = (metric: string, share: number) =>
      report({ metric, ours: of(times.ours, share), peer: of(times.peer, share), goal: 1, unit: 'ms' });
    const [p50, p99] = [line('1 edit latency p50', 0.5), line('1 edit latency p99', 0.99)];
    return p50 && p99;
  } finally {
    peer.stop();
    await Promise.all([alice, bob, ...peer.pair].map((page) => page.context().close()));
  }
}
