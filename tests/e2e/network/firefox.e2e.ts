// Firefox and Chromium, each with its own WebRTC, meet directly.

import { expect, test } from 'playwright/test';
import { buildPage } from './build-page.ts';
import { launchChromium } from './chromium.ts';
import { launchFirefox } from './firefox.ts';
import { firstChannels, meetBothWays, openPerson, roundTrip, startPerson, PROMPT_MS } from './person.ts';
import type { Person, ProbePage } from './person.ts';
import { startRelayProcess, type RelayProcess } from './relay-process.ts';

async function inBoth(
  run: (people: { readonly alice: Person; readonly bob: Person; readonly relay: RelayProcess }) => Promise<void>,
): Promise<void> {
  const relay = await startRelayProcess({ appFolder: await buildPage() });
  const [firefox, chromium] = await Promise.all([launchFirefox(), launchChromium()]);
  try {
    const page = (await firefox.newPage()) as unknown as ProbePage;
    const alice = await startPerson(page, relay.web, { leave: () => firefox.close() });
    await run({ alice, bob: await openPerson(chromium, relay.web), relay });
  } finally {
    await Promise.all([firefox.close(), chromium.close()]);
    await relay.close();
  }
}

test('Firefox and Chromium are connected directly, and stay so when the relay is killed', async () => {
  await inBoth(async ({ alice, bob, relay }) => {
    const links = await meetBothWays(alice, bob);
    expect(links.roads).toEqual(['direct', 'direct']);
    await relay.kill();
    expect(await roundTrip(alice, links.alice)).toBeLessThan(PROMPT_MS);
    expect(await roundTrip(bob, links.bob)).toBeLessThan(PROMPT_MS);
  });
});

test('the first channel of a call stays open at both ends: another one under its number would carry nothing at times', async () => {
  await inBoth(async ({ alice, bob }) => {
    const links = await meetBothWays(alice, bob);
    expect(await roundTrip(alice, links.alice)).toBeLessThan(PROMPT_MS);
    for (const person of [alice, bob]) {
      const states = await firstChannels(person);
      expect(states.length).toBeGreaterThan(0);
      expect(new Set(states)).toEqual(new Set(['open']));
    }
  });
});
