// Which vault open documents are written to: the one that is unlocked now, and none other ever.

import { StorageFault } from '#core/ports.ts';
import { DocumentStore, type VaultRows, type WriteState } from './document-store.ts';

let attached: VaultRows | undefined;
const stores = new Map<string, { readonly store: DocumentStore; handles: number }>();

/** From now on documents are read from and written to these rows. Ends whatever was attached before. */
export function attachDocumentVault(vault: VaultRows): void {
  detachDocumentVault();
  attached = vault;
}

/** The vault is locked: handles of its documents do nothing any more. */
export function detachDocumentVault(): void {
  attached = undefined;
  for (const { store } of stores.values()) store.close();
  stores.clear();
}

/** Throws `StorageFault` when no vault is open, at the place where a document is opened rather than later. */
export function openVaultRows(): VaultRows {
  if (attached === undefined) throw new StorageFault('closed');
  return attached;
}

/** The one store of a document; two handles of one name share it. Throws `StorageFault` when no vault is open. */
export function takeDocumentStore(name: string): DocumentStore {
  const vault = openVaultRows();
  let entry = stores.get(name);
  if (entry === undefined) {
    entry = { store: new DocumentStore(vault, updatesCollection(name)), handles: 0 };
    stores.set(name, entry);
  }
  entry.handles++;
  return entry.store;
}

/** One handle less. The store is forgotten when nobody has it and nothing of it is in memory only. */
export function returnDocumentStore(name: string, store: DocumentStore): void {
  const entry = stores.get(name);
  if (entry?.store !== store) return;
  entry.handles--;
  const stop = store.subscribe(forget);
  function forget(): void {
    if (entry === undefined || entry.handles > 0) return stop();
    if (store.writeState !== 'saved') return;
    stop();
    if (stores.get(name) === entry) stores.delete(name);
  }
  forget();
}

/** Ends a document's store at once: the document is being deleted. */
export function dropDocumentStore(name: string): void {
  stores.get(name)?.store.close();
  stores.delete(name);
}

export function updatesCollection(name: string): string {
  return `doc-updates/${name}`;
}

export function customCollection(name: string): string {
  return `doc-custom/${name}`;
}

/** The state of a document's writes, as a screen shows it; `closed` when no such document is open. */
export function documentWriteState(name: string): WriteState {
  return stores.get(name)?.store.writeState ?? 'closed';
}

/** Calls back after each change of the state. */
export function watchDocumentWrites(name: string, changed: () => void): () => void {
  return stores.get(name)?.store.subscribe(changed) ?? (() => undefined);
}

/** When everything written to a document so far is on disk, or why it is not. */
export function documentSettled(name: string): Promise<Exclude<WriteState, 'saving'>> {
  return stores.get(name)?.store.settled() ?? Promise.resolve('closed');
}
