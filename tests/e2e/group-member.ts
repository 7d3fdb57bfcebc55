// What a person does in a group, in the words of the screen.
import { expect, type Locator } from 'playwright/test';
import { PASSPHRASE, type Person } from './person.ts';

// Names in sentences stand between invisible marks that keep their direction: `.?` below.

export class GroupMember {
  readonly person: Person;

  constructor(person: Person) {
    this.person = person;
  }

  get page(): Person['page'] {
    return this.person.page;
  }

  /** From the contacts' page on: name, a way of deciding, whether addresses are shown. */
  async found(name: string, myName: string, template: RegExp, adjust?: () => Promise<void>): Promise<void> {
    await this.page.getByRole('link', { name: 'New group' }).last().click();
    await this.page.getByLabel('Name of the group').fill(name);
    await this.page.getByLabel('Your name in this group').fill(myName);
    await this.person.button('Next').click();
    await this.page.getByRole('radio', { name: template }).check();
    await this.person.button('Next').click();
    await this.page.getByRole('radio', { name: /^No: through relays/ }).check();
    await adjust?.();
    await this.person.button('Found the group').click();
    await expect(this.page.getByRole('heading', { level: 1, name })).toBeVisible({ timeout: 30_000 });
  }

  /** From the group's page: makes an invitation and gives its link. */
  async invite(uses: number): Promise<string> {
    await this.page.getByRole('link', { name: 'Invite people' }).first().click();
    await this.page.getByRole('spinbutton').first().fill(`${uses}`);
    await this.person.button('Make the invitation').click();
    const link = this.page.getByLabel('Link of this invitation');
    await expect(link).toHaveValue(/#\/join\//);
    return link.inputValue();
  }

  /** Opens an invitation with a new browser: passphrase, name, and one can write. */
  async comeIn(link: string, myName: string): Promise<void> {
    await this.page.goto(link);
    await this.person.typeNewPassphrase(PASSPHRASE);
    await this.page.getByLabel('Your name in this group').fill(myName);
    await this.person.button('Come in').click();
    await expect(this.composer).toBeVisible({ timeout: 60_000 });
  }

  get composer(): Locator {
    return this.page.getByRole('textbox', { name: /^Message to/ });
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
    await expect(this.person.message(text)).toBeVisible();
  }

  /** To the group's own page. */
  async toGroup(name: string): Promise<void> {
    await this.person.go('Chats');
    await this.page.getByRole('list', { name: 'Groups' }).getByRole('link', { name }).click();
    await expect(this.page.getByRole('heading', { level: 1, name })).toBeVisible();
  }

  async toChannel(group: string, channel: string): Promise<void> {
    await this.toGroup(group);
    await this.page.getByRole('link', { name: new RegExp(`^${channel}`, 'u') }).click();
    await expect(this.composer).toBeVisible();
  }

  async toPerson(group: string, name: string): Promise<void> {
    await this.toGroup(group);
    await this.page.getByRole('link', { name: /^People/u }).click();
    await this.page
      .getByRole('link', { name: new RegExp(`^${name}`, 'u') })
      .first()
      .click();
    await expect(this.page.getByRole('heading', { level: 1, name })).toBeVisible();
  }

  /** Presses a button of somebody's page, and the same in the question that follows. */
  async doTo(words: RegExp): Promise<void> {
    await this.page.getByRole('button', { name: words }).click();
    await this.page.getByRole('dialog').getByRole('button', { name: words }).click();
  }
}
