// Metric 3: ten thousand messages by five devices of a contact, missed by a device that comes back: fetched over a direct
// link, verified, stored, listed. Peers: a Yjs list from y-websocket's server, and an XMPP server's archive.
import type { Browser, Page } from 'playwright';
import type { BenchPages } from '../browsers.ts';
import { median, noteFloor, report } from '../measure.ts';
import { Prosody } from '../peers/prosody.ts';
import { startYWebsocket } from '../peers/y-websocket.ts';
import type { FloorPage, FloorParts } from '../pages/catch-up-floor.ts';
import type { PeerPage } from '../pages/y-websocket.ts';
import { meetTwo, PASSPHRASE, type WithOurs } from './two-people.ts';

const MESSAGES = 10_000;
const DEVICES = 5;
const PAIRS = 5;

type WithPeer = typeof globalThis & { page: PeerPage };
type WithFloor = typeof globalThis & { page: FloorPage };

/** Backups of a person, each of which continues as another device of theirs. */
async function spares(page: Page, count: number): Promise<string[]> {
  const backups: string[] = [];
  for (let i = 0; i < count; i++) {
    backups.push(await page.evaluate((word) => (globalThis as WithOurs).page.backUp(word), PASSPHRASE));
  }
  return backups;
}

async function restored(browser: Browser, pages: BenchPages, backup: string): Promise<Page> {
  const page = await pages.open(browser, 'ours');
  await page.evaluate(([state, word]) => (globalThis as WithOurs).page.restore(state!, word!), [backup, PASSPHRASE]);
  return page;
}

const waitForMessages = (page: Page, count: number) =>
  page.evaluate((wanted) => (globalThis as WithOurs).page.waitForMessages(wanted), count);

/** Bob's device that has everything, and a backup for each time that a device of Alice comes back. */
async function prepare(browser: Browser, pages: BenchPages): Promise<{ bob: Page; backups: string[]; before: number }> {
  const { alice, bob } = await meetTwo(browser, pages);
  const backups = await spares(alice, PAIRS);
  const others = await Promise.all((await spares(bob, DEVICES - 1)).map((state) => restored(browser, pages, state)));
  const before = await bob.evaluate(() => (globalThis as WithOurs).page.messages());
  // Bob has heard of the spare devices before Alice goes.
  await alice.evaluate(() => (globalThis as WithOurs).page.burst(1, 'bye'));
  await Promise.all([bob, ...others].map((page) => waitForMessages(page, before + 1)));
  await alice.context().close();
  const write = (page: Page, i: number) =>
    page.evaluate(
      ([count, mark]) => (globalThis as WithOurs).page.burst(Number(count), String(mark)),
      [MESSAGES / DEVICES, `d${i}`],
    );
  await Promise.all([bob, ...others].map(write));
  await waitForMessages(bob, before + 1 + MESSAGES);
  await Promise.all(others.map((page) => page.context().close()));
  return { bob, backups, before };
}

/** In a page loaded anew, as ours is: nothing of it is warm. */
async function inPeerPage(browser: Browser, pages: BenchPages, address: string): Promise<number> {
  const page = await pages.open(browser, 'y-websocket');
  const ask = ([where, count]: (string | number)[]) =>
    (globalThis as WithPeer).page.catchUp(String(where), Number(count));
  const taken = await page.evaluate(ask, [address, MESSAGES]);
  await page.context().close();
  return taken;
}

/** What cannot be left out, in a page of its own. */
async function floorIn(browser: Browser, pages: BenchPages): Promise<FloorParts> {
  const page = await pages.open(browser, 'catch-up-floor');
  const parts = await page.evaluate((count) => (globalThis as WithFloor).page.floor(count), MESSAGES);
  await page.context().close();
  return parts;
}

export async function catchUp(browser: Browser, pages: BenchPages): Promise<boolean> {
  const prosody = await Prosody.start();
  const yWebsocket = await startYWebsocket(MESSAGES);
  try {
    const { bob, backups, before } = await prepare(browser, pages);
    await prosody.fill(MESSAGES);
    const times = { listed: [] as number[], stored: [] as number[], tasks: [] as number[] };
    const floors: FloorParts[] = [];
    const others = { yWebsocket: [] as number[], prosody: [] as number[] };
    for (const backup of backups) {
      const alice = await restored(browser, pages, backup);
      const taken = await alice.evaluate(
        (count) => (globalThis as WithOurs).page.catchUp(count),
        before + 1 + MESSAGES,
      );
      await alice.context().close();
      times.listed.push(taken.listed);
      times.stored.push(taken.stored);
      times.tasks.push(taken.longestTask);
      others.yWebsocket.push(await inPeerPage(browser, pages, yWebsocket.address));
      others.prosody.push((await prosody.readArchive()).msEach);
      floors.push(await floorIn(browser, pages));
    }
    await bob.context().close();
    const ours = median(times.stored);
    console.log(
      JSON.stringify({ note: '3 in ms', listed: median(times.listed), stored: ours, longestTask: median(times.tasks) }),
    );
    noteFloor('3 in ms: what cannot be left out beside the road, bare and one after the other', floors, ours);
    const metric = `3 catch-up of ${MESSAGES} messages by ${DEVICES} devices`;
    const lines = [
      report({ metric, ours, peer: null, goal: 1_000, unit: 'ms' }),
      report({ metric: `${metric}, y-websocket`, ours, peer: median(others.yWebsocket), goal: 2, unit: 'ms' }),
      report({
        metric: '3 catch-up per message, Prosody',
        ours: ours / MESSAGES,
        peer: median(others.prosody),
        goal: 0.03,
        unit: 'ms',
      }),
    ];
    return lines.every((ok) => ok);
  } finally {
    prosody.stop();
    yWebsocket.stop();
  }
}
