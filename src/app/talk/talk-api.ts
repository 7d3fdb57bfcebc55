// What conversations are made of, between two and in groups: see api.ts, which offers all of it again.

import type { Brand } from '#core/bytes/brand.ts';
import type { Millis } from '#core/ports.ts';

/** A value that changes: read `current`, be called after each change. Never called while it is being read. */
export interface Live<T> {
  readonly current: T;
  subscribe(changed: () => void): () => void;
}

export type ContactId = Brand<string, 'ContactId'>;
export type MessageId = Brand<string, 'MessageId'>;
/** A person within one group; the same person has another id in every other group. */
export type PersonId = Brand<string, 'PersonId'>;

/** `damaged`: changed or cut. `foreign`: not one of ours. */
export type CodeProblem = 'expired' | 'damaged' | 'cut' | 'newer-version' | 'foreign';

export type SendResult = 'saved' | 'no-room' | 'too-long' | 'empty' | 'not-yours' | 'blocked';

/** Longest text of one message, in UTF-8 bytes. */
export const MAX_TEXT_BYTES = 16_000;

/** A conversation as the screens show and lead it, between two (`Conversation`) or among many (`ChannelTalk`). */
export interface Talk {
  /** Newest last. Replaced whole on change; unchanged messages keep their identity. */
  readonly timeline: Live<readonly TimelineEntry[]>;
  readonly draft: Live<string>;
  setDraft(text: string): void;
  /** Resolves when the message is saved on disk; it shows as `sending` before. */
  send(text: string, replyTo?: MessageId): Promise<SendResult>;
  edit(message: MessageId, text: string): Promise<SendResult>;
  deleteForAll(message: MessageId): Promise<SendResult>;
  /** The person has seen everything up to here; moves the unread divider. */
  markRead(upTo: MessageId): void;
  readonly firstUnread: Live<MessageId | undefined>;
}

export type TimelineEntry = Message | Gap;

export interface Message {
  readonly is: 'message';
  readonly id: MessageId;
  readonly mine: boolean;
  /** Who wrote it in a group; `undefined` where there are only two. */
  readonly by: PersonId | undefined;
  /** Empty when deleted. */
  readonly text: string;
  readonly at: Millis;
  readonly edited: boolean;
  readonly deleted: boolean;
  readonly replyTo: Quoted | undefined;
  /** For own messages only. */
  readonly delivery: Delivery | undefined;
  /** The message that begins the thread it was said in, if it says one. */
  readonly thread?: MessageId | undefined;
  /** What was answered in the thread that it begins, where it stands in its channel. */
  readonly answers?: Answers | undefined;
}

export interface Answers {
  readonly count: number;
  readonly unread: number;
  /** When the last one was given. */
  readonly last: Millis;
}

export interface Quoted {
  readonly id: MessageId;
  readonly text: string;
  readonly mine: boolean;
  readonly by: PersonId | undefined;
}

/** `sending`: not on disk yet. `waiting`: saved here only. `relay`: sealed at a relay. `delivered`: at their device. */
export type Delivery = 'sending' | 'waiting' | 'relay' | 'delivered';

export interface Gap {
  readonly is: 'gap';
  readonly id: string;
  readonly missing: number;
}
