// What hands do that use no mouse.
import { expect, type Locator, type Page } from 'playwright/test';

const MAX_PRESSES = 80;

/** Goes on with Tab until the focus is there, as people do; visible focus is what they steer by. */
export async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await expect(target).toBeVisible({ timeout: 60_000 });
  for (let press = 0; press < MAX_PRESSES; press += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  throw new Error('the focus never came there');
}

/** From the next time the page is loaded on it counts itself what a hand would do with a mouse. */
export async function countClicks(page: Page): Promise<void> {
  await page.addInitScript(() => {
    Object.assign(globalThis, { clicks: 0 });
    addEventListener('pointerdown', () => ((globalThis as unknown as { clicks: number }).clicks += 1), true);
  });
}

export function clicks(page: Page): Promise<number> {
  return page.evaluate(() => (globalThis as unknown as { clicks: number }).clicks);
}
