// First contact by a QR code on one screen and a camera at the other.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright/test';
import { expect, test } from './fixtures.ts';
import { launchChromium } from './network/chromium.ts';
import { Person } from './person.ts';

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'understory-camera-'));
});
test.afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What a camera sees that is held before the screen: the code, a little small, turned and grey. */
async function filmed(page: Page, picture: Buffer): Promise<Buffer> {
  await page.setViewportSize({ width: 1_280, height: 960 });
  await page.setContent(
    `<body style="margin:0;background:#777;display:grid;place-items:center;height:960px">
      <img style="width:820px;rotate:3deg" src="data:image/png;base64,${picture.toString('base64')}">`,
  );
  await page.locator('img').evaluate((image: HTMLImageElement) => image.decode());
  return page.screenshot({ type: 'jpeg', quality: 80 });
}

test('P13 X16 Bob scans the QR code that Alice shows and they talk', async ({ arrive, browser, relay }) => {
  const alice = await arrive();
  await alice.start();
  await alice.makeCard('Alice');
  const picture = await alice.page.getByRole('img', { name: 'QR code of this card' }).screenshot({ type: 'png' });
  const darkroom = await browser.newPage();
  const frame = await filmed(darkroom, picture);
  await darkroom.close();
  // A file of JPEG pictures one after another is a film.
  const film = path.join(folder, 'camera.mjpeg');
  writeFileSync(film, Buffer.concat(Array.from({ length: 5 }, () => frame)));

  const withCamera = await launchChromium({
    args: ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${film}`],
  });
  try {
    const context = await withCamera.newContext();
    await context.grantPermissions(['camera'], { origin: relay.web });
    const bob = await Person.arrive(context, relay.web);
    await bob.page.getByRole('link', { name: /^I have a code/ }).click();
    await bob.button('Scan with the camera').click();
    await bob.page.getByLabel('Your name for this person').fill('Bob', { timeout: 60_000 });
    await bob.typeNewPassphrase();
    await bob.button('Go to the conversation').click();
    await expect(bob.composer).toBeVisible({ timeout: 60_000 });
    await bob.say('I saw your code');
    await expect(alice.page.locator('[data-card=used]')).toBeVisible();
    await expect(alice.page.getByText('This card cannot be answered any more.')).toBeVisible();
    await alice.talkTo('Bob');
    await alice.hears('I saw your code');
    await alice.say('welcome');
    await bob.hears('welcome');
  } finally {
    await withCamera.close();
  }
});

test('a refused camera is told in words, and the link can be pasted instead', async ({ arrive }) => {
  const alice = await arrive();
  await alice.start();
  const link = await alice.makeCard('Alice');
  const bob = await arrive();
  await bob.page.getByRole('link', { name: /^I have a code/ }).click();
  await bob.button('Scan with the camera').click();
  await expect(bob.page.getByText('The camera cannot be used')).toBeVisible();
  await bob.page.getByLabel('Paste a link or code').fill(`Here it is:\n${link}`);
  await bob.button('Use this code').click();
  await expect(bob.page.getByLabel('Your name for this person')).toBeVisible();
});
