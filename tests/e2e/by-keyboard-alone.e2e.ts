// Everything that matters without a mouse: from a fresh link to a message, a reply, a card and a document.
import type { Locator } from 'playwright/test';
import { expect, test } from './fixtures.ts';
import { PASSPHRASE, type Person } from './person.ts';

/** Goes on with Tab until the focus is there, as people do; visible focus is what they steer by. */
async function tabTo(person: Person, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await expect(target).toBeVisible({ timeout: 30_000 });
  for (let press = 0; press < 60; press += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await person.page.keyboard.press(key);
  }
  throw new Error('the focus never came there');
}

test('a whole first day by keyboard alone: link, message, reply, lock, unlock, card, document', async ({ arrive }) => {
  const [alice, bob] = [await arrive(), await arrive()];
  await alice.start();
  const link = await alice.makeCard('Alice');
  const { page } = bob;
  const { keyboard } = page;
  // The page itself counts what a hand would do with a mouse.
  await page.addInitScript(() => {
    Object.assign(globalThis, { clicks: 0 });
    addEventListener('pointerdown', () => ((globalThis as unknown as { clicks: number }).clicks += 1), true);
  });

  await page.goto('about:blank');
  await page.goto(link);
  await tabTo(bob, page.getByLabel('Passphrase', { exact: true }));
  await keyboard.type(PASSPHRASE);
  await tabTo(bob, page.getByLabel('The passphrase again'));
  await keyboard.type(PASSPHRASE);
  await tabTo(bob, page.getByLabel('Your name for this person'));
  await keyboard.type('Bob');
  await keyboard.press('Enter');
  await expect(bob.composer).toBeFocused({ timeout: 60_000 });
  await keyboard.type('typed without a mouse');
  await keyboard.press('Enter');
  await alice.talkTo('Bob');
  await alice.hears('typed without a mouse');
  await alice.say('answer me');
  await bob.hears('answer me');

  await tabTo(bob, bob.page.getByRole('article').last(), 'Shift+Tab').catch(async () => {
    // The list is one stop of Tab; inside it the arrow keys go from message to message.
    await tabTo(bob, page.getByRole('log'), 'Shift+Tab');
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
  await tabTo(bob, page.getByLabel('Passphrase', { exact: true }));
  await keyboard.type(PASSPHRASE);
  await keyboard.press('Enter');
  await bob.isOpen();

  await keyboard.press('Alt+Shift+KeyN');
  await tabTo(bob, page.getByLabel('Your name for this person'));
  await keyboard.type('Robert');
  await keyboard.press('Enter');
  await expect(page.getByLabel('Link of this card')).toHaveValue(/#\/card\//);

  await keyboard.press('Alt+Shift+KeyW');
  await tabTo(bob, page.getByLabel('Title'));
  await keyboard.type('Without a mouse');
  await keyboard.press('Enter');
  await tabTo(bob, bob.editor);
  await keyboard.type('Every letter by key. ');
  await expect(page.locator('[data-saved=saved]')).toBeVisible();
  await alice.openDocument('Without a mouse');
  await alice.reads('Every letter by key.');
  expect(await page.evaluate(() => (globalThis as unknown as { clicks: number }).clicks)).toBe(0);
});

async function tabToMenuItem(person: Person, name: string): Promise<void> {
  const item = person.page.getByRole('menuitem', { name });
  for (let press = 0; press < 6; press += 1) {
    if (await item.evaluate((element) => element === document.activeElement)) return;
    await person.page.keyboard.press('ArrowDown');
  }
}
