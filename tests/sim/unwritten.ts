// Whether somebody who keeps no rules took a word out of a document as anybody may who writes there (docs/SPEC.md §4, §9).
// Told from messages alone: a range counts that lies within what its author had seen, or made themselves. A word whose
// letters never came into the document was not taken out of it by anybody.

import { getState, type Doc } from 'yjs';
import type { DocumentId } from '#core/docs/doc-update.ts';
import type { ContentMessage } from '#app/space-content.ts';
import { overlap, readChange, type Change, type Span } from './changes.ts';

/** A word where it was typed: its letters, and what they stand in. */
export interface Typed {
  readonly document: DocumentId;
  readonly letters: Span;
  readonly within: readonly Span[];
}

export interface Held {
  readonly doc: Doc;
  /** All messages with changes of documents that stand there. */
  readonly messages: readonly ContentMessage[];
  readonly isHostile: (message: ContentMessage) => boolean;
}

interface Said {
  readonly message: ContentMessage;
  readonly change: Change;
}

export function isUnwritten(word: Typed, { doc, messages, isHostile }: Held): boolean {
  if (getState(doc.store, word.letters.client) < word.letters.to) return false;
  const all = messages.flatMap((message): Said[] => {
    const change = readChange({ device: message.author, incarnation: message.incarnation }, message.body);
    return change?.document === word.document ? [{ message, change }] : [];
  });
  const places = [word.letters, ...word.within];
  return all.some((said) => {
    if (!isHostile(said.message)) return false;
    const gone = places.filter((place) => said.change.deletes.some((range) => overlap(range, place)));
    return gone.some((place) => mayDelete(said, place, all));
  });
}

function mayDelete({ message, change }: Said, place: Span, all: readonly Said[]): boolean {
  if (change.client === place.client) return true;
  return all.some((earlier) => {
    const { author, incarnation, seq } = earlier.message;
    const { brings } = earlier.change;
    if (brings?.client !== place.client || brings.to < place.to) return false;
    return message.past.reach(author, incarnation) > seq;
  });
}
