// Firefox and Chromium, each with its own WebRTC, meet directly.

import { expect, test } from 'playwright/test';
import { buildPage } from './build-page.ts';
import { launchChromium } from './chromium.ts';
import { launchFirefox } from './firefox.ts';
import { meetBothWays, openPerson, roundTrip, startPerson, PROMPT_MS } from './person.ts';
import type { ProbePage } from './person.ts';
import { startRelayProcess } from './relay-process.ts';

test('Firefox and Chromium are connected directly, and stay so when the relay is killed', async () => {
  const relay = await startRelayProcess({ appFolder: await buildPage() });
  const [firefox, chromium] = await Promise.all([launchFirefox(), launchChromium()]);
  try {
    const page = (await firefox.newPage()) as unknown as ProbePage;
    const alice = await startPerson(page, relay.web, { leave: () => firefox.close() });
    const bob = await openPerson(chromium, relay.web);
    const links = await meetBothWays(alice, bob);
    expect(links.roads).toEqual(['direct', 'direct']);
    await relay.kill();
    expect(await roundTrip(alice, links.alice)).toBeLessThan(PROMPT_MS);
    expect(await roundTrip(bob, links.bob)).toBeLessThan(PROMPT_MS);
  } finally {
    await Promise.all([firefox.close(), chromium.close()]);
    await relay.close();
  }
});
