// Texts stay texts: two hundred payloads through every field, at the one who types and at the one who receives.
import type { Browser, BrowserContext, Locator } from 'playwright/test';
import { expect, test } from './fixtures.ts';
import { withNetLog } from './net-log.ts';
import { PAYLOADS } from './payloads.ts';
import { Person } from './person.ts';

/** Everything a page could betray itself by. */
interface Signs {
  /** What ran, what the browser's policy had to stop, what broke, and what was asked of other hosts. */
  readonly ran: string[];
  readonly stopped: string[];
  readonly broken: string[];
  readonly asked: string[];
}

async function watched(browser: Browser, web: string): Promise<{ context: BrowserContext; signs: Signs }> {
  const context = await browser.newContext({ locale: 'en-GB', permissions: ['clipboard-read', 'clipboard-write'] });
  context.setDefaultTimeout(20_000);
  const signs: Signs = { ran: [], stopped: [], broken: [], asked: [] };
  await context.exposeBinding('tellTale', (_source, sign: 'ran' | 'stopped', what: string) => signs[sign].push(what));
  await context.addInitScript(() => {
    const tell = (globalThis as unknown as { tellTale(sign: string, what: string): void }).tellTale;
    Object.defineProperty(globalThis, '__ran', { set: () => tell('ran', new Error('ran').stack ?? '') });
    addEventListener('securitypolicyviolation', (event) => {
      // What is pasted as HTML the editor reads in a document of its own that runs nothing; its policy reports all the same.
      if ('isPasting' in globalThis) return;
      tell('stopped', `${event.violatedDirective} ${event.sample}`);
    });
  });
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol) && url.origin !== web) signs.asked.push(request.url());
  });
  context.on('weberror', (error) => signs.broken.push(String(error.error().stack)));
  return { context, signs };
}

test('threat 29 a page that does run and fetch is noticed', async ({ relay, launchOptions }) => {
  let found: Signs | undefined;
  const log = await withNetLog(launchOptions, async (browser) => {
    const { context, signs } = await watched(browser, relay.web);
    const page = await context.newPage();
    await page.goto('data:text/html,<img src=http://evil.example/a.png onerror="window.__ran=1">');
    await expect.poll(() => signs.ran.length).toBe(1);
    found = signs;
  });
  expect(found?.asked).toContain('http://evil.example/a.png');
  expect(log).toContain('evil.example');
});

test('threats 29 and 30: 200 payloads through every field run nothing and ask no other host', async ({
  relay,
  launchOptions,
}) => {
  expect(PAYLOADS.length).toBeGreaterThanOrEqual(200);
  const all: Signs[] = [];
  const log = await withNetLog(launchOptions, async (browser) => {
    const arrive = async (): Promise<Person> => {
      const { context, signs } = await watched(browser, relay.web);
      all.push(signs);
      return Person.arrive(context, relay.web);
    };
    const [alice, bob] = [await arrive(), await arrive()];
    await beforeAVault(alice);
    await meet(alice, bob);
    await chat(alice, bob);
    await write(alice, bob);
    await settle(alice);
    await alice.visit('#/');
    await alice.page.getByRole('complementary', { name: 'Chats' }).locator('a[href^="#/chat/"]').first().click();
    await alice.say('still in good order');
    await bob.page.goBack();
    await bob.visit('#/');
    await bob.page.getByRole('complementary', { name: 'Chats' }).locator('a[href^="#/chat/"]').first().click();
    await bob.hears('still in good order');
  });
  for (const signs of all) expect(signs).toEqual({ ran: [], stopped: [], broken: [], asked: [] });
  expect(log).not.toContain('evil.example');
});

/** Every payload into a field, one after the other, as typing shows them; the last stays. */
async function fillAll(field: Locator): Promise<void> {
  await field.evaluate(async (element, payloads) => {
    const input = element as HTMLInputElement | HTMLTextAreaElement;
    for (const payload of payloads) {
      input.value = payload;
      input.dispatchEvent(new InputEvent('input', { bubbles: true }));
      await new Promise((resolve) => setTimeout(resolve));
    }
  }, PAYLOADS);
}

/** Payloads in rows of many, for fields that take long texts. */
function batches(size: number): string[] {
  return Array.from({ length: Math.ceil(PAYLOADS.length / size) }, (_, at) =>
    PAYLOADS.slice(at * size, (at + 1) * size).join(' '),
  );
}

/** Names of 60 letters, from every family of payloads. */
const NAMES = [0, 30, 66, 83, 120, 140].map((at) => PAYLOADS[at]!.slice(0, 60));

async function beforeAVault(alice: Person): Promise<void> {
  const { page } = alice;
  for (const payload of PAYLOADS.filter((_, at) => at % 25 === 0)) {
    await page.goto(`${page.url().split('#')[0]}#/card/${encodeURIComponent(payload)}`);
    await expect(page.getByText(/This is not an Understory card|This code/).first()).toBeVisible();
  }
  await page.goto(page.url().split('#')[0]!);
  await page.getByRole('link', { name: /^Restore a backup/ }).click();
  await page.getByLabel('Backup file').setInputFiles({
    name: `${PAYLOADS[30]!.replaceAll('/', '_')}.age`,
    mimeType: 'text/html',
    buffer: Buffer.from(PAYLOADS.join('\n')),
  });
  await fillAll(page.getByLabel('Passphrase of the backup'));
  await page.getByLabel('Passphrase for this device').fill(PAYLOADS[0]!);
  await page.getByLabel('The passphrase again').fill(PAYLOADS[0]!);
  await alice.button('Restore').click();
  await expect(page.getByText('This file is not an Understory backup')).toBeVisible();
  await page.goto(page.url().split('#')[0]!);
}

async function meet(alice: Person, bob: Person): Promise<void> {
  await alice.page.getByRole('link', { name: /^Start/ }).click();
  await fillAll(alice.page.getByLabel('Passphrase', { exact: true }));
  await alice.typeNewPassphrase();
  await alice.button('Start').click();
  await alice.isOpen();
  await alice.visit('#/code');
  await fillAll(alice.page.getByLabel('Paste a link or code'));
  for (const codes of batches(40)) {
    await alice.page.getByLabel('Paste a link or code').fill(codes);
    await alice.button('Use this code').click();
    await alice.page.getByRole('link', { name: 'Try another code' }).click();
  }
  await alice.visit('#/cards');
  await fillAll(alice.page.getByLabel('Your name for this person'));
  for (const name of NAMES) {
    await alice.visit('#/cards');
    await alice.makeCard(name);
  }
  const link = await alice.page.getByLabel('Link of this card').inputValue();
  await bob.page.goto(link);
  await fillAll(bob.page.getByLabel('Your name for this person'));
  await bob.answerFresh(link, NAMES[1]!);
  await bob.say('hello');
  await alice.visit('#/');
  await alice.page.getByRole('complementary', { name: 'Chats' }).locator('a[href^="#/chat/"]').first().click();
  await alice.hears('hello');
}

async function chat(alice: Person, bob: Person): Promise<void> {
  await fillAll(alice.composer);
  for (const [at, text] of batches(21).entries()) {
    await alice.composer.fill(text);
    await alice.composer.press('Enter');
    await alice.say(`that was batch ${at}`);
    await bob.hears(`that was batch ${at}`);
  }
  await alice.composer.press('ArrowUp');
  await fillAll(alice.composer);
  await alice.composer.fill(`${PAYLOADS[30]} and ${PAYLOADS[67]} changed`);
  await alice.composer.press('Enter');
  await bob.hears('changed');
  await alice.page.getByRole('link', { name: 'About this contact' }).click();
  await fillAll(alice.page.getByLabel('Your name for them'));
  for (const name of NAMES) {
    await alice.page.getByLabel('Your name for them').fill(name);
    await alice.button('Save').click();
  }
}

async function write(alice: Person, bob: Person): Promise<void> {
  await alice.visit('#/documents/new');
  await fillAll(alice.page.getByLabel('Title'));
  await alice.newDocument(PAYLOADS[30]!);
  await paste(alice, 'text/html');
  await paste(alice, 'text/plain');
  await alice.editor.focus();
  for (const text of batches(50)) await alice.page.keyboard.insertText(text);
  await alice.page.keyboard.press('Enter');
  await alice.page.keyboard.type('[x](javascript:window.__ran=1) https://evil.example/a end of typing');
  await alice.button('Link').click();
  await fillAll(alice.page.getByLabel('Web or mail address'));
  await alice.page.keyboard.press('Escape');
  await fillAll(alice.page.getByLabel('Title'));
  await alice.page.getByLabel('Title').fill(`Title ${PAYLOADS[0]}`);
  await alice.page.getByLabel('Title').press('Enter');
  await bob.go('Documents');
  await bob.page.getByRole('link', { name: 'Title <script>' }).first().click();
  await bob.reads('end of typing');
  const odd =
    'script, iframe, object, embed, form, base, meta, svg:not([aria-hidden]), [onerror], [onload], a:not([href^=http]):not([href^=mailto])';
  for (const person of [alice, bob]) expect(await person.editor.locator(odd).count()).toBe(0);
}

/** As somebody does who copied from a page made for it. */
async function paste(alice: Person, type: 'text/html' | 'text/plain'): Promise<void> {
  await alice.editor.evaluate(
    async (editor, [kind, payloads]) => {
      Object.assign(globalThis, { isPasting: true });
      for (const payload of payloads) {
        const clipboardData = new DataTransfer();
        clipboardData.setData(kind, payload);
        editor.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
        await new Promise((resolve) => setTimeout(resolve));
      }
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      delete (globalThis as { isPasting?: true }).isPasting;
    },
    [type, PAYLOADS] as const,
  );
}

async function settle(alice: Person): Promise<void> {
  await alice.visit('#/settings');
  const field = alice.page.getByLabel('Address of another relay');
  await fillAll(field);
  for (const address of NAMES) {
    await field.fill(address);
    await alice.button('Add').click();
  }
  await expect(alice.page.getByRole('button', { name: /^Remove/ })).toHaveCount(NAMES.length + 1);
  await alice.visit('#/cards');
  await alice.makeCard('after all that');
}
