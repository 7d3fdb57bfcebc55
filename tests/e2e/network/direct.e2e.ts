// Two browsers on one machine: the direct road is direct, outlives the relay, and is never taken against the policy.

import { expect, test } from 'playwright/test';
import type { Browser } from 'playwright/test';
import { buildPage } from './build-page.ts';
import { launchChromium } from './chromium.ts';
import {
  constructions,
  isOpen,
  meet,
  meetBothWays,
  openPerson,
  roadOf,
  roundTrip,
  upgrade,
  PROMPT_MS,
} from './person.ts';
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
  relay = await startRelayProcess({ appFolder: folder });
});

test.afterEach(() => relay.close());

test('what was left at the relay node is collected there by another, after the relay was killed', async () => {
  const seed = '2a'.repeat(32);
  const alice = await person();
  const answer = await alice.page.evaluate(([key, text]) => window.probe.leave(key, text), [seed, 'hello'] as const);
  expect(answer).toBe('stored');
  await relay.kill();
  await relay.restart();
  await alice.leave();
  const bob = await person();
  expect(await bob.page.evaluate((key) => window.probe.collect(key), seed)).toEqual(['hello']);
});

test('a relay node that was killed is found again at its place', async () => {
  const [alice, bob] = [await person(), await person()];
  await relay.kill();
  await expect.poll(() => isOpen(alice, 0)).toBe(false);
  await expect.poll(() => isOpen(bob, 0)).toBe(false);
  await relay.restart();
  for (const one of [alice, bob]) await one.page.evaluate((address) => window.probe.mailbox(address), one.relay);
  expect(await roadOf(alice, await meet(alice, bob, 'relays'))).toBe('relayed');
});

test('a relay node that froze is dialled anew when it answers again, and the old socket is let go', async () => {
  const [alice, bob] = [await person(), await person()];
  const open = (): Promise<number> => alice.page.evaluate((address) => window.probe.mailbox(address), alice.relay);
  relay.freeze();
  await expect(open()).rejects.toThrow();
  // Closing waits for an answer that does not come; what counts is that it was begun.
  expect(
    await alice.page.evaluate(() => window.probe.sockets.map((socket) => socket.readyState), undefined),
  ).not.toContain(1);
  relay.thaw();
  expect(await isOpen(alice, await open())).toBe(true);
  expect(await roadOf(bob, await meet(bob, alice, 'relays'))).toBe('relayed');
});

test('two people are connected directly, and stay so when the relay is killed', async () => {
  const [alice, bob] = [await person(), await person()];
  const links = await meetBothWays(alice, bob);
  expect(links.roads).toEqual(['direct', 'direct']);
  expect(await roundTrip(alice, links.alice)).toBeLessThan(PROMPT_MS);

  await relay.kill();
  await expect.poll(() => isOpen(alice, 0)).toBe(false);
  for (let beat = 0; beat < 10; beat += 1) {
    expect(await roundTrip(alice, links.alice)).toBeLessThan(PROMPT_MS);
    expect(await roundTrip(bob, links.bob)).toBeLessThan(PROMPT_MS);
  }
});

test('only the relay node of the space is asked for the outside address', async () => {
  const [alice, bob] = [await person(), await person()];
  await meetBothWays(alice, bob);
  const port = /stun=(\d+)/.exec(alice.relay)?.[1];
  for (const one of [alice, bob]) {
    const servers = await constructions(one);
    expect(servers.length).toBeGreaterThan(0);
    for (const list of servers) expect(list).toEqual([`stun:127.0.0.1:${port}`]);
  }
});

test('under policy relays no RTCPeerConnection is ever constructed, neither to call nor to answer', async () => {
  const [alice, bob] = [await person(), await person()];
  const mine = await meet(alice, bob, 'relays');
  // Bob tries for a direct road all the same.
  const theirs = await meet(bob, alice, 'direct');
  expect(await upgrade(bob, theirs)).toBeUndefined();
  expect(await roundTrip(alice, mine)).toBeLessThan(PROMPT_MS);
  expect(await roundTrip(bob, theirs)).toBeLessThan(PROMPT_MS);
  expect(await constructions(alice)).toEqual([]);
  const roads = await alice.page.evaluate(() => window.probe.links().map((link) => link.road), undefined);
  expect(new Set(roads)).toEqual(new Set(['relayed']));
});

test('a stranger who knows peer id and relay learns no address', async () => {
  const [alice, stranger] = [await person(), await person()];
  expect(await roadOf(stranger, await meet(stranger, alice, 'direct'))).toBe('relayed');
  expect((await constructions(stranger)).length).toBeGreaterThan(0);
  expect(await constructions(alice)).toEqual([]);
});

test('a relayed link is followed by a direct one once the other side has named us too', async () => {
  const [alice, bob] = [await person(), await person()];
  const first = await meet(alice, bob, 'direct');
  expect(await roadOf(alice, first)).toBe('relayed');
  const better = await upgrade(bob, 1);
  expect(better).toBeDefined();
  expect(await roadOf(bob, better ?? -1)).toBe('direct');
  expect(await roundTrip(bob, better ?? -1)).toBeLessThan(PROMPT_MS);
});

test('closing is quick, and the other side knows at once', async () => {
  const [alice, bob] = [await person(), await person()];
  const links = await meetBothWays(alice, bob);
  expect(await alice.page.evaluate(() => window.probe.close(), undefined)).toBeLessThan(2_000);
  await expect.poll(() => isOpen(bob, links.bob), { timeout: 3_000 }).toBe(false);
});

test('eight cold dials all succeed: the init channel is mended', async () => {
  const bob = await person();
  for (let round = 0; round < 8; round += 1) {
    const alice = await person();
    expect((await meetBothWays(alice, bob)).roads).toEqual(['direct', 'direct']);
    await alice.leave();
  }
});

function person(): Promise<Person> {
  return openPerson(browser, relay.web);
}
