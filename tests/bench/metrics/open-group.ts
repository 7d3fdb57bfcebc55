// Metric 5: a new member, or a person's second device, opens a group and sees it: who is in it, where one talks, and a
// document to its last word. The peer: a page that joins a document through y-webrtc, without any encryption of its own.
// Measured over lines as between homes, for most of the peer's time is roads; and, as a note, where no road takes any time.
import type { Browser, Page } from 'playwright';
import type { BenchPages } from '../browsers.ts';
import { LINE_MS, twoHomes } from '../lines/two-homes.ts';
import { inTurn, median, noteFloor, noteRatio, report } from '../measure.ts';
import type { GroupPage } from '../pages/our-group.ts';
import type { JoinFloorPage } from '../pages/join-floor.ts';
import type { PlainPage } from '../pages/y-webrtc.ts';
import { freePort } from '../peers/y-websocket.ts';
import { onOneMachine, type Side, type Sides } from '../sides.ts';
import { PASSPHRASE } from './two-people.ts';

const PAIRS = 5;
const WORD = 'farewell';
const FLOOR = '5 in ms: what cannot be left out, bare and one after the other';

type WithGroup = typeof globalThis & { page: GroupPage };
type WithFloor = typeof globalThis & { page: JoinFloorPage };
type WithPeer = typeof globalThis & { page: PlainPage };

/** A page with a new vault that has reached the relay node. */
async function newPerson(sides: Sides, side: Side): Promise<Page> {
  const page = await sides.open(side, 'our-group');
  await page.evaluate((passphrase) => (globalThis as WithGroup).page.create(passphrase), PASSPHRASE);
  return page;
}

async function comeIn(sides: Sides, { code, first }: Invited): Promise<number> {
  const page = await newPerson(sides, 'guest');
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
async function linkDevice(sides: Sides, first: Page): Promise<number> {
  const second = await newPerson(sides, 'guest');
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
async function sharedDocument(sides: Sides): Promise<Shared> {
  const signalling = sides.serve({ args: ['node_modules/y-webrtc/bin/server.js'], port: await freePort() });
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const where = signalling.address;
  const host = await sides.open('host', 'y-webrtc');
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
      const page = await sides.open('guest', 'y-webrtc');
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
      signalling.stop();
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

interface Times {
  readonly ours: number[];
  readonly peer: number[];
}

/** Members and devices that come in, each in turn with the peer's page. */
async function measureAt(sides: Sides): Promise<{ readonly members: Times; readonly devices: Times }> {
  const ana = await newPerson(sides, 'host');
  const code = await ana.evaluate(([word, uses]) => (globalThis as WithGroup).page.found(word, uses), [
    WORD,
    PAIRS,
  ] as const);
  const peer = await sharedDocument(sides);
  try {
    const members = await inTurn(PAIRS, () => comeIn(sides, { code, first: ana }), peer.join);
    const devices = await inTurn(PAIRS, () => linkDevice(sides, ana), peer.join);
    return { members, devices };
  } finally {
    await peer.stop();
    await ana.context().close();
  }
}

const MEMBER = '5 a new member sees the group';
const DEVICE = '5 a second device sees the group';

export async function openGroup(browser: Browser, pages: BenchPages): Promise<boolean> {
  const near = await measureAt(onOneMachine(browser, pages));
  noteRatio(`${MEMBER}: no road takes any time`, near.members);
  noteRatio(`${DEVICE}: no road takes any time`, near.devices);
  noteFloor(FLOOR, await floors(browser, pages, 'member'), median(near.members.ours));
  noteFloor(FLOOR, await floors(browser, pages, 'device'), median(near.devices.ours));
  const homes = await twoHomes(pages.folder);
  try {
    const { members, devices } = await measureAt(homes);
    const line = (metric: string, { ours, peer }: Times): boolean =>
      report({
        metric: `${metric}, lines of ${LINE_MS} ms`,
        ours: median(ours),
        peer: median(peer),
        goal: 1,
        unit: 'ms',
      });
    const [asMember, asDevice] = [line(MEMBER, members), line(DEVICE, devices)];
    return asMember && asDevice;
  } finally {
    await homes.close();
  }
}
