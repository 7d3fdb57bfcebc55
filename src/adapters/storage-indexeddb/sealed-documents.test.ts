// y-indexeddb as published, built with the plugin that gives it the sealed stand-in: what it loses elsewhere, it keeps.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { build } from 'vite';
import * as Y from 'yjs';
import type { IndexeddbPersistence } from 'y-indexeddb';
import { contains, FaultyDisk } from '#tests/suites/faulty-disk.ts';
import { handClock, seededRandom } from '#tests/suites/seeded.ts';
import { utf8 } from '#core/bytes/bytes.ts';
import { SealedRows } from '#core/vault/sealed-rows.ts';
import type { StorageKey } from '#core/vault/slots.ts';
import { sealedDocumentsPlugin } from './alias-plugin.ts';
import type * as DocumentVault from './document-vault.ts';

type Vault = typeof DocumentVault;
interface Built {
  readonly IndexeddbPersistence: new (name: string, doc: Y.Doc) => IndexeddbPersistence;
  readonly storeState: (persistence: IndexeddbPersistence, force?: boolean) => Promise<void>;
  readonly clearDocument: (name: string) => Promise<void>;
  readonly vault: Vault;
}

const KEY = new Uint8Array(32).fill(1) as StorageKey;
let folder = '';
let built: Built;

beforeAll(async () => {
  // Inside the project, so that the bundle finds the one yjs that this test uses too.
  folder = await mkdtemp(join(import.meta.dirname, '../../../node_modules/.sealed-documents-'));
  const entry = join(folder, 'entry.ts');
  const vaultFile = join(import.meta.dirname, 'document-vault.ts');
  await writeFile(entry, `export * from 'y-indexeddb';\nexport * as vault from '${vaultFile}';\n`);
  await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [sealedDocumentsPlugin()],
    build: {
      outDir: join(folder, 'out'),
      minify: false,
      lib: { entry, formats: ['es'], fileName: 'bundle' },
      rolldownOptions: { external: ['yjs'] },
    },
  });
  built = (await import(/* @vite-ignore */ join(folder, 'out/bundle.js'))) as Built;
}, 30_000);

afterEach(() => built.vault.detachDocumentVault());
afterAll(() => rm(folder, { recursive: true, force: true }));

async function attach(disk: FaultyDisk, clock = handClock()) {
  const rows = await SealedRows.open(disk, KEY, seededRandom(disk.cells.size + 1));
  built.vault.attachDocumentVault({ rows, clock });
  return { rows, clock };
}

async function open(name: string, doc = new Y.Doc()): Promise<{ doc: Y.Doc; persistence: IndexeddbPersistence }> {
  const persistence = new built.IndexeddbPersistence(name, doc);
  await persistence.whenSynced;
  return { doc, persistence };
}

const type = (doc: Y.Doc, text: string) => doc.getText('t').insert(doc.getText('t').length, text);
const read = (doc: Y.Doc) => doc.getText('t').toJSON();
const turn = (ms = 5) => new Promise((resolve) => setTimeout(resolve, ms));

describe('the plugin', () => {
  const resolve = (source: string, importer: string | undefined, plugin = sealedDocumentsPlugin()) =>
    (plugin.resolveId as unknown as (source: string, importer: string | undefined) => unknown)(source, importer);

  test('gives the stand-in to y-indexeddb and to nobody else', () => {
    expect(resolve('lib0/indexeddb', '/p/node_modules/y-indexeddb/src/y-indexeddb.js')).toMatch(/lib0-indexeddb\.ts$/);
    expect(resolve('lib0/promise', '/p/node_modules/y-indexeddb/src/y-indexeddb.js')).toBeUndefined();
    expect(resolve('lib0/indexeddb', '/p/node_modules/y-webrtc/src/y-webrtc.js')).toBeUndefined();
    expect(resolve('lib0/indexeddb', undefined)).toBeUndefined();
  });

  test('fails a build in which y-indexeddb would write plain text', () => {
    const plugin = sealedDocumentsPlugin();
    const end = plugin.buildEnd as unknown as (fault?: Error) => void;
    end();
    resolve('lib0/idb', '/p/node_modules/y-indexeddb/src/y-indexeddb.js', plugin);
    expect(() => end()).toThrow('plain text');
    resolve('lib0/indexeddb', '/p/node_modules/y-indexeddb/src/y-indexeddb.js', plugin);
    end();
  });
});

describe('a document', () => {
  test('is there again after closing, and its words are nowhere on the disk', async () => {
    const disk = new FaultyDisk();
    await attach(disk);
    const { doc, persistence } = await open('minutes of tuesday');
    for (const word of ['canary-one ', 'canary-two ', 'canary-three']) type(doc, word);
    expect(await built.vault.documentSettled('minutes of tuesday')).toBe('saved');
    await persistence.destroy();
    const again = await open('minutes of tuesday');
    expect(read(again.doc)).toBe('canary-one canary-two canary-three');
    for (const canary of ['canary', 'minutes', 'tuesday']) expect(contains(disk.image(), utf8(canary))).toBe(false);
  });

  test('opens again from the disk alone', async () => {
    const disk = new FaultyDisk();
    await attach(disk);
    const { doc } = await open('d');
    type(doc, 'kept');
    await built.vault.documentSettled('d');
    built.vault.detachDocumentVault();
    await attach(new FaultyDisk(disk.cells));
    expect(read((await open('d')).doc)).toBe('kept');
  });

  test('keeps edits that were made while it was still loading', async () => {
    const disk = new FaultyDisk();
    await attach(disk);
    const doc = new Y.Doc();
    const persistence = new built.IndexeddbPersistence('d', doc);
    await Promise.resolve();
    await Promise.resolve();
    type(doc, 'early');
    await persistence.whenSynced;
    type(doc, ' late');
    await built.vault.documentSettled('d');
    await persistence.destroy();
    expect(read((await open('d')).doc)).toBe('early late');
  });

  test('is compacted into few rows, and what was typed meanwhile stays', async () => {
    const disk = new FaultyDisk();
    await attach(disk);
    const { doc, persistence } = await open('d');
    for (let i = 0; i < 600; i++) {
      type(doc, `${i} `);
      if (i % 20 === 0) await built.vault.documentSettled('d');
    }
    await built.vault.documentSettled('d');
    const before = disk.cells.size;
    const storing = built.storeState(persistence);
    type(doc, 'meanwhile');
    await storing;
    await vi.waitFor(() => expect(disk.cells.size).toBeLessThanOrEqual(2), 5_000);
    await built.vault.documentSettled('d');
    expect(before).toBeGreaterThan(10);
    await persistence.destroy();
    built.vault.detachDocumentVault();
    await attach(new FaultyDisk(disk.cells));
    const again = await open('d');
    expect(read(again.doc)).toBe(read(doc));
    type(again.doc, '!');
    await built.vault.documentSettled('d');
    expect(read(again.doc).endsWith('meanwhile!')).toBe(true);
  });

  test('two handles of one name see each other’s edits after reopening, and neither erases the other’s', async () => {
    const disk = new FaultyDisk();
    await attach(disk);
    const first = await open('d');
    const second = await open('d');
    type(first.doc, 'one');
    type(second.doc, 'two');
    await built.vault.documentSettled('d');
    await built.storeState(first.persistence);
    await turn();
    await Promise.all([first.persistence.destroy(), second.persistence.destroy()]);
    const text = read((await open('d')).doc);
    expect([text.includes('one'), text.includes('two')]).toEqual([true, true]);
  });

  test('can be deleted with everything that belongs to it', async () => {
    const disk = new FaultyDisk();
    await attach(disk);
    const { doc, persistence } = await open('d');
    type(doc, 'gone soon');
    await persistence.set('schema', 3);
    expect(await persistence.get('schema')).toBe(3);
    await persistence.set('name', 'text');
    expect(await persistence.get('name')).toBe('text');
    await persistence.del('name');
    expect(await persistence.get('name')).toBeUndefined();
    await built.vault.documentSettled('d');
    await persistence.destroy();
    await built.clearDocument('d');
    expect(disk.cells.size).toBe(0);
    expect(read((await open('d')).doc)).toBe('');
  });
});

describe('misfortune', () => {
  test('a damaged row does not keep the document from opening, and is counted', async () => {
    const disk = new FaultyDisk();
    await attach(disk);
    const { doc } = await open('d');
    for (const word of ['one ', 'two ', 'three ']) {
      const part = new Y.Doc();
      part.getMap('m').set(word, true);
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(part));
      await built.vault.documentSettled('d');
    }
    built.vault.detachDocumentVault();
    expect(disk.cells.size).toBe(3);
    [...disk.cells.values()][1]!.value[20]! ^= 1;
    const { rows } = await attach(new FaultyDisk(disk.cells));
    const again = await open('d');
    expect([...again.doc.getMap('m').keys()]).toHaveLength(2);
    expect(rows.damagedRows).toBe(1);
    type(again.doc, 'goes on');
    expect(await built.vault.documentSettled('d')).toBe('saved');
  });

  test('a full disk never reaches the editor; what it refused is written when there is room', async () => {
    const disk = new FaultyDisk();
    const { clock } = await attach(disk);
    const { doc, persistence } = await open('d');
    type(doc, 'before ');
    await built.vault.documentSettled('d');
    const states: string[] = [];
    built.vault.watchDocumentWrites('d', () => states.push(built.vault.documentWriteState('d')));
    disk.capacity = 0;
    type(doc, 'during ');
    expect(await built.vault.documentSettled('d')).toBe('no-room');
    for (let i = 0; i < 700; i++) type(doc, `${i} `);
    expect(read(doc).startsWith('before during 0 1 ')).toBe(true);
    await clock.pass(3_000);
    expect(built.vault.documentWriteState('d')).toBe('no-room');
    disk.capacity = Infinity;
    await clock.pass(3_000);
    expect(await built.vault.documentSettled('d')).toBe('saved');
    expect(states).toEqual(expect.arrayContaining(['saving', 'no-room', 'saved']));
    await persistence.destroy();
    expect(read((await open('d')).doc)).toBe(read(doc));
  });

  test('after locking, an old handle neither throws nor writes into the next vault', async () => {
    const first = new FaultyDisk();
    await attach(first);
    const { doc, persistence } = await open('d');
    type(doc, 'mine');
    await built.vault.documentSettled('d');
    const second = new FaultyDisk();
    await attach(second);
    type(doc, ' not yours');
    await turn();
    void built.storeState(persistence);
    await turn();
    expect(second.cells.size).toBe(0);
    expect(built.vault.documentWriteState('d')).toBe('closed');
    await persistence.destroy();
  });

  test('without an open vault opening a document fails at once, where it can be caught', () => {
    built.vault.detachDocumentVault();
    expect(() => new built.IndexeddbPersistence('d', new Y.Doc())).toThrow('storage: closed');
  });

  test('killed after any commit, the document opens with everything that was settled', async () => {
    let most = 0;
    for (let left = 1; left <= 12; left++) {
      const disk = new FaultyDisk();
      await attach(disk);
      const { doc } = await open('d');
      disk.commitsLeft = left;
      let acknowledged = '';
      for (let i = 0; i < 12; i++) {
        type(doc, `${i} `);
        const settled = built.vault.documentSettled('d').then(() => read(doc));
        acknowledged = (await Promise.race([settled, turn(20).then(() => undefined)])) ?? acknowledged;
        if (disk.commitsLeft === 0) break;
      }
      built.vault.detachDocumentVault();
      await attach(new FaultyDisk(disk.cells));
      most = Math.max(most, acknowledged.length);
      // More than was acknowledged may be there, less never.
      expect(read((await open('d')).doc).startsWith(acknowledged)).toBe(true);
      built.vault.detachDocumentVault();
    }
    expect(most).toBeGreaterThan(10);
  });
});
