// Much mail at once is sealed a piece at a time, so that the page can draw meanwhile.

import { expect, test } from 'vitest';
import { makeCheapSuite } from '#tests/sim/cheap-suite.ts';
import { SessionWorld, twoContacts } from '#tests/suites/session-world.ts';

const MANY = 300;
/** A frame of many messages, or an envelope of many frames. */
const FEW = 3;

test('what was said while no relay node was there is left a few seals between two breaths', async () => {
  let seals = 0;
  const world = await SessionWorld.start(1, () => {
    const suite = makeCheapSuite();
    return { ...suite, seal: (...seal) => (seals++, suite.seal(...seal)) };
  });
  const { alice, bob } = await twoContacts(world);
  await bob.stop();
  await alice.stop();
  let [last, most] = [0, 0];
  alice.breathe = () => {
    most = Math.max(most, seals - last);
    last = seals;
    return undefined;
  };
  await alice.start();
  world.relays[0]!.crash();
  await world.pass(5_000);
  for (let i = 0; i < MANY; i++) expect(await alice.say(`${i} ${'word '.repeat(200)}`)).toBe('saved');
  [last, most] = [seals, 0];
  const before = seals;
  await world.during(world.relays[0]!.start());
  await world.pass(60_000);
  // All of it in frames, and these in envelopes.
  expect(seals - before).toBeGreaterThan(4 * FEW);
  expect(most).toBeLessThanOrEqual(FEW);
  await alice.stop();
  await bob.start();
  await world.pass(20_000);
  expect(bob.texts()).toHaveLength(MANY);
});
