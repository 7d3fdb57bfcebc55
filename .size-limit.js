// How much of the app a person has to fetch (brotli): before the first screen, until they chat and write a document, and
// what each optional pack adds. Read from the build's own list of which file needs which.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const CLIENT = '.svelte-kit/output/client';
const manifest = JSON.parse(readFileSync(path.join(CLIENT, '.vite/manifest.json'), 'utf8'));
const GENERATED = '.svelte-kit/generated/client-optimized';

/** Files that come with some modules: they, what they import, and their styles. */
function closure(entries) {
  const files = new Set();
  const visit = (key) => {
    const chunk = manifest[key];
    if (chunk === undefined) throw new Error(`the build has no ${key}`);
    if (files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const style of chunk.css ?? []) files.add(style);
    for (const needed of chunk.imports ?? []) visit(needed);
  };
  entries.forEach(visit);
  return files;
}

const inBuild = (files) => [...files].map((file) => path.join('build', file));
const without = (files, known) => new Set([...files].filter((file) => !known.has(file)));
const worker = (name) =>
  readdirSync('build/_app/immutable/workers')
    .filter((file) => file.startsWith(name))
    .map((file) => `_app/immutable/workers/${file}`)
    .filter((file) => existsSync(path.join('build', file)) && !/\.(br|gz)$/.test(file));
const app = readFileSync(`${GENERATED}/app.js`, 'utf8');
/** The node of a page, as the router's own table has it. */
function pageOf(route) {
  const [, after] = app.split(`"${route}": [`);
  if (after === undefined) throw new Error(`the build has no page ${route}`);
  return `${GENERATED}/nodes/${parseInt(after, 10)}.js`;
}
/** From a link to the first message, and to a document. */
const pages = [
  '/',
  '/create',
  '/card/[[code]]',
  '/cards',
  '/cards/[card]',
  '/chat/[contact]',
  '/documents',
  '/documents/new/[[home]]',
  '/document/[document]',
].map(pageOf);

/** Everything that has to do with groups. */
const groupPages = [...app.matchAll(/"(\/group[^"]*)": \[/g)].map(([, route]) => pageOf(route));

/** Those about other groups. */
const neighbourPages = [...app.matchAll(/"(\/group[^"]*\/neighbours[^"]*)": \[/g)].map(([, route]) => pageOf(route));

/** A pack of packs.config.ts. */
function pack(name) {
  const [key] = Object.entries(manifest).find(([, chunk]) => chunk.name === name) ?? [];
  if (key === undefined) throw new Error(`the build has no pack ${name}`);
  return key;
}

const shell = closure([
  'node_modules/@sveltejs/kit/src/runtime/client/entry.js',
  `${GENERATED}/app.js`,
  ...[0, 1, 2].map((node) => `${GENERATED}/nodes/${node}.js`),
  pack('device'),
]);
for (const late of ['session', 'rooms', 'documents', 'network', 'inside', 'editor']) {
  if (shell.has(manifest[pack(late)].file)) throw new Error(`the first screen waits for the pack ${late}`);
}
const whole = new Set([
  ...shell,
  ...closure([...pages, ...['codes', 'inside', 'session', 'documents', 'network', 'editor'].map(pack)]),
  ...worker('stretch-worker'),
]);

export default [
  { name: 'shell: until the first screen', path: ['build/index.html', ...inBuild(shell)], limit: '120 kB' },
  { name: 'shell, network, crypto, chat, document', path: ['build/index.html', ...inBuild(whole)], limit: '500 kB' },
  {
    name: 'pack: QR codes, drawn and read',
    path: inBuild(without(closure(['show', 'read'].map((what) => `src/adapters/transfer-qr/${what}-code.ts`)), whole)),
    limit: '20 kB',
  },
  {
    name: 'pack: groups, tasks and own devices in the session',
    path: inBuild(without(closure([pack('rooms')]), whole)),
    limit: '66 kB',
  },
  {
    name: 'pack: screens of groups and tasks',
    path: inBuild(
      without(
        closure([pack('groups'), ...groupPages.filter((page) => !neighbourPages.includes(page))]),
        new Set([...whole, ...closure(['rooms', 'menus'].map(pack))]),
      ),
    ),
    limit: '100 kB',
  },
  {
    name: 'pack: screens about other groups',
    path: inBuild(
      without(
        closure([pack('neighbours'), ...neighbourPages]),
        new Set([...whole, ...closure(['rooms', 'menus', 'groups'].map(pack))]),
      ),
    ),
    limit: '20 kB',
  },
  {
    name: 'pack: tools',
    path: ['build/tool-frame.html', ...inBuild(without(closure([pack('tools')]), whole))],
    limit: '15 kB',
  },
  { name: 'pack: menus', path: inBuild(without(closure([pack('menus')]), whole)), limit: '20 kB' },
  { name: 'pack: backup files', path: inBuild(worker('backup-worker')), limit: '60 kB' },
  { name: 'service worker', path: ['build/service-worker.js'], limit: '3 kB' },
].map((check) => ({ brotli: true, gzip: false, ...check }));
