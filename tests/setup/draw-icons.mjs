// Draws the PNG icons from static/icon.svg with the system's Chromium. Run by hand when the drawing changes:
// `node tests/setup/draw-icons.mjs`.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright';

const folder = path.resolve(import.meta.dirname, '../../static');
const plain = readFileSync(path.join(folder, 'icon.svg'), 'utf8');
/** Launchers cut maskable icons to any shape within the middle four fifths: the ground fills all, the mark shrinks. */
const maskable = plain.replace('rx="15"', '').replace('translate(8 6) scale(.78)', 'translate(13 11) scale(.6)');

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const drawings = [
  ['icon-192.png', plain, 192],
  ['icon-512.png', plain, 512],
  ['icon-maskable-512.png', maskable, 512],
];
for (const [file, svg, side] of drawings) {
  const page = await browser.newPage({ viewport: { width: side, height: side } });
  const sized = svg.replace('<svg ', `<svg width="${side}" height="${side}" `);
  await page.setContent(`<body style="margin:0">${sized}</body>`);
  await page.screenshot({ path: path.join(folder, file), omitBackground: true });
  await page.close();
}
await browser.close();
