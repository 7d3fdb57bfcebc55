// 320 pixels wide, and letters twice as large: nothing is cut off and nothing scrolls sideways.
import { expect, test, WITHOUT_WORKER } from './fixtures.ts';
import type { Person } from './person.ts';

test.use(WITHOUT_WORKER);

const PLACES = [
  '#/',
  '#/cards',
  '#/groups/new',
  '#/code',
  '#/documents',
  '#/documents/new',
  '#/keeping',
  '#/settings',
] as const;

/** What sticks out of the screen to a side, or must be scrolled sideways to be seen. */
async function nothingSticksOut(person: Person, where: string): Promise<void> {
  await expect(person.page.locator('h1, h2').first()).toBeAttached();
  const odd = await person.page.evaluate(() => {
    const found: string[] = [];
    const name = (element: Element): string => `${element.tagName} ${element.textContent.trim().slice(0, 40)}`;
    if (document.documentElement.scrollWidth > innerWidth)
      found.push(`the page is ${document.documentElement.scrollWidth} wide`);
    for (const element of document.querySelectorAll('a, button, input, textarea, select, h1, h2, h3, p, label, li')) {
      const { left, right, width, height } = element.getBoundingClientRect();
      const isShown = width > 1 && height > 1 && element.checkVisibility({ visibilityProperty: true });
      if (isShown && (left < -1 || right > innerWidth + 1)) found.push(name(element));
    }
    for (const element of document.querySelectorAll('div, ul, form, main, nav, section')) {
      const scrolls = ['auto', 'scroll'].includes(getComputedStyle(element).overflowX);
      if (scrolls && element.scrollWidth > element.clientWidth + 1) found.push(`sideways: ${name(element)}`);
    }
    return found;
  });
  expect(odd, where).toEqual([]);
}

async function everywhere(alice: Person, bob: Person, before: () => Promise<void>): Promise<void> {
  const look = async (where: string): Promise<void> => {
    await before();
    await nothingSticksOut(alice, where);
  };
  for (const place of PLACES) {
    await alice.visit(place);
    await look(place);
  }
  await alice.visit('#/cards');
  await alice.page.getByLabel('Your name for this person').fill('Alice');
  await alice.button('Make the card').click();
  await expect(alice.page.getByLabel('Link of this card')).toBeVisible();
  await look('card');
  await alice.visit('#/');
  await alice.page.locator('a[href^="#/chat/"]:visible').first().click();
  const long = `a very long word: ${'Donaudampfschifffahrt'.repeat(8)} https://example.org/${'path'.repeat(40)}`;
  await alice.say(long);
  await bob.hears(long);
  await look('conversation');
  await alice.page.getByRole('link', { name: 'About this contact' }).click();
  await look('contact');
  await alice.visit('#/documents/new');
  await alice.page.getByLabel('Title').fill('A title that is rather long for such a small screen');
  await alice.button('Create').click();
  await expect(alice.editor).toBeVisible({ timeout: 60_000 });
  await alice.write('Some words and averyveryveryveryveryverylongwordwithoutanyspaceinit. ');
  await look('document');
  await alice.visit('#/');
  await alice.connection.click();
  await expect(alice.page.getByRole('dialog')).toBeVisible();
  await look('connection');
  await alice.page.keyboard.press('Escape');
  await alice.lock();
  await look('locked');
}

for (const [how, size, letters] of [
  ['320 pixels', { width: 320, height: 640 }, '100%'],
  ['letters of 200 %', { width: 640, height: 800 }, '200%'],
] as const) {
  test(`J1 ${how}: every place is whole and reachable, from the first screen to a document`, async ({ arrive }) => {
    const [alice, bob] = [await arrive(), await arrive()];
    await alice.page.setViewportSize(size);
    const before = async (): Promise<void> => {
      await alice.page.evaluate((fontSize) => (document.documentElement.style.fontSize = fontSize), letters);
    };
    await before();
    await nothingSticksOut(alice, 'first screen');
    for (const choice of ['I have a code', 'Restore a backup']) {
      await alice.page.getByRole('link', { name: choice }).click();
      await expect(alice.page.getByRole('heading', { name: choice })).toBeVisible();
      await nothingSticksOut(alice, choice);
      await alice.page.goBack();
      await expect(alice.page.getByRole('link', { name: choice })).toBeVisible();
    }
    await alice.page.getByRole('link', { name: /^Start/ }).click();
    await nothingSticksOut(alice, 'new passphrase');
    await alice.typeNewPassphrase();
    await alice.button('Start').click();
    await alice.isOpen();
    await alice.visit('#/cards');
    await alice.page.getByLabel('Your name for this person').fill('Alice');
    await alice.button('Make the card').click();
    const link = await alice.page.getByLabel('Link of this card').inputValue();
    await bob.answerFresh(link, 'Bob');
    await alice.visit('#/');
    await expect(alice.page.locator('a[href^="#/chat/"]:visible').first()).toBeVisible({ timeout: 60_000 });
    await everywhere(alice, bob, before);
  });
}
