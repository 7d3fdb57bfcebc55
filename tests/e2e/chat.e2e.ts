// What people expect of a chat, seen at both ends.
import { aliceAndBob, expect, test, WITHOUT_WORKER } from './fixtures.ts';

test.use(WITHOUT_WORKER);

test('M03 a message can be replied to, changed and deleted for both', async ({ arrive }) => {
  const { alice, bob } = await aliceAndBob(arrive);
  await alice.say('shall we meet on Monday?');
  await bob.hears('shall we meet on Monday?');
  await bob.choose('shall we meet on Monday?', 'Reply');
  await expect(bob.page.getByText('Replying to')).toBeVisible();
  await bob.say('gladly');
  await alice.hears('gladly');
  await expect(alice.message('gladly').getByRole('button', { name: /In reply to:/ })).toContainText(
    'shall we meet on Monday?',
  );

  await alice.choose('shall we meet on Monday?', 'Change');
  await expect(alice.composer).toHaveValue('shall we meet on Monday?');
  await alice.composer.fill('shall we meet on Tuesday?');
  await alice.composer.press('Enter');
  for (const one of [alice, bob]) {
    const changed = one.message('shall we meet on Tuesday?').first();
    await expect(changed).toBeVisible();
    await expect(changed).toContainText('changed');
    await expect(one.page.getByText('Monday')).toHaveCount(0);
  }

  await bob.choose('hello from Bob', 'Delete for both');
  await bob.page.getByRole('dialog').getByRole('button', { name: 'Delete for both' }).click();
  for (const one of [alice, bob]) {
    await expect(one.message('Message deleted')).toBeVisible();
    await expect(one.page.getByText('hello from Bob')).toHaveCount(0);
  }
  // Nobody changes what another wrote.
  await alice.message('gladly').hover();
  await alice.message('gladly').getByRole('button', { name: 'What to do with this message' }).click();
  await expect(alice.page.getByRole('menuitem', { name: 'Reply' })).toBeVisible();
  await expect(alice.page.getByRole('menuitem', { name: 'Change' })).toHaveCount(0);
  await expect(alice.page.getByRole('menuitem', { name: 'Delete for both' })).toHaveCount(0);
  await alice.page.keyboard.press('Escape');
  await alice.reload();
  await alice.talkTo('Bob');
  await alice.hears('gladly');
  expect(await alice.texts()).toEqual(await bob.texts());
});

test('M03 a draft survives a reload, and a divider shows where the unread begins', async ({ arrive }) => {
  const { alice, bob } = await aliceAndBob(arrive);
  await bob.composer.fill('I wanted to say');
  await bob.go('Chats');
  await expect(bob.composer).toHaveCount(0);
  await bob.reload();
  await alice.say('first you did not see');
  await alice.say('second you did not see');
  const line = bob.page.getByRole('complementary', { name: 'Chats' }).getByRole('link', { name: 'Alice' });
  await expect(line).toContainText('2 unread messages');
  await bob.talkTo('Alice');
  await expect(bob.composer).toHaveValue('I wanted to say');
  await bob.hears('first you did not see');
  const rows = bob.page.locator('article[data-message], #unread');
  await expect(rows.nth(1)).toHaveText('Unread');
  await expect(rows.nth(2)).toContainText('first you did not see');
  await expect(line).not.toContainText('unread');
  await bob.composer.press('Enter');
  await alice.hears('I wanted to say');
  await expect(bob.page.locator('#unread')).toHaveCount(0);
  await expect(bob.composer).toHaveValue('');
});

test('P24 both see the same safety number, and say for themselves that they compared it', async ({ arrive }) => {
  const { alice, bob } = await aliceAndBob(arrive);
  const numbers: string[] = [];
  for (const one of [alice, bob]) {
    await one.aboutContact();
    const groups = await one.page.locator('p.font-mono span').allTextContents();
    expect(groups).toHaveLength(12);
    for (const group of groups) expect(group).toMatch(/^\d{5}$/);
    numbers.push(groups.join(' '));
  }
  expect(numbers[0]).toBe(numbers[1]);
  await alice.button('They are the same').click();
  await expect(alice.page.getByText('You compared the number and it was the same.')).toBeVisible();
  await alice.talkTo('Bob');
  await expect(alice.presence).toContainText('Checked by you');
  await expect(bob.button('They are the same')).toBeVisible();
  await alice.reload();
  await alice.talkTo('Bob');
  await expect(alice.presence).toContainText('Checked by you');
});

test('W16 a nickname stays here; a blocked contact hears nothing and is not heard until unblocked', async ({
  arrive,
}) => {
  const { alice, bob } = await aliceAndBob(arrive);
  await alice.aboutContact();
  await alice.page.getByLabel('Your name for them').fill('Bob from the allotment');
  await alice.button('Save').click();
  await expect(alice.page.getByRole('heading', { name: 'Bob from the allotment' })).toBeVisible();
  await expect(alice.page.getByRole('definition').getByText('Bob', { exact: true })).toBeVisible();

  await alice.button('Block').click();
  await expect(bob.presence).toContainText('Away', { timeout: 60_000 });
  await bob.say('can you hear me?');
  await bob.delivery('can you hear me?', 'at the relay');
  await alice.turnTo('Bob from the allotment');
  await expect(alice.page.getByText('nothing is sent or received')).toBeVisible();
  await expect(alice.composer).toHaveCount(0);
  await expect(alice.message('can you hear me?')).toHaveCount(0);

  await alice.page.getByRole('link', { name: 'Unblock' }).click();
  await alice.button('Unblock').click();
  await alice.talkTo('Bob from the allotment');
  await alice.hears('can you hear me?', 40_000);
  await alice.say('now I do');
  await bob.hears('now I do', 40_000);
});
