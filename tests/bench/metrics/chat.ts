// Metrics 2 and 4: a chat message and its answer, and from an answered card to the first message shown. Peers: Tox,
// and an XMPP server over WebSocket.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright';
import type { BenchPages } from '../browsers.ts';
import { inTurn, median, report } from '../measure.ts';
import { Prosody } from '../peers/prosody.ts';
import { meetTwo, newPerson, type WithOurs } from './two-people.ts';

const ROUNDS = 100;
const PAIRS = 5;

/** Compiles and runs the two Tox nodes; each run takes some ten seconds. */
function runTox(rounds: number, port: number): { connectMs: number; roundTripMs: number } {
  const folder = mkdtempSync(path.join(tmpdir(), 'understory-tox-'));
  const program = path.join(folder, 'tox');
  try {
    execFileSync('gcc', ['-O2', '-o', program, path.resolve(import.meta.dirname, '../peers/tox.c'), '-ltoxcore']);
    const line = execFileSync(program, [String(rounds), String(port)], { encoding: 'utf8', timeout: 120_000 });
    return JSON.parse(line) as { connectMs: number; roundTripMs: number };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function chatRoundTrip(browser: Browser, pages: BenchPages): Promise<boolean> {
  const { alice, bob } = await meetTwo(browser, pages);
  const prosody = await Prosody.start();
  try {
    await bob.evaluate(() => (globalThis as WithOurs).page.echo());
    const times = await inTurn(
      PAIRS,
      () => alice.evaluate((rounds) => (globalThis as WithOurs).page.roundTrips(rounds), ROUNDS),
      () => prosody.roundTrips(ROUNDS),
    );
    const ours = median(times.ours.map(median));
    const tox = median([0, 1, 2].map((i) => runTox(20, 43_301 + 2 * i).roundTripMs));
    const overXmpp = report({
      metric: '2 chat round trip, Prosody',
      ours,
      peer: median(times.peer.map(median)),
      goal: 1.5,
      unit: 'ms',
    });
    return report({ metric: '2 chat round trip, Tox', ours, peer: tox, goal: 0.1, unit: 'ms' }) && overXmpp;
  } finally {
    prosody.stop();
    await Promise.all([alice, bob].map((page) => page.context().close()));
  }
}

export async function firstMessage(browser: Browser, pages: BenchPages): Promise<boolean> {
  const times = await inTurn(
    PAIRS,
    async () => {
      const [alice, bob] = [await newPerson(browser, pages), await newPerson(browser, pages)];
      const code = await alice.evaluate(() => (globalThis as WithOurs).page.card());
      const shown = alice.evaluate(() => (globalThis as WithOurs).page.shows('hello'));
      const begun = await bob.evaluate((text) => (globalThis as WithOurs).page.answer(text, 'hello'), code);
      const taken = (await shown) - begun;
      await Promise.all([alice, bob].map((page) => page.context().close()));
      return taken;
    },
    async () => runTox(1, 43_401 + 2 * Math.floor(Math.random() * 100)).connectMs,
  );
  const ours = median(times.ours);
  report({ metric: '4 contact to first message, Tox', ours, peer: median(times.peer), goal: 1, unit: 'ms' });
  return report({ metric: '4 contact to first message', ours, peer: null, goal: 1_000, unit: 'ms' });
}
