// What a document says, made once more in another one: a document that goes to other readers takes along what it says
// and nothing of how it came about.

import { XmlElement, XmlText, type Doc, type XmlFragment } from 'yjs';
import { hex, utf8 } from '../bytes/bytes.ts';
import { hash } from '../crypto/hash.ts';
import { canonical } from './content-hash.ts';
import { entriesOf } from './tool.ts';

type Block = XmlElement | XmlText;

/** Writes into `to`, which says nothing yet, what `from` says. */
export function copyContent(from: Doc, to: Doc): void {
  const blocks = blocksOf(from).map(({ clone }) => clone());
  to.transact(() => {
    to.getXmlFragment('body').insert(0, blocks);
    const meta = to.getMap('meta');
    for (const [key, value] of from.getMap('meta')) meta.set(key, value);
    for (const { root, key, value } of entriesIn(from)) to.getMap(root).set(key, value);
  });
}

/** What the top-level blocks of a document say, and the entries of a tool, one hash for each. */
export function blockHashes(doc: Doc): readonly string[] {
  return [...blocksOf(doc), ...entriesIn(doc)].map(({ says }) => says);
}

/**
 * Puts at the end of `to` those blocks of `from` that say none of what is known, and entries where `to` still has what is
 * known; gives their hashes.
 */
export function appendNew(from: Doc, to: Doc, known: ReadonlySet<string>): readonly string[] {
  return [...appendNewBlocks(from, to, known), ...appendNewEntries(from, to, known)];
}

function appendNewEntries(from: Doc, to: Doc, known: ReadonlySet<string>): readonly string[] {
  const there = new Map(entriesIn(to).map(({ root, key, says }) => [`${root} ${key}`, says]));
  const fresh = entriesIn(from).filter(({ root, key, says }) => {
    const now = there.get(`${root} ${key}`);
    return !known.has(says) && (now === undefined || known.has(now));
  });
  if (fresh.length > 0) {
    to.transact(() => {
      for (const { root, key, value } of fresh) to.getMap(root).set(key, value);
    });
  }
  return fresh.map(({ says }) => says);
}

function appendNewBlocks(from: Doc, to: Doc, known: ReadonlySet<string>): readonly string[] {
  const fresh = blocksOf(from).filter(({ says, isEmpty }) => !isEmpty && !known.has(says));
  const blocks = fresh.map(({ clone }) => clone());
  if (blocks.length > 0) {
    const body = to.getXmlFragment('body');
    to.transact(() => body.insert(body.length, blocks));
  }
  return fresh.map(({ says }) => says);
}

interface FoundEntry {
  readonly root: 'tool' | 'state';
  readonly key: string;
  readonly value: unknown;
  readonly says: string;
}

function entriesIn(doc: Doc): readonly FoundEntry[] {
  return (['tool', 'state'] as const).flatMap((root) =>
    entriesOf(doc, root).map(({ key, value }) => {
      const says = hex.encode(hash('docContent', utf8(canonical([root, key, value])))).slice(0, 32);
      return { root, key, value, says };
    }),
  );
}

interface Found {
  readonly says: string;
  readonly isEmpty: boolean;
  readonly clone: () => Block;
}

function blocksOf(doc: Doc): readonly Found[] {
  const body: XmlFragment = doc.getXmlFragment('body');
  return body.toArray().flatMap((child): Found[] => {
    if (!(child instanceof XmlElement) && !(child instanceof XmlText)) return [];
    const spelled = child.toString();
    const isEmpty = spelled.replace(/<[^>]*>/g, '').trim() === '';
    return [{ says: hex.encode(hash('docContent', utf8(spelled))).slice(0, 32), isEmpty, clone: () => child.clone() }];
  });
}
