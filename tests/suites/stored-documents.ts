// Documents between unlocks as browsers keep them, without y-indexeddb: the same rows, read and written directly.

import { applyUpdate } from 'yjs';
import { DocumentStore, type VaultRows } from '#adapters/storage-indexeddb/document-store.ts';
import { updatesCollection } from '#adapters/storage-indexeddb/document-vault.ts';
import { openDocuments } from '#app/documents/documents.ts';
import type { OpenStore } from '#app/documents/store.ts';
import type { OpenDocuments } from '#app/space-content.ts';

/** Opens documents that rest in the session's own rows. */
export const openStoredDocuments: OpenDocuments = (host) => openDocuments(host, { store: storeIn(host) });

function storeIn(vault: VaultRows): OpenStore {
  return async (document, doc) => {
    const store = new DocumentStore(vault, updatesCollection(document));
    for (const update of await store.from(0)) applyUpdate(doc, update);
    return {
      damaged: await store.isDamaged(),
      put: (update) => void store.add(update),
      settled: async () => (await store.settled()) === 'saved',
      compact: () => Promise.resolve(),
      erase: () => store.deleteBelow(Infinity),
      close: async () => {
        await store.settled();
        store.close();
      },
    };
  };
}
