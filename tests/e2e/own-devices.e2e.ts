// A person's second device: taken in by a code, complete, announced, one person to everybody else.
import { aliceAndBob, expect, test } from './fixtures.ts';
import { askToJoin, everythingIsHere, letIn, showDeviceCode } from './own-devices.ts';

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
