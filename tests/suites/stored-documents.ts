// Documents between unlocks as browsers keep them, without y-indexeddb: the same rows, read and written directly.

import { applyUpdate, encodeStateAsUpdate } from 'yjs';
import { DocumentStore, type VaultRows } from '#adapters/storage-indexeddb/document-store.ts';
import { updatesCollection } from '#adapters/storage-indexeddb/document-vault.ts';
import type { Bytes } from '#core/bytes/bytes.ts';
import { openDocuments, type DocumentsOptions } from '#app/documents/documents.ts';
import type { OpenStore } from '#app/documents/store.ts';
import type { DocumentsHost, OpenDocuments, OpenedDocuments } from '#app/space-content.ts';

/** Opens documents that rest in the session's own rows. */
export const openStoredDocuments: OpenDocuments = (host) => openStoredAt(host);

export function openStoredAt(host: DocumentsHost, options: Omit<DocumentsOptions, 'store'> = {}): OpenedDocuments {
  return openDocuments(host, { ...options, store: storeIn(host) });
}

function storeIn(vault: VaultRows): OpenStore {
  return async (document, doc) => {
    const store = new DocumentStore(vault, updatesCollection(document));
    for (const update of await store.from(0)) applyUpdate(doc, update);
    return {
      damaged: await store.isDamaged(),
      put: (update) => void store.add(update),
      settled: async () => (await store.settled()) === 'saved',
      compact: async (always = false) => {
        if (!always) return;
        const key = await store.add(encodeStateAsUpdate(doc) as Bytes);
        await store.deleteBelow(key);
      },
      erase: () => store.deleteBelow(Infinity),
      close: async () => {
        await store.settled();
        store.close();
      },
    };
  };
}
