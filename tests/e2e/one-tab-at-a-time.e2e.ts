// The app open twice, and its store taken away from under it.
import { aliceAndBob, expect, test } from './fixtures.ts';
import { Person } from './person.ts';

test('threat 21 a second tab offers to take over, the first one says so, and nothing is lost', async ({
  arrive,
  relay,
}) => {
  const { alice, bob } = await aliceAndBob(arrive);
  await alice.newDocument('Two tabs', 'Bob');
  await alice.write('In the first tab. ');
  await expect(alice.page.locator('[data-saved=saved]')).toBeVisible();
  await alice.talkTo('Bob');
  await alice.say('from the first tab');
  await alice.composer.fill('a draft of the first tab');

  const second = await Person.arrive(alice.page.context(), relay.web);
  await expect(second.page.getByRole('heading', { name: 'Open in another tab' })).toBeVisible();
  await expect(second.page.getByLabel('Passphrase')).toHaveCount(0);
  // The first tab is not disturbed by the second one's asking.
  await bob.say('are you there?');
  await alice.hears('are you there?');

  await second.button('Open here instead').click();
  await expect(alice.page.getByRole('heading', { name: 'Open in another tab' })).toBeVisible();
  await expect(alice.page.locator('body')).not.toContainText('are you there?');
  await second.unlock();
  await second.talkTo('Bob');
  await second.hears('from the first tab');
  await second.hears('are you there?');
  await expect(second.composer).toHaveValue('a draft of the first tab');
  await second.composer.fill('');
  await second.say('from the second tab');
  await bob.hears('from the second tab');
  await second.openDocument('Two tabs');
  await second.reads('In the first tab.');
  await second.write('In the second tab. ');

  // And back again, without a loss.
  await alice.button('Open here instead').click();
  await expect(second.page.getByRole('heading', { name: 'Open in another tab' })).toBeVisible();
  await alice.unlock();
  await alice.openDocument('Two tabs');
  await alice.reads('In the first tab. In the second tab.');
  await alice.talkTo('Bob');
  await alice.hears('from the second tab');
  await bob.say('all of one piece');
  await alice.hears('all of one piece');
});

test('threat 21 closing the tab that has it open lets the other one open without asking', async ({ arrive, relay }) => {
  const first = await arrive();
  await first.start();
  const second = await Person.arrive(first.page.context(), relay.web);
  await expect(second.page.getByRole('heading', { name: 'Open in another tab' })).toBeVisible();
  await first.page.close();
  await expect(second.page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
  await second.unlock();
});

test('threat 23 a database deleted from outside is noticed and said, and no new identity is made unasked', async ({
  arrive,
  relay,
}) => {
  const alice = await arrive();
  await alice.start();
  const other = await alice.page.context().newPage();
  await other.goto(`${relay.web}/help/index.html`);
  await other.evaluate(async () => {
    for (const { name = '' } of await indexedDB.databases()) {
      await new Promise((done) => (indexedDB.deleteDatabase(name).onsuccess = done));
    }
  });
  await expect(alice.page.getByRole('heading', { name: 'The stored data was deleted' })).toBeVisible();
  await expect(alice.page.getByText('Your contacts still have what you sent them.')).toBeVisible();
  await alice.button('Begin again').click();
  await expect(alice.page.getByRole('link', { name: /^Start/ })).toBeVisible();
  await expect(alice.page.getByRole('link', { name: /^Restore a backup/ })).toBeVisible();
  await alice.start();
});

test('threat 23 site data cleared by the browser while the app is closed is said at the next start', async ({
  arrive,
  relay,
}) => {
  const alice = await arrive();
  await alice.start();
  const helper = await alice.page.context().newPage();
  await helper.goto(`${relay.web}/help/index.html`);
  await alice.page.close();
  await expect
    .poll(() => helper.evaluate(async () => (await navigator.locks.query()).held?.length), { timeout: 60_000 })
    .toBe(0);
  const session = await helper.context().newCDPSession(helper);
  await session.send('Storage.clearDataForOrigin', { origin: relay.web, storageTypes: 'indexeddb' });
  const again = await Person.arrive(helper.context(), relay.web);
  await expect(again.page.getByRole('heading', { name: 'The stored data was deleted' })).toBeVisible();
});
