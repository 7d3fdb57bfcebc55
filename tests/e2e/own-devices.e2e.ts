// A person's second device: taken in by a code, complete, announced, one person to everybody else.
import { aliceAndBob, expect, test, WITHOUT_WORKER } from './fixtures.ts';
import { askToJoin, endDevice, everythingIsHere, letIn, showDeviceCode, wordsOnPaper } from './own-devices.ts';
import { Person } from './person.ts';

test.use(WITHOUT_WORKER);

test('W13 W26 J11 a second device is taken in by a code, has everything, and goes on as the same person', async ({
  arrive,
}) => {
  const { alice, bob } = await aliceAndBob(arrive);
  await alice.say('written before');
  await bob.hears('written before');
  const laptop = await arrive();
  const link = await showDeviceCode(alice);
  const number = await askToJoin(laptop, link, 'Kitchen laptop');
  await letIn(alice, number);
  await everythingIsHere(laptop);
  // Announced where it was not added by hand, and in the list of both.
  await expect(alice.page.locator('[data-new-device]')).toContainText('Kitchen laptop');
  await alice.button('Yes, that was me').click();
  await expect(alice.page.locator('[data-new-device]')).toHaveCount(0);
  await expect(alice.page.locator('[data-own-device]')).toHaveCount(2);

  await laptop.talkTo('Bob');
  await laptop.hears('hello from Bob');
  await laptop.hears('written before');
  await laptop.say('from the laptop');
  await bob.hears('from the laptop');
  await alice.talkTo('Bob');
  await alice.hears('from the laptop');
  await bob.say('I see one of you');
  await alice.hears('I see one of you');
  await laptop.hears('I see one of you');
});

test('W13 both devices go away half-way, and the history is complete all the same', async ({ arrive, relay }) => {
  const { alice, bob } = await aliceAndBob(arrive);
  for (let i = 1; i <= 3; i++) {
    await alice.say(`alice line ${i}`);
    await bob.say(`bob line ${i}`);
  }
  await alice.hears('bob line 3');
  const before = await alice.texts();
  const laptop = await arrive();
  const link = await showDeviceCode(alice);
  const number = await askToJoin(laptop, link, 'Kitchen laptop');
  // The request lies at the relay; then the new device is gone while it is let in, and the old one right after.
  await expect(laptop.page.getByText('You may close this app meanwhile')).toBeVisible();
  await laptop.page.close();
  await letIn(alice, number);
  await alice.page.close();
  await bob.page.close();
  const again = await Person.arrive(laptop.page.context(), relay.web);
  await again.unlock();
  await again.visit('#/device');
  const alone = await Person.arrive(alice.page.context(), relay.web);
  await alone.unlock();
  await everythingIsHere(again);
  await again.talkTo('Bob');
  await again.hears('bob line 3');
  expect(await again.texts()).toEqual(before);
  await again.hasNoGap();
});

test('threat 16 a code for a device does nothing where contact cards are answered', async ({ arrive }) => {
  const { alice, bob } = await aliceAndBob(arrive);
  const link = await showDeviceCode(alice);
  const code = link.slice(link.indexOf('#/device/') + '#/device/'.length);
  // Pasted where a contact card is asked for, by somebody with a vault and by somebody without.
  const fresh = await arrive();
  for (const person of [bob, fresh]) {
    await person.visit('#/code');
    for (const text of [code, link]) {
      await person.page.getByLabel('Paste a link or code').fill(text);
      await person.button('Use this code').click();
      await expect(person.page.getByText('This code is for your own devices')).toBeVisible();
      await expect(person.page.getByLabel('Your name for this person')).toHaveCount(0);
      await person.page.getByRole('link', { name: 'Try another code' }).click();
    }
  }
  // A vault with contacts in it becomes nobody's second device.
  await bob.page.goto(link);
  await expect(bob.page.getByText('There is something on this device already')).toBeVisible();
  // Nothing of this reached the one who shows the code.
  await expect(alice.page.locator('[data-offer=open]')).toBeVisible();
  await alice.button('Withdraw the code').click();
  await expect(alice.page.locator('[data-offer=none]')).toBeVisible();
});

test('P37 W14 J11 a lost phone is ended with the words: it learns of it, and gets nothing new', async ({
  arrive,
  relay,
}) => {
  const { alice, bob } = await aliceAndBob(arrive);
  const words = await wordsOnPaper(alice);
  const laptop = await arrive();
  const number = await askToJoin(laptop, await showDeviceCode(alice), 'Kitchen laptop');
  await letIn(alice, number);
  await everythingIsHere(laptop);
  await alice.visit('#/devices');
  await alice.page.getByLabel('Name of this device').fill('Phone');
  await alice.button('Save the name').click();
  await expect(alice.page.getByText('The name is saved.')).toBeVisible();
  await laptop.visit('#/devices');
  await expect(laptop.page.locator('[data-own-device]', { hasText: 'Phone' })).toBeVisible({ timeout: 60_000 });
  // The phone is lost: gone, with all it had.
  await alice.page.close();
  await endDevice(laptop, 'Phone', words);
  await laptop.talkTo('Bob');
  await laptop.say('my phone is gone');
  await bob.hears('my phone is gone');
  await bob.say('only you read this');
  await laptop.hears('only you read this');
  // Somebody who knows its passphrase finds it.
  const found = await Person.arrive(alice.page.context(), relay.web);
  await found.unlock();
  await expect(found.page.locator('[data-ended]')).toBeVisible({ timeout: 60_000 });
  await found.turnTo('Bob');
  await found.hears('hello from Bob');
  await expect(found.message('my phone is gone')).toHaveCount(0);
  await expect(found.message('only you read this')).toHaveCount(0);
  await found.button('Erase everything here').click();
  await found.button('Yes, erase it').click();
  await expect(found.page.getByRole('link', { name: /^Start/ })).toBeVisible({ timeout: 60_000 });
});
