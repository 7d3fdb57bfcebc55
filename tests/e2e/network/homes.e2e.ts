// Two homes behind routers, and only the relay node's STUN: what the routers allow is used, what they forbid is said.

import { expect, test } from 'playwright/test';
import { buildPage } from './build-page.ts';
import { launchChromium } from './chromium.ts';
import { createHomes } from './lan.ts';
import type { Nat } from './lan.ts';
import { whatIsMissing } from './namespaces.ts';
import { meetBothWays, openPerson, roadOf, roundTrip, upgrade, PROMPT_MS } from './person.ts';
import type { BothWays, Person } from './person.ts';
import { arrives } from './probes.ts';
import { startRelayProcess } from './relay-process.ts';

let folder: string;

test.beforeAll(async () => {
  const missing = whatIsMissing();
  if (missing !== undefined) throw new Error(missing);
  folder = await buildPage();
});

test('two port-restricted routers end on a direct road', async () => {
  await inTwoHomes('port-restricted', async ({ alice, bob, links }) => {
    expect(links.roads).toEqual(['direct', 'direct']);
    expect(await roundTrip(alice, links.alice)).toBeLessThan(PROMPT_MS);
    expect(await roundTrip(bob, links.bob)).toBeLessThan(PROMPT_MS);
  });
});

test('two symmetric routers stay on the relay, and the link says so', async () => {
  await inTwoHomes('symmetric', async ({ alice, bob, links }) => {
    expect(links.roads).toEqual(['relayed', 'relayed']);
    expect(await upgrade(alice, links.alice)).toBeUndefined();
    expect(await roadOf(alice, links.alice)).toBe('relayed');
    expect(await roundTrip(alice, links.alice)).toBeLessThan(PROMPT_MS);
    expect(await roundTrip(bob, links.bob)).toBeLessThan(PROMPT_MS);
  });
});

test('it is the relay node that makes the direct road possible: without its STUN there is none', async () => {
  const story = async ({ links }: TwoHomes): Promise<void> => expect(links.roads).toEqual(['relayed', 'relayed']);
  await inTwoHomes('port-restricted', story, 'without-stun');
});

interface TwoHomes {
  readonly alice: Person;
  readonly bob: Person;
  readonly links: BothWays;
}

/** Builds the homes, has both meet as after two beats, tells the story, and takes everything down again. */
async function inTwoHomes(nat: Nat, story: (homes: TwoHomes) => Promise<void>, stun?: 'without-stun'): Promise<void> {
  const homes = createHomes({ alice: nat, bob: nat });
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const { hosts } = homes;
    // The routers are routers: nobody reaches into a home unasked, and both homes reach the relay's host.
    expect(await arrives(hosts.alice, hosts.bob)).toBe(false);
    expect(await arrives(hosts.relay, hosts.bob)).toBe(false);
    expect(await arrives(hosts.alice, hosts.relay)).toBe(true);
    expect(await arrives(hosts.bob, hosts.relay)).toBe(true);
    const relay = await startRelayProcess({ appFolder: folder, host: hosts.relay });
    closing.push(() => relay.close());
    const people = await Promise.all(
      [hosts.alice, hosts.bob].map(async (host) => {
        const browser = await launchChromium({ host });
        closing.push(() => browser.close());
        return openPerson(browser, relay.web, stun);
      }),
    );
    const [alice, bob] = people as [Person, Person];
    await story({ alice, bob, links: await meetBothWays(alice, bob) });
  } finally {
    await Promise.all(closing.map((close) => close()));
    homes.close();
  }
}
