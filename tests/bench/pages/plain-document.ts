// The peer of the large-document bench: y-indexeddb as published, in plain text.
import { IndexeddbPersistence } from 'y-indexeddb';
import * as Y from 'yjs';
import { replay, type LargePage } from './trace.ts';

const page: LargePage = {
  async prepare(trace) {
    const { doc, edits } = replay(trace);
    const copy = new Y.Doc();
    const persistence = new IndexeddbPersistence('large', copy);
    await persistence.whenSynced;
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await persistence.destroy();
    return edits;
  },
  async open() {
    const begun = performance.now();
    const doc = new Y.Doc();
    const persistence = new IndexeddbPersistence('large', doc);
    await persistence.whenSynced;
    const { length } = doc.getText('body');
    const ms = performance.now() - begun;
    await persistence.destroy();
    return { ms, length };
  },
};

Object.assign(globalThis, { page });
