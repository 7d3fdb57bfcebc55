// The tab's icon is written into the page, since browsers ask for an icon's file again at every change of the address.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const text = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

it("the page's icon is the picture that the installed app has", () => {
  const [, written] = /rel="icon"\s+href="data:image\/svg\+xml,([^"]*)"/.exec(text('src/app.html')) ?? [];
  expect(decodeURIComponent(written ?? '')).toBe(text('static/icon.svg').trim().replaceAll('"', "'"));
});
