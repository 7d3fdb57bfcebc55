// First contact: by a link, directly, and what it survives.
import { aliceAndBob, expect, test } from './fixtures.ts';

test('P13 X20 two people meet by a link and talk directly, also when the relay is gone', async ({ arrive, relay }) => {
  const { alice, bob } = await aliceAndBob(arrive);
  await alice.say('good to see you');
  await bob.hears('good to see you');
  await alice.delivery('good to see you', 'delivered');

  await relay.kill();
  await expect(alice.connection).not.toContainText('relay connected', { timeout: 60_000 });
  await bob.say('and without the relay?');
  await alice.hears('and without the relay?');
  await bob.delivery('and without the relay?', 'delivered');

  await relay.restart();
  await expect(alice.connection).toContainText('relay connected', { timeout: 60_000 });
  await alice.say('all back');
  await bob.hears('all back');
});

test('P12 a document is written together, and both find all of it', async ({ arrive }) => {
  const { alice, bob } = await aliceAndBob(arrive);
  await alice.newDocument('Spring plan', 'Bob');
  await alice.write('First the seeds. ');
  await bob.openDocument('Spring plan');
  await bob.reads('First the seeds.');
  await bob.write('Then the rain. ');
  await alice.reads('Then the rain.');
});
