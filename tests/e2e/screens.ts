// Every screen, reached over a device in memory (src/ui/testing): for the accessibility run and for looking at them.
import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import type { Page } from 'playwright/test';

const root = path.resolve(import.meta.dirname, '../..');
/** Inside the project, where the packages are found from, and in no list of files; one for each process. */
const ASIDE = path.join(root, `.setup/screens-${process.pid}`);

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
};

/** Builds the screens in `screens` mode beside the real build. */
export function buildScreens(): void {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['node_modules/vite/bin/vite.js', 'build', '--mode', 'screens', '--logLevel', 'error'],
    { cwd: root, encoding: 'utf8', env: { ...process.env, UNDERSTORY_SCREENS: path.relative(root, ASIDE) } },
  );
  if (status !== 0) throw new Error(`The screens did not build.\n${stderr}`);
}

export function forgetScreens(): void {
  rmSync(ASIDE, { recursive: true, force: true });
}

/** Serves them on a free port of this machine. */
export function serveScreens(): Promise<{ readonly address: string; readonly server: Server }> {
  const folder = path.join(ASIDE, 'app');
  const server = createServer((request, response) => {
    const asked = path.join(folder, decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname));
    const file = existsSync(asked) && statSync(asked).isDirectory() ? path.join(asked, 'index.html') : asked;
    if (!file.startsWith(folder) || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      resolve({ address: `http://127.0.0.1:${port}`, server });
    });
  });
}

export interface Scene {
  readonly name: string;
  /** How the device in memory begins (start-in-memory.ts). */
  readonly state: 'new' | 'locked' | 'elsewhere' | 'gone' | 'open' | 'nobody';
  /** Where to go inside the app, then what to do there. Nothing in it depends on the language. */
  readonly place?: string;
  readonly act?: (page: Page) => Promise<void>;
}

async function openFirst(page: Page, part: string, index = 0): Promise<void> {
  await page.locator(`a[href^="#/${part}/"]:visible`).nth(index).click();
}

async function openChat(page: Page, index = 0): Promise<void> {
  await openFirst(page, 'chat', index);
  await page.locator('[role=log]').waitFor();
}

export const SCENES: readonly Scene[] = [
  { name: 'first screen', state: 'new' },
  {
    name: 'new vault',
    state: 'new',
    place: '#/create',
    act: (page) => page.locator('input').first().fill('moss under old beeches'),
  },
  { name: 'restore', state: 'new', place: '#/restore' },
  { name: 'code, before a vault', state: 'new', place: '#/code' },
  { name: 'fresh link that is no card', state: 'new', place: '#/card/hello' },
  { name: 'unlock', state: 'locked' },
  { name: 'elsewhere', state: 'elsewhere' },
  { name: 'gone', state: 'gone' },
  { name: 'nobody yet', state: 'nobody' },
  { name: 'home', state: 'open' },
  { name: 'chat', state: 'open', act: (page) => openChat(page) },
  { name: 'chat with an odd name', state: 'open', act: (page) => openChat(page, 4) },
  { name: 'chat that is void', state: 'open', act: (page) => openChat(page, 5) },
  {
    name: 'message menu',
    state: 'open',
    act: async (page) => {
      await openChat(page);
      const last = page.locator('article').last();
      await last.hover();
      await last.locator('button[aria-haspopup=menu]').click();
      await page.locator('[role=menu]').waitFor();
    },
  },
  {
    name: 'contact',
    state: 'open',
    act: async (page) => {
      await openChat(page);
      await openFirst(page, 'contact');
      await page.locator('input[name=policy]').first().waitFor();
    },
  },
  { name: 'cards', state: 'open', place: '#/cards' },
  {
    name: 'card that waits',
    state: 'open',
    place: '#/cards',
    act: async (page) => {
      await openFirst(page, 'cards', 3);
      await page.locator('[data-card]').waitFor();
    },
  },
  {
    name: 'card that was used',
    state: 'open',
    place: '#/cards',
    act: async (page) => {
      await openFirst(page, 'cards', 0);
      await page.locator('[data-card]').waitFor();
    },
  },
  { name: 'code, inside', state: 'open', place: '#/code' },
  { name: 'link answered inside', state: 'open', place: '#/card/dXMxabcdef' },
  { name: 'link that has expired', state: 'open', place: '#/card/expired' },
  { name: 'documents', state: 'open', place: '#/documents' },
  { name: 'new document', state: 'open', place: '#/documents/new' },
  {
    name: 'document',
    state: 'open',
    place: '#/documents',
    act: async (page) => {
      await openFirst(page, 'document');
      await page.locator('.document-body').waitFor();
    },
  },
  {
    name: 'document of a newer version',
    state: 'open',
    place: '#/documents',
    act: async (page) => {
      await openFirst(page, 'document', 2);
      await page.locator('.document-body').waitFor();
    },
  },
  { name: 'keeping', state: 'open', place: '#/keeping' },
  { name: 'settings', state: 'open', place: '#/settings' },
  {
    name: 'why connected so',
    state: 'open',
    act: (page) => page.locator('button[aria-haspopup=dialog]:visible').first().click(),
  },
  { name: 'keys', state: 'open', act: (page) => page.locator('body').press('?') },
  { name: 'a place that is gone', state: 'open', place: '#/chat/nowhere' },
];

export async function show(page: Page, address: string, scene: Scene): Promise<void> {
  await page.goto(`${address}/?state=${scene.state}${scene.place ?? ''}`);
  await page.locator('#main:visible').waitFor();
  await scene.act?.(page);
  await page.waitForTimeout(150);
}
