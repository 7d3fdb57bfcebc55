// A group without a mouse: founded, somebody invited, talked in, a task put where it belongs.
import type { Locator } from 'playwright/test';
import { expect, test, WITHOUT_WORKER } from './fixtures.ts';
import { comeIn, toGroup } from './into-groups.ts';
import { clicks, countClicks, tabTo } from './keys.ts';
import { PASSPHRASE } from './person.ts';

test.use(WITHOUT_WORKER);

test('J15 P12 P29 a group by keyboard alone: founded, invited to, written in, a task moved on its board', async ({
  arrive,
}) => {
  const [alice, bob] = [await arrive(), await arrive()];
  const { page } = alice;
  const { keyboard } = page;
  const press = async (target: Locator, key = 'Enter'): Promise<void> => {
    await tabTo(page, target);
    await keyboard.press(key);
  };
  const fill = async (target: Locator, text: string): Promise<void> => {
    await tabTo(page, target);
    await keyboard.type(text);
  };
  await countClicks(page);
  await page.reload();

  await press(page.getByRole('link', { name: /^Start/ }));
  await fill(page.getByLabel('Passphrase', { exact: true }), PASSPHRASE);
  await fill(page.getByLabel('The passphrase again'), PASSPHRASE);
  await keyboard.press('Enter');
  await alice.isOpen();
  await press(page.getByRole('link', { name: 'New group' }).last());
  await fill(page.getByLabel('Name of the group'), 'Harbour Kitchen');
  await fill(page.getByLabel('Your name in this group'), 'Alice');
  await keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'How do you want to decide?' })).toBeFocused();
  await keyboard.press('Tab');
  await keyboard.press('Space');
  await keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'One last question' })).toBeFocused();
  await keyboard.press('Tab');
  await keyboard.press('Space');
  await press(page.getByRole('button', { name: 'Found the group' }));
  await press(page.getByRole('link', { name: 'Invite people' }).last());
  await press(page.getByRole('button', { name: 'Make the invitation' }));
  const link = page.getByLabel('Link of this invitation');
  await expect(link).toHaveValue(/#\/join\//);
  await comeIn(bob, await link.inputValue(), 'Bob');

  const group = page.getByRole('list', { name: 'Groups' }).getByRole('link', { name: 'Harbour Kitchen' });
  await tabTo(page, group, 'Shift+Tab');
  await keyboard.press('Enter');
  await press(page.getByRole('main').getByRole('link', { name: 'General' }));
  await fill(alice.composer, 'typed without a mouse');
  await keyboard.press('Enter');
  await bob.hears('typed without a mouse');
  await bob.say('I see it');
  await alice.hears('I see it');

  await tabTo(page, group, 'Shift+Tab');
  await keyboard.press('Enter');
  await press(page.getByRole('main').getByRole('link', { name: 'Tasks' }));
  await press(page.getByRole('button', { name: 'New task' }).first());
  await fill(page.getByRole('dialog').getByLabel('What is to be done'), 'Book the van');
  await keyboard.press('Enter');
  const card = page.locator('[data-column=todo] [data-task]', { hasText: 'Book the van' });
  await press(card, 'Space');
  await keyboard.press('ArrowRight');
  await keyboard.press('Enter');
  await expect(page.locator('[data-column=doing] [data-task]', { hasText: 'Book the van' })).toBeFocused();

  await toGroup(bob, 'Harbour Kitchen', /^Tasks/u);
  const moved = bob.page.locator('[data-column=doing] [data-task]', { hasText: 'Book the van' });
  await expect(moved).toBeVisible({ timeout: 60_000 });
  expect(await clicks(page)).toBe(0);
});
