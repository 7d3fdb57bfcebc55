// Two people who are contacts and directly linked, each in a browser context of their own.
import type { Browser, Page } from 'playwright';
import type { BenchPages } from '../browsers.ts';
import type { OurPage } from '../pages/ours.ts';

export type WithOurs = typeof globalThis & { page: OurPage };

export const PASSPHRASE = 'seven quiet herons over the weir';

/** A page with a new vault that has reached the relay node. */
export async function newPerson(browser: Browser, pages: BenchPages): Promise<Page> {
  const page = await pages.open(browser, 'ours');
  await page.evaluate((passphrase) => (globalThis as WithOurs).page.create(passphrase), PASSPHRASE);
  await page.evaluate(() => (globalThis as WithOurs).page.online());
  return page;
}

/** Alice made a card, Bob answered it, both are directly linked; with `document` both have one open. */
export async function meetTwo(browser: Browser, pages: BenchPages, options: { readonly document?: boolean } = {}) {
  const [alice, bob] = [await newPerson(browser, pages), await newPerson(browser, pages)];
  const code = await alice.evaluate(() => (globalThis as WithOurs).page.card());
  await bob.evaluate((text) => (globalThis as WithOurs).page.answer(text, 'hello'), code);
  await alice.evaluate(() => (globalThis as WithOurs).page.shows('hello'));
  for (const page of [alice, bob]) await page.evaluate(() => (globalThis as WithOurs).page.direct());
  if (options.document === true) {
    await alice.evaluate(() => (globalThis as WithOurs).page.makeDocument());
    await bob.evaluate(() => (globalThis as WithOurs).page.openDocument());
  }
  return { alice, bob };
}
