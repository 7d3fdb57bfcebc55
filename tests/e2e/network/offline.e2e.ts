// What *offline* means in every story: the link of a host is down. Proved with probes that do not arrive, in both
// directions and on every road, before anything is said of what happens then.

import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { expect, test } from 'playwright/test';
import { buildPage } from './build-page.ts';
import { launchChromium } from './chromium.ts';
import { createLan } from './lan.ts';
import { whatIsMissing } from './namespaces.ts';
import { meetBothWays, openPerson, roundTrip, PROMPT_MS } from './person.ts';
import type { Person } from './person.ts';
import { arrives, sendProbe } from './probes.ts';
import { startRelayProcess } from './relay-process.ts';

test.beforeAll(() => {
  const missing = whatIsMissing();
  if (missing !== undefined) throw new Error(missing);
});

test('a host whose link is down is cut off, and back when it is up again', async () => {
  const lan = createLan(['alice', 'bob', 'relay']);
  try {
    const { alice, bob, relay } = lan.hosts;
    expect(await arrives(alice, bob)).toBe(true);
    expect(await arrives(bob, alice)).toBe(true);
    alice.cut();
    for (const other of [bob, relay]) {
      expect(await arrives(alice, other)).toBe(false);
      expect(await arrives(other, alice)).toBe(false);
    }
    expect(await arrives(bob, relay)).toBe(true);
    alice.restore();
    await expect.poll(() => arrives(alice, bob)).toBe(true);
    await expect.poll(() => arrives(bob, alice)).toBe(true);
  } finally {
    lan.close();
  }
});

test('nothing of a host reaches the machine the tests run on', async () => {
  const own = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family }) => family === 'IPv4');
  const lan = createLan(['alice']);
  const ear = createSocket('udp4');
  try {
    let heard = 0;
    ear.on('message', () => (heard += 1));
    await new Promise<void>((resolve) => ear.bind(0, '0.0.0.0', resolve));
    expect(own.length).toBeGreaterThan(0);
    for (const { address } of own) sendProbe(lan.hosts.alice, address, ear.address().port, 'probe');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(heard).toBe(0);
  } finally {
    ear.close();
    lan.close();
  }
});

test('a direct link on a home network stops when its host is cut off, and serves again after', async () => {
  const folder = await buildPage();
  const lan = createLan(['alice', 'bob', 'relay']);
  const relay = await startRelayProcess({ appFolder: folder, host: lan.hosts.relay });
  const browsers = await Promise.all([lan.hosts.alice, lan.hosts.bob].map((host) => launchChromium({ host })));
  try {
    const people = await Promise.all(browsers.map((browser) => openPerson(browser, relay.web)));
    const [alice, bob] = people as [Person, Person];
    const links = await meetBothWays(alice, bob);
    expect(links.roads).toEqual(['direct', 'direct']);
    expect(await roundTrip(alice, links.alice)).toBeLessThan(PROMPT_MS);

    lan.hosts.alice.cut();
    await expect(roundTrip(alice, links.alice, 1_500)).rejects.toThrow('no answer');
    await expect(roundTrip(bob, links.bob, 1_500)).rejects.toThrow('no answer');

    lan.hosts.alice.restore();
    await expect
      .poll(() => roundTrip(alice, links.alice, 1_000).catch(() => Infinity), { timeout: 60_000 })
      .toBeLessThan(1_000);
  } finally {
    await Promise.all(browsers.map((browser) => browser.close()));
    await relay.close();
    lan.close();
  }
});
