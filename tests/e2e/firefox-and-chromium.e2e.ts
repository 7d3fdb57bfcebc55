// Two makers' browsers, each with its own WebRTC and its own storage, meet in the app.
import type { ElementHandle, Page } from 'puppeteer-core';
import { expect, test } from './fixtures.ts';
import { pryingTool } from './hostile-tool.ts';
import { launchFirefox } from './network/firefox.ts';
import { PASSPHRASE } from './person.ts';
import { beginTool } from './tools.ts';

/** The app in Firefox, in the words of the screen. */
class InFirefox {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async fill(label: string, text: string): Promise<void> {
    const field = await this.page.waitForFunction(
      (wanted) => [...document.querySelectorAll('label')].find((one) => one.textContent.trim() === wanted)?.control,
      { timeout: 30_000 },
      label,
    );
    await field.asElement()?.type(text);
  }

  async press(name: string): Promise<void> {
    const button = await this.page.waitForFunction(
      (wanted) =>
        [...document.querySelectorAll('button')].find((one) => one.textContent.trim() === wanted && !one.disabled),
      { timeout: 10_000 },
      name,
    );
    await (button.asElement() as ElementHandle<Element> | null)?.click();
  }

  /** What is on the screen, spaces made even. */
  text(): Promise<string> {
    return this.page.evaluate(() => document.body.innerText.replaceAll(/\s+/gu, ' '));
  }

  /** Follows a link, and one on the page that it leads to. */
  async go(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      const link = await this.page.waitForFunction(
        (wanted) => [...document.querySelectorAll('a')].find((one) => one.textContent.trim().includes(wanted)),
        { timeout: 20_000 },
        name,
      );
      await (link.asElement() as ElementHandle<Element> | null)?.click();
    }
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
    const composer = await this.page.waitForSelector('#composer', { timeout: 60_000 });
    await composer?.type(text);
    await composer?.press('Enter');
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
    await alice.hears('greetings from the fox', 30_000);
    await alice.isDirect();
    await expect.poll(() => bob.text(), { timeout: 20_000 }).toContain('Connected directly');
    await alice.say('greetings to the fox');
    await expect.poll(() => bob.text(), { timeout: 10_000 }).toContain('greetings to the fox');
    await alice.delivery('greetings to the fox', 'delivered');

    // A worker without an origin that asks Firefox how much space is used waits for good.
    await beginTool(alice, 'Prying', pryingTool(`${relay.web}/`, ['space']));
    await bob.go('Documents', 'Prying');
    await bob.press('Open the tool');
    await expect.poll(() => bob.inTool(), { timeout: 60_000 }).toContain('reached nothing');
    await bob.go('Chats', 'Alice');
    await alice.talkTo('Bob');

    await relay.kill();
    await bob.say('and without the relay?');
    await alice.hears('and without the relay?');
    await expect.poll(() => bob.delivery('and without the relay?'), { timeout: 10_000 }).toBe('delivered');
    await alice.say('as before');
    await expect.poll(() => bob.text(), { timeout: 10_000 }).toContain('as before');
  } finally {
    await firefox.close();
  }
});
