// Every screen, in both themes and both directions, wide and at 320 pixels: no fault that axe can find, nothing that
// sticks out, no complaint of the browser about styles or scripts.
import AxeBuilder from '@axe-core/playwright';
import type { Server } from 'node:http';
import { expect, test, type Page } from 'playwright/test';
import { groupStories } from './group-screens.ts';
import { buildScreens, forgetScreens, SCENES, serveScreens, show } from './screens.ts';

test.describe.configure({ mode: 'default' });

let address: string;
let server: Server | undefined;

test.beforeAll(async () => {
  test.setTimeout(240_000);
  buildScreens();
  ({ address, server } = await serveScreens());
});

test.afterAll(() => {
  server?.close();
  forgetScreens();
});

async function faults(page: Page, rules?: readonly string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  const { violations } = await (rules === undefined ? axe : axe.withRules([...rules])).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary}`),
  );
}

const LOOKS = [
  { language: 'en', size: { width: 1280, height: 800 } },
  { language: 'ar', size: { width: 320, height: 640 } },
] as const;

for (const { language, size } of LOOKS) {
  for (const scene of SCENES) {
    test(`${scene.name} has no fault in ${language} at ${size.width} pixels`, async ({ browser }) => {
      const context = await browser.newContext({ viewport: size, reducedMotion: 'reduce', serviceWorkers: 'block' });
      await context.addInitScript((chosen) => localStorage.setItem('understory.language', chosen), language);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      await show(page, address, scene);
      expect(await page.evaluate(() => document.documentElement.dir)).toBe(language === 'ar' ? 'rtl' : 'ltr');
      expect(await page.title()).toBe('Understory');
      expect(await faults(page)).toEqual([]);
      await page.evaluate(() => (document.documentElement.dataset['theme'] = 'dark'));
      expect(await faults(page, ['color-contrast', 'link-in-text-block'])).toEqual([]);
      const tooWide = await page.evaluate(
        () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
      );
      expect(tooWide, 'nothing sticks out').toBe(false);
      expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
      await context.close();
    });
  }
}

groupStories(() => address);
