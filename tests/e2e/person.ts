// A person in a story: one browser context with the app, and what they do, in the words of the screen.
import { expect, type Browser, type BrowserContext, type Locator, type Page } from 'playwright/test';

export const PASSPHRASE = 'seven quiet herons over the weir';

export class Person {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** A fresh browser with the app open at its first screen. */
  static async arrive(browser: Browser | BrowserContext, address: string): Promise<Person> {
    const context = 'newContext' in browser ? await browser.newContext() : browser;
    const page = await context.newPage();
    await page.goto(address);
    return new Person(page);
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' });
  }

  async typeNewPassphrase(passphrase = PASSPHRASE): Promise<void> {
    await this.page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
    await this.page.getByLabel('The passphrase again').fill(passphrase);
  }

  /** From the first screen to an open, empty app. */
  async start(passphrase = PASSPHRASE): Promise<void> {
    await this.page.getByRole('link', { name: /^Start/ }).click();
    await this.typeNewPassphrase(passphrase);
    await this.button('Start').click();
    await this.isOpen();
  }

  async isOpen(): Promise<void> {
    await expect(this.page.getByRole('navigation', { name: 'Main' })).toBeVisible({ timeout: 60_000 });
  }

  async unlock(passphrase = PASSPHRASE): Promise<void> {
    await this.page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
    await this.button('Unlock').click();
    await this.isOpen();
  }

  async lock(): Promise<void> {
    await this.button('Lock now').first().click();
    await expect(this.page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
  }

  /** Reloads the page and unlocks it again. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.unlock();
  }

  go(place: 'Chats' | 'Documents' | 'Keep safe' | 'Settings'): Promise<void> {
    return this.page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: place }).click();
  }

  /** To any place inside the app, as its own links go there: the page is not loaded anew. */
  async visit(place: `#/${string}`): Promise<void> {
    await this.page.evaluate((href) => {
      const link = document.body.appendChild(Object.assign(document.createElement('a'), { href }));
      link.click();
      link.remove();
    }, place);
  }

  /** Makes a card and gives its link. */
  async makeCard(myName: string): Promise<string> {
    await this.go('Chats');
    await this.page.getByRole('link', { name: 'New contact' }).first().click();
    await this.page.getByLabel('Your name for this person').fill(myName);
    await this.button('Make the card').click();
    return this.page.getByLabel('Link of this card').inputValue();
  }

  /** Opens a link with a new browser: a name, a passphrase, go. What is there then may be that it was in vain. */
  async tryFresh(link: string, myName: string): Promise<void> {
    await this.page.goto(link);
    await this.page.getByLabel('Your name for this person').fill(myName);
    await this.typeNewPassphrase();
    await this.button('Go to the conversation').click();
  }

  /** As `tryFresh`, until one can write. */
  async answerFresh(link: string, myName: string): Promise<void> {
    await this.tryFresh(link, myName);
    await expect(this.composer).toBeVisible({ timeout: 60_000 });
  }

  /** Answers a link with the vault already open. */
  async answer(link: string, myName: string): Promise<void> {
    await this.page.goto(link);
    await this.page.getByLabel('Your name for this person').fill(myName);
    await this.button('Go to the conversation').click();
    await expect(this.composer).toBeVisible({ timeout: 60_000 });
  }

  get composer(): Locator {
    return this.page.getByRole('textbox', { name: /^Message to/ });
  }

  async turnTo(name: string): Promise<void> {
    await this.go('Chats');
    await this.page.getByRole('complementary', { name: 'Chats' }).getByRole('link', { name }).first().click();
  }

  /** Turns to somebody one can write to. */
  async talkTo(name: string): Promise<void> {
    await this.turnTo(name);
    await expect(this.composer).toBeVisible();
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
    await expect(this.message(text)).toBeVisible();
  }

  message(text: string): Locator {
    return this.page.locator('article[data-message]', { hasText: text });
  }

  hears(text: string, timeout = 60_000): Promise<void> {
    return expect(this.message(text)).toBeVisible({ timeout });
  }

  /** All messages on the screen, in their order; for conversations short enough to be drawn whole. */
  texts(): Promise<string[]> {
    return this.page.locator('article[data-message] p[dir=auto]').allTextContents();
  }

  /** Nothing is said to be missing. */
  hasNoGap(): Promise<void> {
    return expect(this.page.getByText(/messages? (is|are) missing/)).toHaveCount(0);
  }

  /** How the other person is reached, at the head of the conversation. */
  get presence(): Locator {
    return this.page.getByRole('link').filter({ has: this.page.getByRole('heading', { level: 1 }) });
  }

  /** Chooses from the menu of a message. */
  async choose(text: string, what: 'Reply' | 'Change' | 'Delete for both'): Promise<void> {
    // Not the messages that quote it.
    const message = this.message(text).filter({ has: this.page.locator('p[dir=auto]', { hasText: text }) });
    await message.hover();
    await message.getByRole('button', { name: 'What to do with this message' }).click();
    await this.page.getByRole('menuitem', { name: what }).click();
  }

  /** The page about the contact whose conversation is open. */
  async aboutContact(): Promise<void> {
    await this.page.getByRole('link', { name: 'About this contact' }).click();
    await expect(this.page.getByRole('heading', { name: 'Safety number' })).toBeVisible();
  }

  /** Waits until an own message has come this far, as the screen says it. */
  delivery(text: string, words: 'waiting' | 'at the relay' | 'delivered', timeout = 60_000): Promise<void> {
    return expect(this.message(text).locator('[data-delivery]')).toHaveText(words, { timeout });
  }

  get connection(): Locator {
    return this.page.getByRole('button', { name: /^Connection/ });
  }

  isDirect(timeout = 60_000): Promise<void> {
    return expect(this.connection).toContainText('Direct with', { timeout });
  }

  /** Without a name it is with whom the form has in it. */
  async newDocument(title: string, withName?: string): Promise<void> {
    await this.go('Documents');
    // A chat that is still on the screen has such a link as well.
    const list = this.page.getByRole('complementary', { name: 'Documents' });
    await list.getByRole('link', { name: 'New document' }).first().click();
    await this.page.getByLabel('Title').fill(title);
    const choice = this.page.getByLabel('Write with');
    if (withName !== undefined && (await choice.isVisible()))
      await choice.selectOption({ label: withName }).catch(() => undefined);
    await this.button('Create').click();
    await expect(this.editor).toBeVisible({ timeout: 60_000 });
  }

  async openDocument(title: string): Promise<void> {
    await this.go('Documents');
    await this.page
      .getByRole('complementary', { name: 'Documents' })
      .getByRole('link', { name: title })
      .first()
      .click();
    await expect(this.editor).toBeVisible({ timeout: 60_000 });
  }

  get editor(): Locator {
    return this.page.getByRole('textbox', { name: 'Text of the document' });
  }

  async write(text: string): Promise<void> {
    await this.editor.click();
    await this.page.keyboard.press('Control+End');
    await this.page.keyboard.type(text);
  }

  reads(text: string | RegExp, timeout = 60_000): Promise<void> {
    return expect(this.editor).toContainText(text, { timeout });
  }

  /** Saves a backup and gives the path of its file. */
  async backUp(passphrase: string): Promise<string> {
    await this.go('Keep safe');
    await this.page.getByLabel('Passphrase for the backup').fill(passphrase);
    await this.page.getByLabel('The passphrase again').fill(passphrase);
    const saving = this.page.waitForEvent('download', { timeout: 60_000 });
    await this.button('Save the backup').click();
    return (await saving).path();
  }

  /** From the first screen to an open app with everything a backup holds. */
  async restore(file: string, backupPassphrase: string): Promise<void> {
    await this.page.getByRole('link', { name: /^Restore a backup/ }).click();
    await this.page.getByLabel('Backup file').setInputFiles(file);
    await this.page.getByLabel('Passphrase of the backup').fill(backupPassphrase);
    await this.page.getByLabel('Passphrase for this device').fill(PASSPHRASE);
    await this.page.getByLabel('The passphrase again').fill(PASSPHRASE);
    await this.button('Restore').click();
    await this.isOpen();
  }
}
