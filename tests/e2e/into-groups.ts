// How people of stories found groups, invite into them and come in, in the words of the screen.
import { expect } from 'playwright/test';
import type { Person } from './person.ts';

export interface FoundOptions {
  readonly template?: RegExp;
  /** Whether members connect directly and so learn each other's addresses. */
  readonly isDirect?: boolean;
  /** On the last page, before the group is founded. */
  readonly adjust?: () => Promise<void>;
}

/** Name, a way of deciding, whether addresses are shown. */
export async function found(person: Person, group: string, myName: string, options: FoundOptions = {}): Promise<void> {
  const { template = /^Led by the founder/, isDirect = true, adjust } = options;
  const { page } = person;
  await person.visit('#/groups/new');
  await page.getByLabel('Name of the group').fill(group);
  await page.getByLabel('Your name in this group').fill(myName);
  await person.button('Next').click();
  await page.getByRole('radio', { name: template }).check();
  await person.button('Next').click();
  await page.getByRole('radio', { name: isDirect ? /^Yes: directly/ : /^No: through relays/ }).check();
  await adjust?.();
  await person.button('Found the group').click();
  await expect(page.getByRole('heading', { level: 1, name: group })).toBeVisible({ timeout: 60_000 });
}

/** From the group's page: makes an invitation and gives its link. */
export async function invite(person: Person, people: number): Promise<string> {
  const { page } = person;
  await page.getByRole('link', { name: 'Invite people' }).last().click();
  await page.getByLabel('For how many people').fill(String(people));
  await person.button('Make the invitation').click();
  const link = page.getByLabel('Link of this invitation');
  await expect(link).toHaveValue(/#\/join\//);
  return link.inputValue();
}

/** From a fresh link to where one can write: a passphrase, a name, one button. */
export async function comeIn(person: Person, link: string, myName: string): Promise<void> {
  const { page } = person;
  await page.goto(link);
  await person.typeNewPassphrase();
  await page.getByLabel('Your name in this group').fill(myName);
  await person.button('Come in').click();
  await expect(person.composer).toBeVisible({ timeout: 60_000 });
}

/** To the group's own page, or a part of it. */
export async function toGroup(person: Person, group: string, part?: RegExp): Promise<void> {
  await person.go('Chats');
  await person.page.getByRole('list', { name: 'Groups' }).getByRole('link', { name: group }).click();
  await expect(person.page.getByRole('heading', { level: 1, name: group })).toBeVisible();
  if (part !== undefined) await person.page.getByRole('main').getByRole('link', { name: part }).first().click();
}
