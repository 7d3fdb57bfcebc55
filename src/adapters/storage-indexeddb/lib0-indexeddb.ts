// Stands in for `lib0/indexeddb` under y-indexeddb 9.0.12: the functions it calls, over the sealed rows of the vault
// that is open. The build gives it to y-indexeddb alone (alias-plugin.ts).
//
// What it cures, besides plaintext on disk: a write never throws into the editor; a damaged row is left out and the
// document still loads; a full disk is retried; a locked or taken-over vault is never written to.

import { utf8, textOf, type Bytes } from '#core/bytes/bytes.ts';
import type { DocumentStore, VaultRows } from './document-store.ts';
import {
  customCollection,
  dropDocumentStore,
  openVaultRows,
  returnDocumentStore,
  takeDocumentStore,
  updatesCollection,
} from './document-vault.ts';

/** Stands for IDBDatabase. */
interface Handle {
  readonly name: string;
  readonly vault: VaultRows;
  readonly updates: DocumentStore;
  close(): void;
}

/** Stands for IDBObjectStore. */
interface Store {
  readonly handle: Handle;
  readonly is: 'updates' | 'custom';
}

/** Stands for IDBKeyRange, as far as y-indexeddb makes any. */
interface KeyRange {
  readonly lower?: number;
  readonly upper?: number;
}

type CustomValue = string | number | Uint8Array;

/** What `Y.encodeStateAsUpdate` says of an empty document; y-indexeddb would store one at every opening. */
const isEmptyUpdate = (update: Uint8Array): boolean => update.length === 2 && update[0] === 0 && update[1] === 0;

/** Throws `StorageFault` when no vault is open. */
export function openDB(name: string, _create: unknown): Promise<Handle> {
  const vault = openVaultRows();
  const updates = takeDocumentStore(name);
  return Promise.resolve({ name, vault, updates, close: () => returnDocumentStore(name, updates) });
}

/** Collections need no making. */
export function createStores(): void {}

export function transact(handle: Handle, names: readonly string[]): Store[] {
  return names.map((name) => ({ handle, is: name === 'updates' ? 'updates' : 'custom' }));
}

export function createIDBKeyRangeLowerBound(lower: number, isOpen: boolean): KeyRange {
  return { lower: isOpen ? lower + 1 : lower };
}

export function createIDBKeyRangeUpperBound(upper: number, isOpen: boolean): KeyRange {
  return { upper: isOpen ? upper : upper + 1 };
}

export function getAll(store: Store, range: KeyRange = {}): Promise<readonly Bytes[]> {
  return store.handle.updates.from(range.lower ?? 0);
}

export function getLastKey(store: Store): Promise<number> {
  return store.handle.updates.lastKey();
}

export function count(store: Store): Promise<number> {
  return store.handle.updates.count();
}

/** Resolves when the update is on disk. */
export function addAutoKey(store: Store, update: Bytes): Promise<number> {
  if (isEmptyUpdate(update)) return store.handle.updates.lastKey();
  return store.handle.updates.add(update);
}

export async function del(store: Store, key: KeyRange | string | number): Promise<void> {
  if (typeof key === 'object') return store.handle.updates.deleteBelow(key.upper ?? 0);
  await write(store, String(key), null);
}

export async function get(store: Store, key: string | number): Promise<CustomValue | undefined> {
  const { vault, name } = store.handle;
  const stored = await vault.rows.get(customCollection(name), String(key)).catch(() => undefined);
  return stored === undefined ? undefined : decodeCustom(stored);
}

export async function put(store: Store, value: CustomValue, key: string | number): Promise<string | number> {
  await write(store, String(key), encodeCustom(value));
  return key;
}

/** Removes a document with all that belongs to it. */
export async function deleteDB(name: string): Promise<void> {
  const { rows } = openVaultRows();
  dropDocumentStore(name);
  for (const collection of [updatesCollection(name), customCollection(name)]) {
    const writes = (await rows.list(collection)).map(({ id }) => ({ collection, id, value: null }));
    if (writes.length > 0) await rows.commit(writes, 'relaxed');
  }
}

async function write({ handle }: Store, id: string, value: Bytes | null): Promise<void> {
  await handle.vault.rows.commit([{ collection: customCollection(handle.name), id, value }], 'relaxed');
}

function encodeCustom(value: CustomValue): Bytes {
  if (value instanceof Uint8Array) return new Uint8Array([0, ...value]);
  return utf8(`\u0001${JSON.stringify(value)}`);
}

function decodeCustom(stored: Bytes): CustomValue | undefined {
  if (stored[0] === 0) return stored.slice(1);
  const text = textOf(stored.subarray(1));
  return text === undefined ? undefined : (JSON.parse(text) as CustomValue);
}
