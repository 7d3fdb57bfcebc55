// Metric 5: a new member, or a person's second device, opens a group and sees it: who is in it, where one talks, and a
// document to its last word. The peer: a page that joins a document through y-webrtc, without any encryption of its own.
import { spawn } from 'node:child_process';
import type { Browser, Page } from 'playwright';
import type { BenchPages } from '../browsers.ts';
import { inTurn, median, noteFloor, report } from '../measure.ts';
import type { GroupPage } from '../pages/our-group.ts';
import type { JoinFloorPage } from '../pages/join-floor.ts';
import type { PlainPage } from '../pages/y-webrtc.ts';
import { freePort } from '../peers/y-websocket.ts';
import { PASSPHRASE } from './two-people.ts';

const PAIRS = 5;
const WORD = 'farewell';
const FLOOR = '5 in ms: what cannot be left out, bare and one after the other';

type WithGroup = typeof globalThis & { page: GroupPage };
type WithFloor = typeof globalThis & { page: JoinFloorPage };
type WithPeer = typeof globalThis & { page: PlainPage };

/** A page with a new vault that has reached the relay node. */
async function newPerson(browser: Browser, pages: BenchPages): Promise<Page> {
  const page = await pages.open(browser, 'our-group');
  await page.evaluate((passphrase) => (globalThis as WithGroup).page.create(passphrase), PASSPHRASE);
  return page;
}

async function comeIn(browser: Browser, pages: BenchPages, { code, first }: Invited): Promise<number> {
  const page = await newPerson(browser, pages);
  const before = await first.evaluate(() => (globalThis as WithGroup).page.peopleIn());
  const took = await page.evaluate(([text, word]) => (globalThis as WithGroup).page.join(text!, word!), [
    code,
    WORD,
  ] as const);
  // Only then the others know who came: a page that goes at once has left nothing.
  await first.evaluate((count) => (globalThis as WithGroup).page.hasIn(count), before + 1);
  await page.context().close();
  return took;
}

interface Invited {
  readonly code: string;
  /** Whose invitation it is. */
  readonly first: Page;
}

/** From the moment it is let in until it shows the group: what lies between is the person's, and their care. */
async function linkDevice(browser: Browser, pages: BenchPages, first: Page): Promise<number> {
  const second = await newPerson(browser, pages);
  const code = await first.evaluate((word) => (globalThis as WithGroup).page.showDeviceCode(word), PASSPHRASE);
  const number = await second.evaluate((text) => (globalThis as WithGroup).page.askIn(text), code);
  const seen = second.evaluate((word) => (globalThis as WithGroup).page.sees(word), WORD);
  const begun = await first.evaluate((digits) => (globalThis as WithGroup).page.letIn(digits), number);
  const took = (await seen) - begun;
  await second.context().close();
  return took;
}

interface Shared {
  /** Milliseconds until another page that joins has the last word. */
  readonly join: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

/** A document that one page has, shared over a signalling server of its own. */
async function sharedDocument(browser: Browser, pages: BenchPages): Promise<Shared> {
  const port = await freePort();
  const signalling = spawn(process.execPath, ['node_modules/y-webrtc/bin/server.js'], {
    env: { ...process.env, PORT: String(port) },
    stdio: 'ignore',
  });
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const where = `ws://127.0.0.1:${port}`;
  const host = await pages.open(browser, 'y-webrtc');
  await host.evaluate(
    ([address, word]) => {
      const { page } = globalThis as WithPeer;
      for (let i = 0; i < 600; i++) page.write(`word${i}`);
      page.write(word!);
      // Resolves with the first who comes.
      void page.join(address!);
    },
    [where, WORD] as const,
  );
  return {
    async join() {
      const page = await pages.open(browser, 'y-webrtc');
      const took = await page.evaluate(
        async ([address, word]) => {
          const peer = (globalThis as WithPeer).page;
          const begun = performance.now();
          const read = peer.reads(word!);
          await peer.join(address!);
          await read;
          return performance.now() - begun;
        },
        [where, WORD] as const,
      );
      await page.context().close();
      return took;
    },
    async stop() {
      await host.context().close();
      signalling.kill();
    },
  };
}

/** What cannot be left out, each time in a page of its own. */
async function floors(browser: Browser, pages: BenchPages, of: 'member' | 'device'): Promise<Record<string, number>[]> {
  const measured: Record<string, number>[] = [];
  for (let i = 0; i < PAIRS; i++) {
    const page = await pages.open(browser, 'join-floor');
    measured.push(await page.evaluate((name) => (globalThis as WithFloor).page[name](), of));
    await page.context().close();
  }
  return measured;
}

export async function openGroup(browser: Browser, pages: BenchPages): Promise<boolean> {
  const ana = await newPerson(browser, pages);
  const code = await ana.evaluate(([word, uses]) => (globalThis as WithGroup).page.found(word, uses), [
    WORD,
    PAIRS,
  ] as const);
  const peer = await sharedDocument(browser, pages);
  try {
    const members = await inTurn(PAIRS, () => comeIn(browser, pages, { code, first: ana }), peer.join);
    const devices = await inTurn(PAIRS, () => linkDevice(browser, pages, ana), peer.join);
    noteFloor(FLOOR, await floors(browser, pages, 'member'), median(members.ours));
    noteFloor(FLOOR, await floors(browser, pages, 'device'), median(devices.ours));
    const line = (metric: string, times: { readonly ours: number[]; readonly peer: number[] }) =>
      report({ metric, ours: median(times.ours), peer: median(times.peer), goal: 1, unit: 'ms' });
    const [asMember, asDevice] = [
      line('5 a new member sees the group', members),
      line('5 a second device sees the group', devices),
    ];
    return asMember && asDevice;
  } finally {
    await peer.stop();
    await ana.context().close();
  }
}
