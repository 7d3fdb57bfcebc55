// Open documents at rest: y-indexeddb over the sealed rows of the open vault. Loaded with the editor, not before.

import { IndexeddbPersistence } from 'y-indexeddb';
import { encodeStateAsUpdate, type Doc } from 'yjs';
import {
  documentSettled,
  returnDocumentStore,
  takeDocumentStore,
  watchDocumentWrites,
} from '#adapters/storage-indexeddb/document-vault.ts';
import type { Bytes } from '#core/bytes/bytes.ts';
import { StorageFault } from '#core/ports.ts';
import type { OpenStore, StoredDocument } from '../documents/store.ts';

/** Updates beside the whole before it is stored whole again: y-indexeddb's own number. */
const COMPACT_AFTER = 500;

/** Rejects with `StorageFault` when the vault is closed before the document was read. */
export const openSealedDocument: OpenStore = async (document, doc) => {
  const name = `${document}`;
  const store = takeDocumentStore(name);
  try {
    const persistence = new IndexeddbPersistence(name, doc);
    // It would store each edit as it is typed; what is stored here is what was admitted, and `put` says what that is.
    doc.off('update', persistence._storeUpdate);
    await orClosed(name, persistence.whenSynced);
    return new SealedDocument({ name, doc, store, persistence, damaged: await store.isDamaged() });
  } catch (cause) {
    returnDocumentStore(name, store);
    throw cause;
  }
};

interface Opened {
  readonly name: string;
  readonly doc: Doc;
  readonly store: ReturnType<typeof takeDocumentStore>;
  readonly persistence: IndexeddbPersistence;
  readonly damaged: boolean;
}

class SealedDocument implements StoredDocument {
  readonly damaged: boolean;
  readonly #opened: Opened;

  constructor(opened: Opened) {
    this.#opened = opened;
    this.damaged = opened.damaged;
  }

  put(update: Bytes): void {
    void this.#opened.store.add(update);
  }

  async settled(): Promise<boolean> {
    return (await documentSettled(this.#opened.name)) === 'saved';
  }

  async compact(always = false): Promise<void> {
    const { name, doc, store } = this.#opened;
    if (!always && store.size < COMPACT_AFTER) return;
    // Taken at once: after an await the document might hold edits that were not published.
    const whole = encodeStateAsUpdate(doc) as Bytes;
    const key = await orClosed(name, store.add(whole)).catch(() => undefined);
    if (key !== undefined) await store.deleteBelow(key);
  }

  async erase(): Promise<void> {
    const { store } = this.#opened;
    await documentSettled(this.#opened.name);
    await store.deleteBelow(Infinity);
  }

  async close(): Promise<void> {
    const { name, persistence, store } = this.#opened;
    await persistence.destroy();
    returnDocumentStore(name, store);
  }
}

/** Work of y-indexeddb on a closed vault never ends; whoever waits for it is told. */
function orClosed<T>(name: string, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = watchDocumentWrites(name, () => {
      void documentSettled(name).then((state) => {
        if (state === 'closed') reject(new StorageFault('closed'));
      });
    });
    void work.then(resolve, reject).finally(stop);
  });
}
