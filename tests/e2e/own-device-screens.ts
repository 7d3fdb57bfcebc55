// Screens about a person's own devices and the words on paper.
import type { Page } from 'playwright/test';
import type { Scene } from './scene.ts';

/** The field of the passphrase comes first in its form, whatever it is called. */
async function addDevice(page: Page): Promise<void> {
  await page.locator('[data-offer] input').fill('anything');
  await page.locator('[data-offer] button[type=submit]').click();
  await page.locator('[data-link]').waitFor();
}

async function showWords(page: Page): Promise<void> {
  await page.locator('[data-paper] input').fill('anything');
  await page.locator('[data-paper] button[type=submit]').click();
  await page.locator('[data-word]').first().waitFor();
}

export const OWN_DEVICE_SCENES: readonly Scene[] = [
  { name: 'own devices', state: 'open', place: '#/devices' },
  { name: 'code for another device', state: 'open', place: '#/devices', act: addDevice },
  {
    name: 'ending a lost device',
    state: 'open',
    place: '#/devices',
    act: async (page) => {
      await page.locator('[data-own-device] button').first().click();
      await page.locator('textarea').waitFor();
    },
  },
  { name: 'words for paper', state: 'open', place: '#/keeping', act: showWords },
  {
    name: 'typing the words back',
    state: 'open',
    place: '#/keeping',
    act: async (page) => {
      await showWords(page);
      await page.locator('[data-paper] .button-main').click();
      await page.locator('[data-paper] textarea').waitFor();
    },
  },
  { name: 'becoming a further device', state: 'new', place: '#/device' },
];
