// What a document says, made once more in another one: a document that goes to other readers takes along what it says
// and nothing of how it came about.

import { XmlElement, XmlText, type Doc, type XmlFragment } from 'yjs';
import { hex, utf8 } from '../bytes/bytes.ts';
import { hash } from '../crypto/hash.ts';

type Block = XmlElement | XmlText;

/** Writes into `to`, which says nothing yet, what `from` says. */
export function copyContent(from: Doc, to: Doc): void {
  const blocks = blocksOf(from).map(({ clone }) => clone());
  to.transact(() => {
    to.getXmlFragment('body').insert(0, blocks);
    const meta = to.getMap('meta');
    for (const [key, value] of from.getMap('meta')) meta.set(key, value);
  });
}

/** What the top-level blocks of a document say, one hash for each. */
export function blockHashes(doc: Doc): readonly string[] {
  return blocksOf(doc).map(({ says }) => says);
}

/** Puts at the end of `to` those blocks of `from` that say none of what is known; gives their hashes. */
export function appendNewBlocks(from: Doc, to: Doc, known: ReadonlySet<string>): readonly string[] {
  const fresh = blocksOf(from).filter(({ says, isEmpty }) => !isEmpty && !known.has(says));
  const blocks = fresh.map(({ clone }) => clone());
  if (blocks.length > 0) {
    const body = to.getXmlFragment('body');
    to.transact(() => body.insert(body.length, blocks));
  }
  return fresh.map(({ says }) => says);
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
