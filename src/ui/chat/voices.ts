// Who speaks in a conversation, as the screen tells them apart: two, or many with names at their words.

import { mentionsIn, type Named } from '#app/talk/mentions.ts';
import type { Message, PersonId, Quoted } from '#app/talk/talk-api.ts';
import { m } from '#texts/messages.js';
import { linkedText, type Piece } from './linked-text.ts';

export interface Voices {
  readonly nameOf: (said: Message | Quoted) => string;
  /** Who can be named with an @: nobody between two. */
  readonly named: readonly Named[];
  readonly me: PersonId | undefined;
}

export type RichPiece = Piece | { readonly is: 'mention'; readonly text: string; readonly isMe: boolean };

export function twoVoices(name: string): Voices {
  return { nameOf: ({ mine }) => (mine ? m.chat_me() : name), named: [], me: undefined };
}

export function manyVoices(people: readonly (Named & { readonly isMe: boolean; readonly isIn: boolean })[]): Voices {
  const names = new Map(people.map(({ id, name }) => [id, name]));
  return {
    nameOf: ({ mine, by }) => (mine ? m.chat_me() : ((by && names.get(by)) ?? m.somebody())),
    named: people.filter(({ isIn }) => isIn),
    me: people.find(({ isMe }) => isMe)?.id,
  };
}

/** A text with its links and the people it names. */
export function richText(text: string, { named, me }: Voices): readonly RichPiece[] {
  const pieces = linkedText(text);
  if (named.length === 0 || !text.includes('@')) return pieces;
  return pieces.flatMap((piece) => (piece.is === 'text' ? withMentions(piece.text, named, me) : piece));
}

function withMentions(text: string, named: readonly Named[], me: PersonId | undefined): readonly RichPiece[] {
  const pieces: RichPiece[] = [];
  let from = 0;
  const all = mentionsIn(text, named);
  for (const { start, end } of all) {
    // Two people with one name stand in one place.
    if (start < from) continue;
    if (start > from) pieces.push({ is: 'text', text: text.slice(from, start) });
    const isMe = all.some((one) => one.start === start && one.person === me);
    pieces.push({ is: 'mention', text: text.slice(start, end), isMe });
    from = end;
  }
  if (from < text.length) pieces.push({ is: 'text', text: text.slice(from) });
  return pieces;
}
