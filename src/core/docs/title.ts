// A document's title as others wrote it: any value may stand there.

import type { Doc } from 'yjs';

/** Longest title shown, in UTF-16 units. The field for it allows as much. */
export const MAX_TITLE = 200;

/** The title, or an empty text where there is none. Not yet made safe to show. */
export function titleOf(doc: Doc): string {
  const title: unknown = doc.getMap('meta').get('title');
  return typeof title === 'string' ? title.slice(0, MAX_TITLE).toWellFormed() : '';
}

export function setTitle(doc: Doc, title: string): void {
  doc.getMap('meta').set('title', title.slice(0, MAX_TITLE).toWellFormed());
}
