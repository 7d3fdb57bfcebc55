// A part of the app that this device has not taken in yet, wanted while there is no network.
import { expect, test } from './fixtures.ts';
import { Person } from './person.ts';

test('a part of the app that cannot be fetched is told of, and comes when the app is opened again', async ({
  browser,
  relay,
}) => {
  // Without the worker nothing is on this device but what was fetched for the screens seen so far.
  const context = await browser.newContext({ serviceWorkers: 'block' });
  const person = await Person.arrive(context, relay.web);
  await person.start();
  const notice = person.page.getByRole('alert').filter({ hasText: 'A part of the app is not here yet' });

  await context.setOffline(true);
  await person.button('Keys').first().click();
  await expect(notice).toBeVisible();

  await context.setOffline(false);
  // The vault is put away first: the page that asks for the passphrase until it is fetched anew is still the old one.
  const isAnew = person.page.waitForEvent('framenavigated');
  await notice.getByRole('button', { name: 'Open again' }).click();
  await isAnew;
  await person.unlock();
  await person.button('Keys').first().click();
  await expect(person.page.getByRole('dialog')).toBeVisible();
  await expect(notice).toBeHidden();
  await context.close();
});
