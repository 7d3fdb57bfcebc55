// The relay node dies as at a power cut, in the middle of things.
import { aliceAndBob, expect, test } from './fixtures.ts';
import { Person } from './person.ts';

test('P20 nothing is lost that was said to be at the relay when it was killed, though the writer never returns', async ({
  arrive,
  relay,
}) => {
  const { alice, bob } = await aliceAndBob(arrive);
  for (const { page } of [alice, bob]) await page.setViewportSize({ width: 1_000, height: 2_400 });
  const home = bob.page.context();
  await bob.page.close();
  await expect(alice.presence).toContainText('Away');

  const sent: string[] = [];
  const sending = (async () => {
    for (let number = 1; number <= 12; number += 1) {
      await alice.say(`letter ${number}.`);
      sent.push(`letter ${number}.`);
    }
  })();
  await alice.delivery('letter 3.', 'at the relay');
  await relay.kill();
  await sending;
  const said = alice.page.locator('article[data-message]', { has: alice.page.locator('[data-delivery=relay]') });
  const acknowledged = await said.locator('p[dir=auto]').allTextContents();
  expect(acknowledged).toContain('letter 3.');
  await alice.page.context().close();

  await relay.restart();
  const back = await Person.arrive(home, relay.web);
  await back.page.setViewportSize({ width: 1_000, height: 2_400 });
  await back.unlock();
  await back.talkTo('Alice');
  for (const text of acknowledged) await back.hears(text);
  const read = await back.texts();
  expect(new Set(read).size).toBe(read.length);
  expect(sent).toEqual(expect.arrayContaining(read.filter((text) => text.startsWith('letter'))));
});

test('P20 two who talk directly do not notice that the relay dies and comes back between their words', async ({
  arrive,
  relay,
}) => {
  const { alice, bob } = await aliceAndBob(arrive);
  // All of it drawn at once, so that it can be counted.
  for (const { page } of [alice, bob]) await page.setViewportSize({ width: 1_000, height: 2_400 });
  const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
  const talk = Promise.all([
    (async () => {
      for (const number of numbers) await alice.say(`alice ${number}.`);
    })(),
    (async () => {
      for (const number of numbers) await bob.say(`bob ${number}.`);
    })(),
  ]);
  await bob.hears('alice 2.');
  await relay.kill();
  await talk;
  for (const number of numbers) {
    await Promise.all([bob.hears(`alice ${number}.`), alice.hears(`bob ${number}.`)]);
  }
  await Promise.all([alice.delivery('alice 8.', 'delivered'), bob.delivery('bob 8.', 'delivered')]);
  await relay.restart();
  await expect(alice.connection).toContainText('relay connected', { timeout: 60_000 });
  await alice.say('all back');
  await bob.hears('all back');
  expect(await alice.texts()).toEqual(await bob.texts());
  expect(await alice.texts()).toHaveLength(18);
  await Promise.all([alice.hasNoGap(), bob.hasNoGap()]);
});
