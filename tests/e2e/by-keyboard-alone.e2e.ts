// Everything that matters without a mouse: from a fresh link to a message, a reply, a card and a document.
import { expect, test } from './fixtures.ts';
import { clicks, countClicks, tabTo } from './keys.ts';
import { PASSPHRASE, type Person } from './person.ts';

test('a whole first day by keyboard alone: link, message, reply, lock, unlock, card, document', async ({ arrive }) => {
  const [alice, bob] = [await arrive(), await arrive()];
  await alice.start();
  const link = await alice.makeCard('Alice');
  const { page } = bob;
  const { keyboard } = page;
  await countClicks(page);

  await page.goto('about:blank');
  await page.goto(link);
  await tabTo(page, page.getByLabel('Passphrase', { exact: true }));
  await keyboard.type(PASSPHRASE);
  await tabTo(page, page.getByLabel('The passphrase again'));
  await keyboard.type(PASSPHRASE);
  await tabTo(page, page.getByLabel('Your name for this person'));
  await keyboard.type('Bob');
  await keyboard.press('Enter');
  await expect(bob.composer).toBeFocused({ timeout: 60_000 });
  await keyboard.type('typed without a mouse');
  await keyboard.press('Enter');
  await alice.talkTo('Bob');
  await alice.hears('typed without a mouse');
  await alice.say('answer me');
  await bob.hears('answer me');

  await tabTo(page, bob.page.getByRole('article').last(), 'Shift+Tab').catch(async () => {
    // The list is one stop of Tab; inside it the arrow keys go from message to message.
    await tabTo(page, page.getByRole('log'), 'Shift+Tab');
    await keyboard.press('End');
    await expect(bob.page.getByRole('article').last()).toBeFocused();
  });
  await keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Reply' })).toBeVisible();
  await tabToMenuItem(bob, 'Reply');
  await keyboard.press('Enter');
  await expect(bob.composer).toBeFocused();
  await keyboard.type('here is the answer');
  await keyboard.press('Enter');
  await alice.hears('here is the answer');
  await expect(alice.message('here is the answer')).toContainText('answer me');

  await keyboard.press('Alt+Shift+KeyL');
  await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
  await tabTo(page, page.getByLabel('Passphrase', { exact: true }));
  await keyboard.type(PASSPHRASE);
  await keyboard.press('Enter');
  await bob.isOpen();

  await keyboard.press('Alt+Shift+KeyN');
  await tabTo(page, page.getByLabel('Your name for this person'));
  await keyboard.type('Robert');
  await keyboard.press('Enter');
  await expect(page.getByLabel('Link of this card')).toHaveValue(/#\/card\//);

  await keyboard.press('Alt+Shift+KeyW');
  await tabTo(page, page.getByLabel('Title'));
  await keyboard.type('Without a mouse');
  await keyboard.press('Enter');
  await tabTo(page, bob.editor);
  await keyboard.type('Every letter by key. ');
  await expect(page.locator('[data-saved=saved]')).toBeVisible();
  await alice.openDocument('Without a mouse');
  await alice.reads('Every letter by key.');
  expect(await clicks(page)).toBe(0);
});

async function tabToMenuItem(person: Person, name: string): Promise<void> {
  const item = person.page.getByRole('menuitem', { name });
  for (let press = 0; press < 6; press += 1) {
    if (await item.evaluate((element) => element === document.activeElement)) return;
    await person.page.keyboard.press('ArrowDown');
  }
}
