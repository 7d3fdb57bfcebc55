// Tools in documents (schema 2): what the guard admits in `tool` and `state`, whoever wrote it, and what is read there.

import fc from 'fast-check';
import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import type { Bytes } from '../bytes/bytes.ts';
import { clientIdOf, type Author } from './client-id.ts';
import { contentHash } from './content-hash.ts';
import { appendNew, blockHashes, copyContent } from './copy.ts';
import type { DocumentId } from './doc-update.ts';
import { DocumentGuard } from './guard.ts';
import type { Reach } from './past.ts';
import { SCHEMA_VERSION, schemaMode, schemaWritten } from './schema.ts';
import { kindOf, MAX_TOOL_BYTES, setTool, toolOf } from './tool.ts';

const DOCUMENT = '0e'.repeat(16) as DocumentId;
const ONE: Author = { device: 'a1'.repeat(32), incarnation: '01'.repeat(8) };
const OTHER: Author = { device: 'b2'.repeat(32), incarnation: '02'.repeat(8) };
const ALL: Reach = { reach: () => Number.MAX_SAFE_INTEGER };
const CODE = 'onmessage = () => postMessage({ show: [] });';

/** A replica that admits and applies, as an app does. */
class Replica {
  readonly guard = new DocumentGuard(DOCUMENT);
  readonly doc = new Y.Doc();
  readonly #seqs = new Map<Author, number>();

  take(author: Author, update: Uint8Array, schema = 2): boolean {
    const seq = this.#seqs.get(author) ?? 0;
    this.#seqs.set(author, seq + 1);
    const body = { document: DOCUMENT, schema, update: new Uint8Array(update) };
    const { ok } = this.guard.admit({ author, seq, past: ALL, body });
    if (ok) Y.applyUpdate(this.doc, update);
    return ok;
  }

  expectSound(): void {
    expect(this.doc.store.pendingStructs).toBeNull();
    expect(this.doc.store.pendingDs).toBeNull();
    for (const [client, clock] of this.guard.heads()) expect(Y.getState(this.doc.store, client)).toBe(clock);
  }
}

/** One docUpdate for each of these, on top of what stands. */
function written(author: Author, base: Y.Doc, ...deeds: readonly ((doc: Y.Doc) => void)[]): Bytes[] {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(base));
  doc.clientID = clientIdOf(author, DOCUMENT);
  const updates: Bytes[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(new Uint8Array(update)));
  for (const deed of deeds) doc.transact(() => deed(doc));
  return updates;
}

const empty = new Y.Doc();
const made = (doc: Y.Doc): void => setTool(doc, { code: CODE, salt: '00'.repeat(16) });
const typed = (doc: Y.Doc): void => {
  const paragraph = new Y.XmlElement('paragraph');
  paragraph.insert(0, [new Y.XmlText('words')]);
  doc.getXmlFragment('body').insert(0, [paragraph]);
};

describe('the guard under schema 2', () => {
  it('admits a tool, its entries, a title and text, each in its place', () => {
    const replica = new Replica();
    const state = (doc: Y.Doc): void => void doc.getMap('state').set('voice', { for: 'tea', weight: 1 });
    const gone = (doc: Y.Doc): void => doc.getMap('state').delete('voice');
    const title = (doc: Y.Doc): void => void doc.getMap('meta').set('title', 'Poll');
    for (const update of written(ONE, empty, made, title, state, gone, typed))
      expect(replica.take(ONE, update)).toBe(true);
    replica.expectSound();
    expect(toolOf(replica.doc)).toBe(CODE);
  });

  it('refuses a tool that names schema 1: older apps would edit what they do not know', () => {
    expect(new Replica().take(ONE, written(ONE, empty, made)[0]!, 1)).toBe(false);
    const state = written(ONE, empty, (doc) => void doc.getMap('state').set('a', 1))[0]!;
    expect(new Replica().take(ONE, state, 1)).toBe(false);
  });

  it.each([
    ['a list in `state`', (doc: Y.Doc) => doc.getArray('state').insert(0, ['x'])],
    ['a text in `tool`', (doc: Y.Doc) => doc.getText('tool').insert(0, 'x')],
    ['an element in `state`', (doc: Y.Doc) => doc.getXmlFragment('state').insert(0, [new Y.XmlElement('p')])],
    ['a shared text under a key', (doc: Y.Doc) => void doc.getMap('state').set('a', new Y.XmlText('x'))],
    ['a map under a key', (doc: Y.Doc) => void doc.getMap('state').set('a', new Y.Map())],
    ['bytes under a key', (doc: Y.Doc) => void doc.getMap('state').set('a', new Uint8Array(3))],
    ['a document under a key', (doc: Y.Doc) => void doc.getMap('state').set('a', new Y.Doc())],
    ['a key that reaches prototypes', (doc: Y.Doc) => void doc.getMap('state').set('__proto__', 1)],
    [
      'a name in a value that reaches prototypes',
      (doc: Y.Doc) => void doc.getMap('state').set('a', JSON.parse('{"__proto__":1}')),
    ],
    ['a key without end', (doc: Y.Doc) => void doc.getMap('state').set('k'.repeat(257), 1)],
    ['another root', (doc: Y.Doc) => void doc.getMap('more').set('a', 1)],
  ])('refuses %s', (_what, deed) => {
    const replica = new Replica();
    expect(replica.take(ONE, written(ONE, empty, deed)[0]!)).toBe(false);
    replica.expectSound();
  });

  it('admits alike in every order, and comes to the same, whatever two members do', () => {
    const deeds = fc.array(fc.tuple(fc.nat(3), fc.jsonValue({ maxDepth: 3 }), fc.boolean()), { maxLength: 8 });
    fc.assert(
      fc.property(deeds, deeds, (mine, theirs) => {
        const base = new Y.Doc();
        const first = written(ONE, base, made);
        for (const update of first) Y.applyUpdate(base, update);
        const acts = (author: Author, all: typeof mine): Bytes[] =>
          written(
            author,
            base,
            ...all.map(([key, value, isSet]) => (doc: Y.Doc) => {
              if (isSet) doc.getMap('state').set(`key ${key}`, value);
              else doc.getMap('state').delete(`key ${key}`);
            }),
          );
        // The maker goes on in the clock it began.
        const own = acts(ONE, mine);
        const others = acts(OTHER, theirs);
        const [a, b] = [new Replica(), new Replica()];
        for (const replica of [a, b]) for (const update of first) expect(replica.take(ONE, update)).toBe(true);
        const verdicts = (replica: Replica, author: Author, updates: Bytes[]): boolean[] =>
          updates.map((update) => replica.take(author, update));
        const [ownA, otherA] = [verdicts(a, ONE, own), verdicts(a, OTHER, others)];
        const otherB = verdicts(b, OTHER, others);
        const ownB = verdicts(b, ONE, own);
        expect([ownB, otherB]).toEqual([ownA, otherA]);
        for (const replica of [a, b]) replica.expectSound();
        expect(contentHash(b.doc)).toBe(contentHash(a.doc));
      }),
      { numRuns: 200 },
    );
  });

  it('keeps an honest member heard, whatever one byte somebody changes', () => {
    const [update] = written(OTHER, empty, (doc) => {
      made(doc);
      doc.getMap('state').set('a', [1, 'two', { three: null }]);
    });
    for (let at = 0; at < update!.length; at++) {
      const replica = new Replica();
      for (const value of [0, 0x7f, 0x80, 0xff, update![at]! ^ 1]) {
        const changed = update!.slice();
        changed[at] = value;
        replica.take(OTHER, changed);
      }
      replica.expectSound();
      expect(replica.take(ONE, written(ONE, replica.doc, (doc) => void doc.getMap('state').set('mine', 1))[0]!)).toBe(
        true,
      );
    }
  });
});

describe('what a document holds', () => {
  it('is text as long as there is text: a tool put beside it hides nothing', () => {
    const doc = new Y.Doc();
    made(doc);
    expect(kindOf(doc)).toBe('tool');
    typed(doc);
    expect(kindOf(doc)).toBe('text');
    doc.getXmlFragment('body').delete(0, 1);
    expect(kindOf(doc)).toBe('tool');
  });

  it('is no tool where the code is none, or longer than one message carries', () => {
    const doc = new Y.Doc();
    expect(toolOf(doc)).toBeUndefined();
    for (const code of [7, '', 'é'.repeat(MAX_TOOL_BYTES / 2 + 1), ['x']]) {
      doc.getMap('tool').set('code', code);
      expect(toolOf(doc)).toBeUndefined();
    }
    doc.getMap('tool').set('code', 'é'.repeat(MAX_TOOL_BYTES / 2));
    expect(kindOf(doc)).toBe('tool');
  });

  it('is written under the lowest schema that has room: texts stay open to older apps', () => {
    const doc = new Y.Doc();
    typed(doc);
    expect(toolOf(doc)).toBeUndefined();
    expect(schemaWritten(doc)).toBe(1);
    made(doc);
    expect(schemaWritten(doc)).toBe(2);
    expect(schemaMode(2)).toBe('edit');
    expect(schemaMode(2, 1)).toBe('read-only-newer');
    expect(schemaMode(SCHEMA_VERSION + 1)).toBe('read-only-newer');
  });

  it('looks the same whether or not somebody looked for a tool', () => {
    const doc = new Y.Doc();
    typed(doc);
    const before = contentHash(doc);
    doc.getMap('state');
    expect(contentHash(doc)).toBe(before);
    doc.getMap('state').set('a', 1);
    expect(contentHash(doc)).not.toBe(before);
  });

  it('goes to other readers with its entries, and what came late follows where nobody was faster', () => {
    const [from, to] = [new Y.Doc(), new Y.Doc()];
    made(from);
    from.getMap('state').set('kept', 1);
    from.getMap('state').set('both', 1);
    copyContent(from, to);
    const base = blockHashes(from);
    expect(toolOf(to)).toBe(CODE);
    from.getMap('state').set('late', 'new');
    from.getMap('state').set('both', 'late');
    from.getMap('state').set('kept', 2);
    to.getMap('state').set('both', 'there');
    const added = appendNew(from, to, new Set(base));
    expect(added).toHaveLength(2);
    expect(to.getMap('state').toJSON()).toEqual({ kept: 2, both: 'there', late: 'new' });
    expect(appendNew(from, to, new Set([...base, ...added]))).toEqual([]);
  });
});
