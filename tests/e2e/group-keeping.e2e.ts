// What a group keeps and for whom, between real browsers: messages that disappear by a rule, a document that goes to a role.
import { expect, test, WITHOUT_WORKER } from './fixtures.ts';
import { comeIn, found, invite, toGroup } from './into-groups.ts';

test.use(WITHOUT_WORKER);

const GROUP = 'Harbour Kitchen';

test('people 14 P30 a channel says that messages disappear; a document goes to a role, and from who does not have it', async ({
  arrive,
}) => {
  const [alice, bob] = [await arrive(), await arrive()];
  await alice.start();
  await found(alice, GROUP, 'Alice');
  await comeIn(bob, await invite(alice, 1), 'Bob');

  await toGroup(alice, GROUP, /^Rules/u);
  await alice.button('Change the rules').click();
  await alice.page.getByRole('radio', { name: /^1 week/u }).check();
  await expect(alice.page.getByText('What is said disappears after 1 week')).toBeVisible();
  await alice.button('Change the rules').last().click();
  await expect(bob.page.getByText('gone after 1 week')).toBeVisible({ timeout: 60_000 });
  await bob.page.getByRole('button', { name: 'Messages disappear after 1 week' }).click();
  await expect(bob.page.getByText('may have copied it')).toBeVisible();
  await bob.page.keyboard.press('Escape');

  await toGroup(alice, GROUP, /^New document/u);
  await alice.page.getByLabel('Title').fill('Over the wall');
  await expect(alice.page.getByLabel('Write with').locator('option:checked')).toHaveText('Every member');
  await alice.button('Create').click();
  await alice.page.getByRole('textbox', { name: 'Text of the document' }).fill('at night');
  await toGroup(bob, GROUP, /^Over the wall/u);
  await expect(bob.page.getByText('at night')).toBeVisible({ timeout: 60_000 });

  await alice.button('Who can see this').click();
  await alice.page.getByRole('radio', { name: /^lead/iu }).check();
  await expect(alice.page.getByText(/Bob.* can no longer see it/u)).toBeVisible();
  await alice.button('Move it there').click();
  await expect(bob.page.getByText('This document went to others')).toBeVisible({ timeout: 60_000 });
  await expect(bob.page.getByText('at night')).toHaveCount(0);
  await expect(alice.page.getByText('at night')).toBeVisible();
});
