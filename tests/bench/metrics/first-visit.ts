// Metric 6: the first visit to the built app: bytes over the wire, requests, and time until the first screen and a new
// document can be used. No peer can be packaged: the goals are absolute.
import type { Browser, Page } from 'playwright';
import { Person } from '../../e2e/person.ts';
import type { BenchPages } from '../browsers.ts';
import { median, report } from '../measure.ts';

const RUNS = 5;
const SHELL_KB = 120;
const ALL_KB = 500;

type WithMarks = typeof globalThis & { marks: Record<string, number> };

/** Notes the first moment, in milliseconds since the page began, at which something stands on the screen. */
function watchScreen(): void {
  const marks: Record<string, number> = {};
  const wanted = { first: 'a[href$="create"]', editor: '[contenteditable="true"][role="textbox"]' };
  Object.assign(globalThis, { marks });
  new MutationObserver(() => {
    for (const [name, selector] of Object.entries(wanted)) {
      if (!(name in marks) && document.querySelector(selector) !== null) marks[name] = performance.now();
    }
  }).observe(document, { childList: true, subtree: true, attributes: true });
}

interface Wire {
  readonly requests: number;
  /** Compressed contents; names and headers come to about 0.3 kB more for each request. */
  readonly kB: number;
}

/** What the page has asked for so far, as the browser counted it on the wire. */
function wire(page: Page): Promise<Wire> {
  return page.evaluate(() => {
    const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
    const bytes = entries.reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0);
    return { requests: entries.length, kB: bytes / 1_000 };
  });
}

interface Visit {
  readonly firstScreen: number;
  readonly editor: number;
  readonly shell: Wire;
  readonly all: Wire;
}

/** A new person: first screen, then Bob's card, a conversation, a document. */
async function visit(browser: Browser, web: string, bob: Person, serviceWorkers: 'allow' | 'block'): Promise<Visit> {
  const link = await bob.makeCard('Bob');
  const context = await browser.newContext({ serviceWorkers });
  const page = await context.newPage();
  await page.addInitScript(watchScreen);
  await page.goto(web);
  await page.waitForFunction(() => 'first' in (globalThis as WithMarks).marks);
  const firstScreen = await page.evaluate(() => (globalThis as WithMarks).marks['first']!);
  await page.waitForLoadState('networkidle');
  const shell = await wire(page);
  const alice = new Person(page);
  await page.goto(link);
  await page.getByLabel('Your name for this person').fill('Alice');
  await alice.typeNewPassphrase();
  await alice.button('Go to the conversation').click();
  await alice.composer.waitFor({ timeout: 60_000 });
  await alice.say('hello');
  await alice.go('Documents');
  await page.getByRole('link', { name: 'New document' }).first().click();
  await page.getByLabel('Title').fill('Plan');
  const begun = await page.evaluate(() => {
    const now = performance.now();
    document.querySelector<HTMLButtonElement>('form button[type="submit"]')!.click();
    return now;
  });
  await page.waitForFunction(() => 'editor' in (globalThis as WithMarks).marks);
  const editor = (await page.evaluate(() => (globalThis as WithMarks).marks['editor']!)) - begun;
  const all = await wire(page);
  await context.close();
  return { firstScreen, editor, shell, all };
}

export async function firstVisit(browser: Browser, pages: BenchPages): Promise<boolean> {
  const bob = await Person.arrive(browser, pages.web);
  await bob.start();
  const visits: Visit[] = [];
  for (let i = 0; i < RUNS; i++) visits.push(await visit(browser, pages.web, bob, 'allow'));
  // A service worker fetches the whole app for later; without it only what the person waits for is counted.
  const { shell, all } = await visit(browser, pages.web, bob, 'block');
  await bob.page.context().close();
  const of = (part: 'firstScreen' | 'editor') => median(visits.map((one) => one[part]));
  const lines = [
    report({ metric: '6 shell', ours: shell.kB, peer: null, goal: SHELL_KB, unit: 'kB' }),
    report({ metric: '6 shell, network, crypto, chat, document', ours: all.kB, peer: null, goal: ALL_KB, unit: 'kB' }),
    report({
      metric: '6 requests until the first screen',
      ours: shell.requests,
      peer: null,
      goal: 30,
      unit: 'requests',
    }),
    report({ metric: '6 requests until a document', ours: all.requests, peer: null, goal: 30, unit: 'requests' }),
    report({ metric: '6 first screen', ours: of('firstScreen'), peer: null, goal: 1_000, unit: 'ms' }),
    report({ metric: '6 vault open: new document to editor', ours: of('editor'), peer: null, goal: 1_000, unit: 'ms' }),
  ];
  return lines.every((ok) => ok);
}
