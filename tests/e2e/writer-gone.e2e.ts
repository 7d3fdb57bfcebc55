// What was written for somebody who was away arrives although its writer never comes back.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from './fixtures.ts';
import { launchProfile } from './network/chromium.ts';
import { Person } from './person.ts';

let profile: string;
test.beforeEach(() => {
  profile = mkdtempSync(path.join(tmpdir(), 'understory-bob-'));
});
test.afterEach(() => {
  rmSync(profile, { recursive: true, force: true });
});

test('P04 X10 Bob reads all of what Alice wrote while his browser was closed, after hers is gone for good', async ({
  arrive,
  relay,
}) => {
  const alice = await arrive();
  await alice.start();
  const link = await alice.makeCard('Alice');
  let home = await launchProfile(profile);
  const first = await Person.arrive(home, relay.web);
  await first.answerFresh(link, 'Bob');
  await first.say('I am off to the mountains');
  await alice.talkTo('Bob');
  await alice.hears('I am off to the mountains');
  await alice.newDocument('Harvest', 'Bob');
  await alice.write('Apples in September. ');
  await first.openDocument('Harvest');
  await first.reads('Apples in September.');
  await home.close();

  await alice.write('Pears in October. ');
  await alice.talkTo('Bob');
  await expect(alice.presence).toContainText('Away');
  const written = ['one for the road', 'two lines\nin one message', 'and the last one'];
  for (const text of written) await alice.say(text);
  for (const text of ['one for the road', 'and the last one']) await alice.delivery(text, 'at the relay');
  await expect(alice.connection).not.toContainText('waiting');
  await alice.page.context().close();

  home = await launchProfile(profile);
  const bob = await Person.arrive(home, relay.web);
  await bob.unlock();
  await bob.talkTo('Alice');
  await bob.hears('and the last one');
  expect(await bob.texts()).toEqual(['I am off to the mountains', ...written]);
  await bob.hasNoGap();
  await bob.openDocument('Harvest');
  await bob.reads('Apples in September. Pears in October.');
  await home.close();
});
