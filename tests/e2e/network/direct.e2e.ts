// Two browsers on one machine: the direct road is direct, outlives the relay, and is never taken against the policy.

import { expect, test } from 'playwright/test';
import type { Browser, Page } from 'playwright/test';
import { buildPage } from './build-page.ts';
import { launchChromium } from './chromium.ts';
import { startRelayProcess } from './relay-process.ts';
import type { RelayProcess } from './relay-process.ts';

let browser: Browser;
let folder: string;
let relay: RelayProcess;

test.beforeAll(async () => {
  folder = await buildPage();
  browser = await launchChromium();
});

test.afterAll(() => browser.close());

test.beforeEach(async () => {
  relay = await startRelayProcess(folder);
});

test.afterEach(() => relay.kill());

test('a mailbox link carries frames to the relay node and back', async () => {
  const alice = await openPerson();
  expect(await alice.page.evaluate(() => window.probe.roundTrip(0, 5_000))).toBeLessThan(5_000);
  expect(await alice.page.evaluate(() => window.probe.links()[0]?.road)).toBe('relayed');
});

test('two people are connected directly, and stay so when the relay is killed', async () => {
  const [alice, bob] = [await openPerson(), await openPerson()];
  const links = await meetBothWays(alice, bob);
  expect(links.roads).toEqual(['direct', 'direct']);
  expect(await roundTrip(alice.page, links.alice)).toBeLessThan(2_000);

  await relay.kill();
  await expect.poll(() => alice.page.evaluate(() => window.probe.links()[0]?.isOpen)).toBe(false);
  for (let beat = 0; beat < 10; beat += 1) {
    expect(await roundTrip(alice.page, links.alice)).toBeLessThan(2_000);
    expect(await roundTrip(bob.page, links.bob)).toBeLessThan(2_000);
  }
});

test('only the relay node of the space is asked for the outside address', async () => {
  const [alice, bob] = [await openPerson(), await openPerson()];
  await meetBothWays(alice, bob);
  const port = /stun=(\d+)/.exec(relay.address)?.[1];
  for (const { page } of [alice, bob]) {
    const constructions = await page.evaluate(() => window.probe.constructions);
    expect(constructions.length).toBeGreaterThan(0);
    for (const servers of constructions) expect(servers).toEqual([`stun:127.0.0.1:${port}`]);
  }
});

test('under policy relays no RTCPeerConnection is ever constructed, neither to call nor to answer', async () => {
  const [alice, bob] = [await openPerson(), await openPerson()];
  // Alice keeps to relays; Bob tries for a direct road again and again.
  const mine = await alice.page.evaluate(([peer, address]) => window.probe.meet(peer, [address], 'relays'), [
    bob.peer,
    relay.address,
  ] as const);
  const theirs = await bob.page.evaluate(([peer, address]) => window.probe.meet(peer, [address], 'direct'), [
    alice.peer,
    relay.address,
  ] as const);
  const better = await bob.page.evaluate(([index, peer, address]) => window.probe.upgrade(index, peer, [address]), [
    theirs,
    alice.peer,
    relay.address,
  ] as const);
  expect(better).toBeUndefined();
  expect(await roundTrip(alice.page, mine)).toBeLessThan(2_000);
  expect(await roundTrip(bob.page, theirs)).toBeLessThan(2_000);
  expect(await alice.page.evaluate(() => window.probe.constructions)).toEqual([]);
  const roads = await alice.page.evaluate(() => window.probe.links().map((link) => link.road));
  expect(new Set(roads)).toEqual(new Set(['relayed']));
});

test('a stranger who knows peer id and relay learns no address', async () => {
  const [alice, stranger] = [await openPerson(), await openPerson()];
  const link = await stranger.page.evaluate(([peer, address]) => window.probe.meet(peer, [address], 'direct'), [
    alice.peer,
    relay.address,
  ] as const);
  expect(await stranger.page.evaluate((index) => window.probe.links()[index]?.road, link)).toBe('relayed');
  expect(await alice.page.evaluate(() => window.probe.constructions)).toEqual([]);
});

test('a relayed link is followed by a direct one once the other side has named us too', async () => {
  const [alice, bob] = [await openPerson(), await openPerson()];
  const first = await alice.page.evaluate(([peer, address]) => window.probe.meet(peer, [address], 'direct'), [
    bob.peer,
    relay.address,
  ] as const);
  expect(await alice.page.evaluate((index) => window.probe.links()[index]?.road, first)).toBe('relayed');
  const better = await bob.page.evaluate(([peer, address]) => window.probe.upgrade(1, peer, [address]), [
    alice.peer,
    relay.address,
  ] as const);
  expect(better).toBeDefined();
  expect(await bob.page.evaluate((index) => window.probe.links()[index ?? -1]?.road, better)).toBe('direct');
  expect(await roundTrip(bob.page, better ?? -1)).toBeLessThan(2_000);
});

test('closing is quick, and the other side knows at once', async () => {
  const [alice, bob] = [await openPerson(), await openPerson()];
  const links = await meetBothWays(alice, bob);
  expect(await alice.page.evaluate(() => window.probe.close())).toBeLessThan(2_000);
  await expect
    .poll(() => bob.page.evaluate((index) => window.probe.links()[index]?.isOpen, links.bob), { timeout: 3_000 })
    .toBe(false);
});

test('twelve cold dials all succeed: the init channel is mended', async () => {
  const bob = await openPerson();
  for (let round = 0; round < 12; round += 1) {
    const alice = await openPerson();
    const links = await meetBothWays(alice, bob);
    expect(links.roads).toEqual(['direct', 'direct']);
    await alice.page.context().close();
  }
});

interface Person {
  readonly page: Page;
  readonly peer: string;
}

/** A browser context of its own, with the network started and a mailbox open (its link 0). */
async function openPerson(): Promise<Person> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(relay.page);
  const peer = await page.evaluate(() => window.probe.start());
  await page.evaluate((address) => window.probe.mailbox(address), relay.address);
  return { page, peer };
}

async function meetBothWays(alice: Person, bob: Person): Promise<{ alice: number; bob: number; roads: string[] }> {
  const ask = (from: Person, to: Person): Promise<number> =>
    from.page.evaluate(([peer, address]) => window.probe.meet(peer, [address], 'direct'), [
      to.peer,
      relay.address,
    ] as const);
  const [mine, theirs] = await Promise.all([ask(alice, bob), ask(bob, alice)]);
  const road = (person: Person, index: number): Promise<string> =>
    person.page.evaluate((at) => window.probe.links()[at]?.road ?? 'none', index);
  return { alice: mine, bob: theirs, roads: [await road(alice, mine), await road(bob, theirs)] };
}

function roundTrip(page: Page, index: number): Promise<number> {
  return page.evaluate((at) => window.probe.roundTrip(at, 5_000), index);
}
