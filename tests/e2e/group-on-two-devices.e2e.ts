// A group on a person's second device, between real browsers: what it has comes from the first.
import { expect, test } from './fixtures.ts';
import { comeIn, found, invite, toGroup } from './into-groups.ts';
import { askToJoin, everythingIsHere, letIn, showDeviceCode } from './own-devices.ts';
import { Person } from './person.ts';

const GROUP = 'Harbour Kitchen';

test('W13 W26 J11 a group comes to a second device from the first, which is gone half-way: history, names, settings', async ({
  arrive,
  relay,
}) => {
  const [alice, bob] = [await arrive(), await arrive()];
  await alice.start();
  await alice.go('Settings');
  await alice.page.getByLabel('Lock by itself').selectOption('60');
  await found(alice, GROUP, 'Alice', { isDirect: false });
  await comeIn(bob, await invite(alice, 1), 'Bob');
  await bob.say('the key is under the pot');
  await toGroup(alice, GROUP, /^General/u);
  await alice.hears('the key is under the pot');
  await alice.say('which pot?');
  await bob.hears('which pot?');
  // Nobody else could tell the new device anything.
  await bob.page.close();

  const laptop = await arrive();
  const number = await askToJoin(laptop, await showDeviceCode(alice), 'Kitchen laptop');
  await expect(laptop.page.getByText('You may close this app meanwhile')).toBeVisible();
  await laptop.page.context().setOffline(true);
  await letIn(alice, number);
  await alice.page.close();
  await laptop.page.context().setOffline(false);
  const again = await Person.arrive(alice.page.context(), relay.web);
  await again.unlock();
  await everythingIsHere(laptop);

  await toGroup(laptop, GROUP, /^General/u);
  await laptop.hears('the key is under the pot');
  await laptop.hears('which pot?');
  await expect(laptop.message('the key is under the pot')).toHaveAttribute('aria-label', /^Bob/);
  await laptop.hasNoGap();
  await laptop.go('Settings');
  await expect(laptop.page.getByLabel('Lock by itself')).toHaveValue('60');
  await toGroup(laptop, GROUP, /^General/u);
  await laptop.say('the blue one');
  const back = await Person.arrive(bob.page.context(), relay.web);
  await back.unlock();
  await toGroup(back, GROUP, /^General/u);
  await back.hears('the blue one', 30_000);
  await expect(back.message('the blue one')).toHaveAttribute('aria-label', /^Alice/);

  // Read on one of them, it is read on the other.
  await back.say('found it');
  await laptop.hears('found it');
  const unread = again.page.getByRole('list', { name: 'Groups' }).getByRole('link', { name: GROUP });
  await again.go('Chats');
  await expect(unread).toContainText('found it', { timeout: 60_000 });
  await expect(unread).not.toContainText('unread', { timeout: 60_000 });
});
