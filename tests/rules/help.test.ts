// The explainers in static/help work without the app: what they link to must be there, in every language alike.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const help = path.join(root, 'static/help');
const pages = (folder: string): readonly string[] => readdirSync(folder).filter((name) => name.endsWith('.html'));
const folders = [help, path.join(help, 'ar')];

test('every explainer is there in every language, and named in the menu of every other', () => {
  const [first, ...others] = folders.map(pages);
  for (const other of others) expect(other).toEqual(first);
  for (const folder of folders) {
    for (const page of pages(folder)) {
      const links = linksOf(path.join(folder, page)).filter((link) => !link.includes('/'));
      expect(links.filter((link) => link !== 'help.css').toSorted(), `${folder}/${page}`).toEqual(first);
    }
  }
});

test('no link of an explainer leads nowhere or to another host', () => {
  for (const folder of folders) {
    for (const page of pages(folder)) {
      for (const link of linksOf(path.join(folder, page))) {
        const target = path.resolve(folder, link);
        const isApp = target === path.join(root, 'static/index.html');
        expect(isApp || existsSync(target), `${page}: ${link}`).toBe(true);
      }
    }
  }
});

function linksOf(file: string): readonly string[] {
  return [...readFileSync(file, 'utf8').matchAll(/href="([^"]*)"/g)].map(([, link]) => link!);
}
