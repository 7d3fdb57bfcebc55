// Who leaves is seen to have left.
import { aliceAndBob, expect, test } from './fixtures.ts';

test('X20 a closed tab is noticed by the other person within three seconds', async ({ arrive }) => {
  const { alice, bob } = await aliceAndBob(arrive);
  await expect(alice.presence).toContainText('Connected directly');
  const from = performance.now();
  await bob.page.close();
  await expect(alice.presence).toContainText('Away', { timeout: 3_000 });
  const took = performance.now() - from;
  expect(took).toBeLessThan(3_000);
  test.info().annotations.push({ type: 'noticed after', description: `${Math.round(took)} ms` });
  await expect(alice.connection).not.toContainText('Direct with');
});

test('X20 a locked vault is seen as away as well', async ({ arrive }) => {
  const { alice, bob } = await aliceAndBob(arrive);
  await bob.lock();
  await expect(alice.presence).toContainText('Away', { timeout: 3_000 });
  await alice.say('are you there?');
  await alice.delivery('are you there?', 'at the relay');
  await bob.unlock();
  await bob.talkTo('Alice');
  await bob.hears('are you there?');
  await alice.delivery('are you there?', 'delivered');
  await alice.isDirect();
});
