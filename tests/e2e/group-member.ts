// What a person does in a group, in the words of the screen.
import { expect, type Locator } from 'playwright/test';
import { comeIn, found, invite, toGroup } from './into-groups.ts';
import type { Person } from './person.ts';

// Names in sentences stand between invisible marks that keep their direction: `.?` below.

export class GroupMember {
  readonly person: Person;

  constructor(person: Person) {
    this.person = person;
  }

  get page(): Person['page'] {
    return this.person.page;
  }

  /** Members connect through relay nodes. */
  found(name: string, myName: string, template: RegExp, adjust?: () => Promise<void>): Promise<void> {
    const options = { template, isDirect: false, ...(adjust === undefined ? {} : { adjust }) };
    return found(this.person, name, myName, options);
  }

  /** From the group's page: makes an invitation and gives its link. */
  invite(uses: number): Promise<string> {
    return invite(this.person, uses);
  }

  /** Opens an invitation with a new browser: passphrase, name, and one can write. */
  comeIn(link: string, myName: string): Promise<void> {
    return comeIn(this.person, link, myName);
  }

  get composer(): Locator {
    return this.person.composer;
  }

  say(text: string): Promise<void> {
    return this.person.say(text);
  }

  /** To the group's own page. */
  toGroup(name: string): Promise<void> {
    return toGroup(this.person, name);
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
