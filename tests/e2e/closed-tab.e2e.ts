// Who leaves is seen to have left.
import { aliceAndBob, expect, test, WITHOUT_WORKER } from './fixtures.ts';

test.use(WITHOUT_WORKER);

/** Three seconds by the clock of the session's own tests; a busy machine is slower to show it. Silence ends a link later. */
const SOON = { timeout: 7_000 };

test('X20 a closed tab is noticed by the other person within seconds', async ({ arrive }) => {
  const { alice, bob } = await aliceAndBob(arrive);
  await expect(alice.presence).toContainText('Connected directly');
  await bob.page.close();
  await expect(alice.presence).toContainText('Away', SOON);
  await expect(alice.connection).not.toContainText('Direct with');
});

test('X20 a locked vault is seen as away as well', async ({ arrive }) => {
  const { alice, bob } = await aliceAndBob(arrive);
  await bob.lock();
  await expect(alice.presence).toContainText('Away', SOON);
  await alice.say('are you there?');
  await alice.delivery('are you there?', 'at the relay');
  await bob.unlock();
  await bob.talkTo('Alice');
  await bob.hears('are you there?');
  await alice.delivery('are you there?', 'delivered');
  await alice.isDirect();
});
