// Two makers' browsers, each with its own WebRTC and its own storage, meet in the app.
import type { ElementHandle, Page } from 'puppeteer-core';
import { expect, test } from './fixtures.ts';
import { pryingTool } from './hostile-tool.ts';
import { launchFirefox } from './network/firefox.ts';
import { PASSPHRASE } from './person.ts';
import { beginTool } from './tools.ts';

/** For what a busy machine may take its time with; what comes is not waited for any longer. */
const PATIENCE = { timeout: 60_000 };

/** The app in Firefox, in the words of the screen. */
class InFirefox {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /**
   * Looks from outside, again and again: the driver's own waiting makes functions out of text inside the page, which the
   * app's policy forbids.
   */
  async #find(name: string, look: (wanted: string) => Element | null | undefined): Promise<ElementHandle> {
    let found: ElementHandle | null | undefined;
    const isThere = async (): Promise<boolean> => {
      // A page that is just being left answers nothing.
      const handle = await this.page.evaluateHandle(look, name).catch(() => undefined);
      found = handle?.asElement() as ElementHandle | null | undefined;
      return found !== null && found !== undefined;
    };
    await expect.poll(isThere, { ...PATIENCE, message: `Firefox shows ${name}` }).toBe(true);
    return found!;
  }

  async fill(label: string, text: string): Promise<void> {
    const field = await this.#find(
      label,
      (wanted) => [...document.querySelectorAll('label')].find((one) => one.textContent.trim() === wanted)?.control,
    );
    await field.type(text);
  }

  async press(name: string): Promise<void> {
    const button = await this.#find(name, (wanted) =>
      [...document.querySelectorAll('button')].find((one) => one.textContent.trim() === wanted && !one.disabled),
    );
    await button.click();
  }

  /** What is on the screen, spaces made even. */
  text(): Promise<string> {
    return this.page.evaluate(() => document.body.innerText.replaceAll(/\s+/gu, ' '));
  }

  /** To a part of the app, and to an entry of its list: other lists name the same people. */
  async go(place: string, entry: string): Promise<void> {
    const tab = await this.#find(place, (wanted) =>
      [...document.querySelectorAll('nav li a')].find((one) => one.textContent.trim() === wanted),
    );
    await tab.click();
    const list = `[aria-label="${place}"] a`;
    const link = await this.#find(`${list}\n${entry}`, (wanted) => {
      const [where, words] = wanted.split('\n') as [string, string];
      return [...document.querySelectorAll(where)].find((one) => one.textContent.includes(words));
    });
    await link.click();
  }

  /** What the tool on the page shows. */
  async inTool(): Promise<string> {
    const shown = await Promise.all(
      this.page
        .frames()
        .map((frame) => frame.evaluate(() => document.querySelector('output')?.textContent ?? '').catch(() => '')),
    );
    return shown.join(' ');
  }

  async say(text: string): Promise<void> {
    const composer = await this.#find('#composer', (wanted) => document.querySelector(wanted));
    await composer.type(text);
    await composer.press('Enter');
  }

  delivery(text: string): Promise<string> {
    return this.page.evaluate((wanted) => {
      const messages = [...document.querySelectorAll('article[data-message]')];
      const message = messages.find((one) => one.textContent.includes(wanted));
      return message?.querySelector('[data-delivery]')?.textContent ?? '';
    }, text);
  }
}

test('X20 P25 Firefox answers the link of Chromium, they talk directly, a tool reaches nothing there either, and they go on when the relay is gone', async ({
  arrive,
  relay,
}) => {
  const alice = await arrive();
  await alice.start();
  const link = await alice.makeCard('Alice');
  const firefox = await launchFirefox();
  try {
    const bob = new InFirefox(await firefox.newPage());
    await bob.page.goto(link);
    await bob.fill('Your name for this person', 'Bob');
    await bob.fill('Passphrase', PASSPHRASE);
    await bob.fill('The passphrase again', PASSPHRASE);
    await bob.press('Go to the conversation');
    await bob.say('greetings from the fox');
    await alice.talkTo('Bob');
    await alice.hears('greetings from the fox', PATIENCE.timeout);
    await alice.isDirect();
    await expect.poll(() => bob.text(), PATIENCE).toContain('Connected directly');
    await alice.say('greetings to the fox');
    await expect.poll(() => bob.text(), PATIENCE).toContain('greetings to the fox');
    await alice.delivery('greetings to the fox', 'delivered');

    // A worker without an origin that asks Firefox how much space is used waits for good.
    await beginTool(alice, 'Prying', pryingTool(`${relay.web}/`, ['space']));
    await bob.go('Documents', 'Prying');
    await bob.press('Open the tool');
    await expect.poll(() => bob.inTool(), PATIENCE).toContain('reached nothing');
    await bob.go('Chats', 'Alice');
    await alice.talkTo('Bob');

    await relay.kill();
    await bob.say('and without the relay?');
    await alice.hears('and without the relay?', PATIENCE.timeout);
    await expect.poll(() => bob.delivery('and without the relay?'), PATIENCE).toBe('delivered');
    await alice.say('as before');
    await expect.poll(() => bob.text(), PATIENCE).toContain('as before');
  } finally {
    await firefox.close();
  }
});
