// What people were promised: each thing written, whether its saving was acknowledged, and what may become of it.

import type { MessageId } from '#app/api.ts';
import type { DocumentId } from '#core/docs/doc-update.ts';
import type { ContentMessage } from '#app/space-content.ts';
import type { Typed } from './unwritten.ts';

/** One chat message by its author's own words; `mark` is in all its texts. */
export interface WrittenMessage {
  readonly mark: string;
  readonly author: string;
  readonly reader: string;
  isAcknowledged: boolean;
  id: MessageId | undefined;
  /** The text that was acknowledged last. */
  said: string;
  /** Texts it may have: that one, and those that were tried and never acknowledged. */
  texts: string[];
  wasDeleted: 'no' | 'tried' | 'acknowledged';
}

/** One word written into a document. */
export interface WrittenWord extends Typed {
  readonly mark: string;
  readonly author: string;
  /** How many words had been written before. */
  readonly before: number;
  isAcknowledged: boolean;
  wasDeleted: 'no' | 'tried' | 'acknowledged';
}

/** A message with a change of a document, as the app that made it was told of it. */
export interface SentChange extends Pick<ContentMessage, 'id' | 'space' | 'author' | 'incarnation' | 'body'> {
  readonly by: string;
  /** How many words had been written by then. */
  readonly words: number;
}

/** A document as its maker knows it. */
export interface MadeDocument {
  readonly id: DocumentId;
  readonly maker: string;
  readonly reader: string;
}

export class Ledger {
  readonly messages = new Map<string, WrittenMessage>();
  readonly #between = new Map<string, WrittenMessage[]>();
  readonly words = new Map<string, WrittenWord>();
  readonly documents: MadeDocument[] = [];
  readonly changes: SentChange[] = [];
  /** What was acknowledged and not there when somebody looked, even if it came back. */
  readonly missed = new Set<string>();
  operations = 0;

  wrote(message: Pick<WrittenMessage, 'mark' | 'author' | 'reader'>, text: string): WrittenMessage {
    const entry: WrittenMessage = {
      ...message,
      isAcknowledged: false,
      id: undefined,
      said: text,
      texts: [text],
      wasDeleted: 'no',
    };
    this.messages.set(entry.mark, entry);
    const between = `${entry.author}>${entry.reader}`;
    const earlier = this.#between.get(between);
    if (earlier === undefined) this.#between.set(between, [entry]);
    else earlier.push(entry);
    return entry;
  }

  messagesTo(author: string, reader: string): readonly WrittenMessage[] {
    return this.#between.get(`${author}>${reader}`) ?? [];
  }

  typed(word: Omit<WrittenWord, 'before' | 'isAcknowledged' | 'wasDeleted'>): WrittenWord {
    const entry: WrittenWord = { ...word, before: this.words.size, isAcknowledged: false, wasDeleted: 'no' };
    this.words.set(entry.mark, entry);
    return entry;
  }

  changed(by: string, { id, space, author, incarnation, body }: ContentMessage): void {
    this.changes.push({ id, space, author, incarnation, body: body.slice(), by, words: this.words.size });
  }
}

/** Marks look like `<p3.17>`: they survive any neighbour and no other contains them. */
const MARK = /<[a-z]+\d*\.\d+>/;
export const MARKS = /<[a-z]+\d*\.\d+>/g;

export function markIn(text: string): string | undefined {
  return MARK.exec(text)?.[0];
}
