// What people were promised: each thing written, whether its saving was acknowledged, and what may become of it.

import type { DocumentId, MessageId } from '#app/api.ts';

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
export interface WrittenWord {
  readonly mark: string;
  readonly author: string;
  readonly document: DocumentId;
  isAcknowledged: boolean;
  wasDeleted: 'no' | 'tried' | 'acknowledged';
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

  typed(word: Pick<WrittenWord, 'mark' | 'author' | 'document'>): WrittenWord {
    const entry: WrittenWord = { ...word, isAcknowledged: false, wasDeleted: 'no' };
    this.words.set(entry.mark, entry);
    return entry;
  }
}

/** Marks look like `<p3.17>`: they survive any neighbour and no other contains them. */
const MARK = /<[a-z]+\d*\.\d+>/;
export const MARKS = /<[a-z]+\d*\.\d+>/g;

export function markIn(text: string): string | undefined {
  return MARK.exec(text)?.[0];
}
