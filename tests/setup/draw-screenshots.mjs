// Takes the two pictures of the app that the manifest names (install dialogs show them), over the device in memory.
// Run by hand when the look changes: `node tests/setup/draw-screenshots.mjs`.
import path from 'node:path';
import { chromium } from 'playwright';
import { buildScreens, forgetScreens, serveScreens } from '../e2e/built-screens.ts';
import { SCENES, show } from '../e2e/screens.ts';

const folder = path.resolve(import.meta.dirname, '../../static');
const scene = SCENES.find(({ name }) => name === 'chat');

buildScreens();
const { address, server } = await serveScreens();
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
for (const [name, width, height] of [
  ['wide', 1280, 800],
  ['narrow', 360, 740],
]) {
  const page = await browser.newPage({ viewport: { width, height }, locale: 'en-GB', colorScheme: 'light' });
  await show(page, address, scene);
  await page.waitForTimeout(500);
  await page.screenshot({ path: path.join(folder, `screenshot-${name}.png`) });
  await page.close();
}
await browser.close();
server.close();
forgetScreens();
