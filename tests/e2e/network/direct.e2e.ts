// Two browsers on one machine: the direct road is direct, outlives the relay, and is never taken against the policy.

import { expect, test } from 'playwright/test';
import type { Browser } from 'playwright/test';
import { buildPage } from './build-page.ts';
import { launchChromium } from './chromium.ts';
import { constructions, isOpen, meet, meetBothWays, openPerson, roadOf, roundTrip, upgrade } from './person.ts';
import type { Person } from './person.ts';
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
  const alice = await person();
  expect(await roundTrip(alice, 0)).toBeLessThan(5_000);
  expect(await roadOf(alice, 0)).toBe('relayed');
});

test('two people are connected directly, and stay so when the relay is killed', async () => {
  const [alice, bob] = [await person(), await person()];
  const links = await meetBothWays(alice, bob, relay);
  expect(links.roads).toEqual(['direct', 'direct']);
  expect(await roundTrip(alice, links.alice)).toBeLessThan(2_000);

  await relay.kill();
  await expect.poll(() => isOpen(alice, 0)).toBe(false);
  for (let beat = 0; beat < 10; beat += 1) {
    expect(await roundTrip(alice, links.alice)).toBeLessThan(2_000);
    expect(await roundTrip(bob, links.bob)).toBeLessThan(2_000);
  }
});

test('only the relay node of the space is asked for the outside address', async () => {
  const [alice, bob] = [await person(), await person()];
  await meetBothWays(alice, bob, relay);
  const port = /stun=(\d+)/.exec(relay.address)?.[1];
  for (const one of [alice, bob]) {
    const servers = await constructions(one);
    expect(servers.length).toBeGreaterThan(0);
    for (const list of servers) expect(list).toEqual([`stun:127.0.0.1:${port}`]);
  }
});

test('under policy relays no RTCPeerConnection is ever constructed, neither to call nor to answer', async () => {
  const [alice, bob] = [await person(), await person()];
  const mine = await meet(alice, bob, relay, 'relays');
  // Bob tries for a direct road all the same.
  const theirs = await meet(bob, alice, relay, 'direct');
  expect(await upgrade(bob, theirs, alice, relay)).toBeUndefined();
  expect(await roundTrip(alice, mine)).toBeLessThan(2_000);
  expect(await roundTrip(bob, theirs)).toBeLessThan(2_000);
  expect(await constructions(alice)).toEqual([]);
  const roads = await alice.page.evaluate(() => window.probe.links().map((link) => link.road));
  expect(new Set(roads)).toEqual(new Set(['relayed']));
});

test('a stranger who knows peer id and relay learns no address', async () => {
  const [alice, stranger] = [await person(), await person()];
  expect(await roadOf(stranger, await meet(stranger, alice, relay, 'direct'))).toBe('relayed');
  expect((await constructions(stranger)).length).toBeGreaterThan(0);
  expect(await constructions(alice)).toEqual([]);
});

test('a relayed link is followed by a direct one once the other side has named us too', async () => {
  const [alice, bob] = [await person(), await person()];
  const first = await meet(alice, bob, relay, 'direct');
  expect(await roadOf(alice, first)).toBe('relayed');
  const better = await upgrade(bob, 1, alice, relay);
  expect(better).toBeDefined();
  expect(await roadOf(bob, better ?? -1)).toBe('direct');
  expect(await roundTrip(bob, better ?? -1)).toBeLessThan(2_000);
});

test('closing is quick, and the other side knows at once', async () => {
  const [alice, bob] = [await person(), await person()];
  const links = await meetBothWays(alice, bob, relay);
  expect(await alice.page.evaluate(() => window.probe.close())).toBeLessThan(2_000);
  await expect.poll(() => isOpen(bob, links.bob), { timeout: 3_000 }).toBe(false);
});

test('twelve cold dials all succeed: the init channel is mended', async () => {
  const bob = await person();
  for (let round = 0; round < 12; round += 1) {
    const alice = await person();
    expect((await meetBothWays(alice, bob, relay)).roads).toEqual(['direct', 'direct']);
    await alice.page.context().close();
  }
});

function person(): Promise<Person> {
  return openPerson(browser, relay);
}
