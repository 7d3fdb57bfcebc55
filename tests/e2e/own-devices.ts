// What a person does with a second device of theirs, in the words of the screen.
import { expect } from 'playwright/test';
import { PASSPHRASE, type Person } from './person.ts';

/** Shows a code for another device, and gives its link. */
export async function showDeviceCode(person: Person, passphrase = PASSPHRASE): Promise<string> {
  await person.visit('#/devices');
  await person.page.getByLabel('Your passphrase, once more').fill(passphrase);
  await person.button('Show the code').click();
  return person.page.getByLabel('Link for your other device').inputValue({ timeout: 60_000 });
}

/** A fresh browser asks to be a further device; gives the number it shows. */
export async function askToJoin(person: Person, link: string, name: string): Promise<string> {
  await person.page.goto(link);
  await person.typeNewPassphrase();
  await person.page.getByLabel('Name of this device').fill(name);
  await person.button('Ask the other device').click();
  const number = person.page.locator('[data-number]');
  await expect(number).toBeVisible({ timeout: 60_000 });
  return number.innerText();
}

export async function letIn(person: Person, number: string): Promise<void> {
  await person.page.getByLabel('Number on the other device').fill(number);
  await person.button('It is mine: let it in').click();
  await expect(person.page.locator('[data-offer=added]')).toBeVisible({ timeout: 60_000 });
}

export async function everythingIsHere(person: Person): Promise<void> {
  await expect(person.page.getByText('Everything is here.')).toBeVisible({ timeout: 60_000 });
}

/** Puts the recovery words on paper, and gives them. */
export async function wordsOnPaper(person: Person, passphrase = PASSPHRASE): Promise<string> {
  await person.go('Keep safe');
  await person.page.getByLabel('Your passphrase, once more').fill(passphrase);
  await person.button('Show the words').click();
  await expect(person.page.locator('[data-word]')).toHaveCount(9, { timeout: 60_000 });
  const words = (await person.page.locator('[data-word]').allInnerTexts()).join(' ');
  await person.button('They are on paper').click();
  await person.page.getByLabel('The nine words').fill(words.split(' ').reverse().join(' '));
  await person.button('Check').click();
  await expect(person.page.getByText('One word is wrong')).toBeVisible();
  await person.page.getByLabel('The nine words').fill(words);
  await person.button('Check').click();
  await expect(person.page.locator('[data-paper=on-paper]')).toBeVisible();
  return words;
}

/** Ends another device by its name. */
export async function endDevice(person: Person, name: string, words: string): Promise<void> {
  await person.visit('#/devices');
  const line = person.page.locator('[data-own-device]', { hasText: name });
  await line.getByRole('button', { name: 'Lost or stolen?' }).click();
  await person.page.getByLabel('The nine words').fill(words);
  await person.button('End this device').click();
  await expect(line).toContainText('ended: gets nothing new', { timeout: 60_000 });
}
