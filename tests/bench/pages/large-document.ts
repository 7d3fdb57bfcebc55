// Metric 8: opening a document with a long history, from the sealed store.
import * as Y from 'yjs';
import { systemClock } from '#adapters/platform/system-clock.ts';
import { systemRandom } from '#adapters/platform/system-random.ts';
import { attachDocumentVault } from '#adapters/storage-indexeddb/document-vault.ts';
import { IndexedDbDisk } from '#adapters/storage-indexeddb/indexeddb-disk.ts';
import { openSealedDocument } from '#app/device/sealed-document.ts';
import type { Bytes } from '#core/bytes/bytes.ts';
import type { DocumentId } from '#app/api.ts';
import { SealedRows } from '#core/vault/sealed-rows.ts';
import type { StorageKey } from '#core/vault/slots.ts';
import { replay, type LargePage, type Trace } from './trace.ts';

const page: LargePage = {
  async prepare(trace: Trace): Promise<number> {
    const { doc, edits } = replay(trace);
    const disk = await IndexedDbDisk.open({ name: 'bench' });
    const rows = await SealedRows.open(disk, systemRandom.bytes(32) as StorageKey, systemRandom);
    attachDocumentVault({ rows, clock: systemClock });
    const stored = await openSealedDocument('large' as DocumentId, new Y.Doc());
    stored.put(Y.encodeStateAsUpdate(doc) as Bytes);
    await stored.settled();
    await stored.close();
    return edits;
  },
  /** Milliseconds until the text of the document is there. */
  async open(): Promise<{ ms: number; length: number }> {
    const begun = performance.now();
    const doc = new Y.Doc();
    const stored = await openSealedDocument('large' as DocumentId, doc);
    const { length } = doc.getText('body');
    const ms = performance.now() - begun;
    await stored.close();
    return { ms, length };
  },
};

Object.assign(globalThis, { page });
