// Every screen, in both themes and both directions, wide and at 320 pixels: no fault that axe can find, nothing that
// sticks out, no complaint of the browser about styles or scripts.
import AxeBuilder from '@axe-core/playwright';
import type { Server } from 'node:http';
import { expect, test as base, type Page } from 'playwright/test';
import { groupStories } from './group-screens.ts';
import { sharedScreens } from './built-screens.ts';
import { SCENES, show } from './screens.ts';

const LOOKS = [
  { language: 'en', size: { width: 1280, height: 800 } },
  { language: 'ar', size: { width: 320, height: 640 } },
] as const;

interface Looker {
  readonly page: Page;
  readonly complaints: string[];
}

/** One page per look goes through all scenes of a worker: what it loaded once is there. Each scene begins afresh. */
const test = base.extend<object, { readonly looker: (look: (typeof LOOKS)[number]) => Promise<Looker> }>({
  looker: [
    async ({ browser }, use) => {
      const lookers = new Map<string, Promise<Looker>>();
      const open = async ({ language, size }: (typeof LOOKS)[number]): Promise<Looker> => {
        const context = await browser.newContext({ viewport: size, reducedMotion: 'reduce', serviceWorkers: 'block' });
        await context.addInitScript((chosen) => {
          if (location.origin === 'null') return;
          localStorage.clear();
          localStorage.setItem('understory.language', chosen);
        }, language);
        const page = await context.newPage();
        const complaints: string[] = [];
        page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
        page.on('pageerror', (error) => complaints.push(error.message));
        return { page, complaints };
      };
      await use((look) => {
        const looker = lookers.get(look.language) ?? open(look);
        lookers.set(look.language, looker);
        return looker;
      });
      for (const looker of lookers.values()) await (await looker).page.context().close();
    },
    { scope: 'worker' },
  ],
});

let address: string;
let server: Server | undefined;

test.beforeAll(async () => {
  ({ address, server } = await sharedScreens());
});

test.afterAll(() => server?.close());

interface Fault {
  readonly id: string;
  readonly nodes: readonly { readonly target: unknown; readonly failureSummary?: string }[];
}

/** What was right is counted by nobody, and putting it into words is a third of the work. */
const ONLY_FAULTS = { resultTypes: ['violations' as const] };

const inWords = (violations: readonly Fault[]): string[] =>
  violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${String(node.target)} ${node.failureSummary}`));

/** There are no frames: what axe found is put together where it was found, without a second page. */
async function faults(page: Page): Promise<string[]> {
  return inWords((await new AxeBuilder({ page }).setLegacyMode().options(ONLY_FAULTS).analyze()).violations);
}

/** Looks again at a page that holds axe since `faults`, by some rules only. */
async function faultsAgain(page: Page, rules: readonly string[]): Promise<string[]> {
  const violations = await page.evaluate(
    async (options) => {
      const { axe } = globalThis as unknown as { axe: { run(o: object): Promise<{ violations: Fault[] }> } };
      return (await axe.run(options)).violations;
    },
    { ...ONLY_FAULTS, runOnly: { type: 'rule', values: rules } },
  );
  return inWords(violations);
}

for (const look of LOOKS) {
  const { language, size } = look;
  for (const scene of SCENES) {
    test(`${scene.name} has no fault in ${language} at ${size.width} pixels`, async ({ looker }) => {
      const { page, complaints } = await looker(look);
      complaints.length = 0;
      await page.mouse.move(0, 0);
      await page.goto('about:blank');
      await show(page, address, scene);
      expect(await page.evaluate(() => document.documentElement.dir)).toBe(language === 'ar' ? 'rtl' : 'ltr');
      expect(await page.title()).toBe('Understory');
      expect(await faults(page)).toEqual([]);
      await page.evaluate(() => (document.documentElement.dataset['theme'] = 'dark'));
      expect(await faultsAgain(page, ['color-contrast', 'link-in-text-block'])).toEqual([]);
      const tooWide = await page.evaluate(
        () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
      );
      expect(tooWide, 'nothing sticks out').toBe(false);
      expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
    });
  }
}

groupStories(() => address);
