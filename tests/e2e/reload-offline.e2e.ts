// A reload where there is no network: the process that served the app is gone.
import { aliceAndBob, expect, test } from './fixtures.ts';

test('P02 a reload without any server opens the vault, shows everything and takes new work, which leaves later', async ({
  arrive,
  relay,
}) => {
  const { alice, bob } = await aliceAndBob(arrive);
  await alice.newDocument('Notes', 'Bob');
  await alice.write('Written before. ');
  await expect(alice.page.locator('[data-saved=saved]')).toBeVisible();
  await alice.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await relay.kill();
  await expect(fetch(relay.web)).rejects.toThrow();

  await alice.reload();
  await expect(alice.connection).toContainText(/Offline|connecting/);
  const help = await alice.page.context().newPage();
  await help.goto(`${relay.web}/help/index.html`);
  await expect(help.locator('a[href="backup.html"]')).not.toHaveCount(0);
  await help.close();
  await alice.talkTo('Bob');
  await alice.hears('hello from Bob');
  await alice.say('written without a network');
  await alice.delivery('written without a network', 'waiting');
  await alice.openDocument('Notes');
  await alice.reads('Written before.');
  await alice.write('Added offline. ');
  await expect(alice.connection).toContainText('waiting');
  await expect(bob.message('written without a network')).toHaveCount(0);

  await relay.restart();
  await bob.hears('written without a network', 60_000);
  await bob.openDocument('Notes');
  await bob.reads('Written before. Added offline.', 40_000);
  await alice.talkTo('Bob');
  await alice.delivery('written without a network', 'delivered');
  await expect(alice.connection).not.toContainText('waiting');
});
