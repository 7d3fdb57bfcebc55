// A disk that takes nothing more: everything can be read, the words stay in the field, and it goes on when there is room.
import type { Page } from 'playwright/test';
import { aliceAndBob, expect, test } from './fixtures.ts';

/** Lets the browser give the origin that many bytes; without a number as many as it likes. */
async function allow(page: Page, quotaSize?: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const origin = new URL(page.url()).origin;
  await session.send('Storage.overrideQuotaForOrigin', quotaSize === undefined ? { origin } : { origin, quotaSize });
}

test('threat 20 a full disk leaves the app readable, says so, keeps the words and resumes when there is room', async ({
  arrive,
}) => {
  const { alice, bob } = await aliceAndBob(arrive);
  // High enough for the whole conversation: lists show only what is in sight.
  for (const { page } of [alice, bob]) await page.setViewportSize({ width: 1280, height: 5_000 });
  await alice.newDocument('Harvest', 'Bob');
  await alice.write('Before the disk was full. ');
  await expect(alice.page.locator('[data-saved=saved]')).toBeVisible();
  await alice.talkTo('Bob');

  await allow(alice.page, 1);
  // A browser looks at what is left only now and then: what it takes until then is saved, and must stay so.
  const notice = alice.page.getByText('No room left.', { exact: true });
  const refused = alice.page.getByText('Your words are still in the field.');
  const tried: string[] = [];
  await expect(async () => {
    const text = `message number ${tried.push('')} of many`;
    tried[tried.length - 1] = text;
    await alice.composer.fill(text);
    await alice.composer.press('Enter');
    // Either of both, however long it takes: the next words go into the field only when these are saved. That there is no
    // room is said for whatever else is written, too, and these may be saved all the same.
    const saved = alice.message(text).locator('[data-delivery]', { hasText: /waiting|at the relay|delivered/ });
    await expect(refused.or(saved)).toBeVisible();
    expect(await refused.isVisible()).toBe(true);
  }).toPass({ timeout: 60_000, intervals: [1_500] });
  const kept = tried.pop()!;
  await expect(notice).toBeVisible();
  await expect(alice.composer).toHaveValue(kept);
  // Never shown as a message: it was not saved.
  await expect(alice.message(kept)).toHaveCount(0);
  for (const text of tried) await alice.hears(text);
  await alice.openDocument('Harvest');
  await alice.reads('Before the disk was full.');
  await alice.write('While it was full. ');
  await expect(alice.page.locator('[data-saved=no-room]')).toBeVisible({ timeout: 60_000 });
  await alice.write('And on. ');

  await allow(alice.page);
  await expect(notice).toBeHidden({ timeout: 60_000 });
  await expect(alice.page.locator('[data-saved=saved]')).toBeVisible({ timeout: 60_000 });
  await alice.talkTo('Bob');
  await expect(alice.composer).toHaveValue(kept);
  await alice.composer.press('Enter');
  await bob.hears(kept);

  await alice.reload();
  await alice.talkTo('Bob');
  for (const text of [...tried, kept]) {
    await expect(alice.message(text)).toHaveCount(1);
    await expect(bob.message(text)).toHaveCount(1);
  }
  for (const person of [alice, bob]) {
    await person.openDocument('Harvest');
    await person.reads('Before the disk was full. While it was full. And on.');
  }
});
