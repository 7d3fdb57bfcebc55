// A group between real browsers: founded, come into by a link while nobody is there, a role given, somebody removed.
import { expect, test } from './fixtures.ts';
import { comeIn, found, invite, toGroup } from './into-groups.ts';

test('P13 P32 a group is come into by a link, also while nobody is there: then its documents can be read', async ({
  arrive,
}) => {
  const [alice, bob, carol] = [await arrive(), await arrive(), await arrive()];
  await alice.start();
  await found(alice, 'Harbour Kitchen', 'Alice');
  await alice.page.getByRole('link', { name: /^New document/u }).click();
  await alice.page.getByLabel('Title').fill('Who cooks when');
  await alice.button('Create').click();
  await alice.write('Mondays: lentils');
  await expect(alice.page.locator('[data-saved=saved]')).toBeVisible();
  await toGroup(alice, 'Harbour Kitchen');
  const link = await invite(alice, 2);
  await comeIn(bob, link, 'Bob');
  await bob.say('hello from Bob');
  await toGroup(alice, 'Harbour Kitchen', /^General/u);
  await alice.hears('hello from Bob');
  await alice.say('welcome, @Bob');
  await bob.hears('welcome, @Bob');
  await expect(bob.page.locator('article bdi', { hasText: '@Bob' })).toBeVisible();

  // Nobody is there to let Carol in.
  await Promise.all([alice.page.context().setOffline(true), bob.page.context().setOffline(true)]);
  await comeIn(carol, link, 'Carol');
  await carol.say('is anybody here?');
  await toGroup(carol, 'Harbour Kitchen', /^Who cooks when/u);
  await carol.reads('Mondays: lentils');
  await Promise.all([alice.page.context().setOffline(false), bob.page.context().setOffline(false)]);
  await alice.hears('is anybody here?', 60_000);
  await bob.hears('is anybody here?', 60_000);
});

test('P28 P16 a role is given and shown with its reason, and who is removed is told and hears no more', async ({
  arrive,
}) => {
  const [alice, bob, carol] = [await arrive(), await arrive(), await arrive()];
  await alice.start();
  await found(alice, 'Harbour Kitchen', 'Alice');
  const link = await invite(alice, 2);
  await Promise.all([comeIn(bob, link, 'Bob'), comeIn(carol, link, 'Carol')]);
  await bob.say('hello from Bob');
  await carol.hears('hello from Bob');

  await toGroup(alice, 'Harbour Kitchen', /^People/u);
  await alice.page.getByRole('link', { name: /^Bob/u }).click();
  await alice.button(/^Give the role .?Helper/u).click();
  await alice.page
    .getByRole('dialog')
    .getByRole('button', { name: /^Give the role/u })
    .click();
  await expect(alice.page.getByText(/Alice.? gave .?Bob.? the role .?Helper/u)).toBeVisible();
  await toGroup(bob, 'Harbour Kitchen', /^People/u);
  await bob.page.getByRole('link', { name: /^Bob/u }).click();
  await expect(bob.page.getByText(/Alice.? gave .?Bob.? the role .?Helper/u)).toBeVisible({ timeout: 60_000 });

  await alice.button(/^Remove .?Bob/u).click();
  await alice.page
    .getByRole('dialog')
    .getByRole('button', { name: /^Remove/u })
    .click();
  await toGroup(bob, 'Harbour Kitchen');
  await expect(bob.page.getByText(/Alice.? removed you\./u)).toBeVisible({ timeout: 60_000 });
  await toGroup(alice, 'Harbour Kitchen', /^General/u);
  await alice.say('Bob cannot read this');
  await carol.hears('Bob cannot read this');
  await bob.page.getByRole('main').getByRole('link', { name: 'General' }).click();
  await expect(bob.message('hello from Bob')).toBeVisible();
  await expect(bob.message('Bob cannot read this')).toHaveCount(0);
});

test('an invitation that was taken back lets nobody in, and says so', async ({ arrive }) => {
  const [alice, bob] = [await arrive(), await arrive()];
  await alice.start();
  await found(alice, 'Night Shift', 'Alice');
  const link = await invite(alice, 1);
  await alice.button('Take the invitation back').click();
  await expect(alice.page.locator('[data-invitation=withdrawn]')).toBeVisible();
  await bob.page.goto(link);
  await expect(bob.page.getByText('Night Shift')).toBeVisible();
  await bob.page.getByLabel('Your name in this group').fill('Bob');
  await bob.typeNewPassphrase();
  await bob.button('Come in').click();
  await expect(bob.page.getByText('This invitation was taken back')).toBeVisible({ timeout: 60_000 });
});
