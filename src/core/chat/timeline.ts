// The fold of chat, edit and delete messages into what a person reads (SPEC.md §2). Order is content order (lamport,
// then id); the result depends on the set of messages alone, not on the order in which they came.
//
// Invariants
// 1. Two timelines that were given the same messages have equal entries.
// 2. An entry that did not change keeps its identity over snapshots.
// 3. After a delete nothing of the text is left in here, whichever of the two came first; what was dropped leaves no entry.

import { comparePlaces, type Place } from '../chain/place.ts';
import type { MessageId, PrincipalId } from '../charter/ids.ts';
import type { Millis } from '../ports.ts';
import type { ChatBody } from './body.ts';

export interface ToldMessage extends Place {
  /** The principal, not the device: a person's devices may edit each other's messages. */
  readonly author: PrincipalId;
  readonly mine: boolean;
  /** When this device heard it, by its own clock. */
  readonly heardAt: Millis;
  /** How many messages of the space this device had stored before; the same after a restart. */
  readonly arrival: number;
  /** `undefined`: shredded. Its author stays known from the header. */
  readonly body: ChatBody | undefined;
}

/** What an entry shows; the session adds the delivery state. */
export interface TimelineMessage extends Place {
  readonly author: PrincipalId;
  readonly mine: boolean;
  readonly arrival: number;
  readonly heardAt: Millis;
  readonly text: string;
  readonly at: Millis;
  readonly edited: boolean;
  readonly deleted: boolean;
  readonly replyTo: { readonly id: MessageId; readonly text: string; readonly mine: boolean } | undefined;
  /** The message that begins the thread it was said in, if it says one. */
  readonly thread?: MessageId | undefined;
}

/** A wrong clock may claim any time; nothing counts as said later than this device heard it plus this much. */
export const CLOCK_TOLERANCE = 120_000;
/** How much of a message stands above a reply to it, in UTF-16 units. */
const PREVIEW_UNITS = 160;

interface Edit extends Place {
  readonly author: PrincipalId;
  readonly text: string;
}

interface Deletion extends Place {
  readonly author: PrincipalId;
}

/** What a message added to the timeline did, for whoever stores bodies. */
export interface Added {
  /** Messages whose bodies must be destroyed now: the deleted one and the edits of it. */
  readonly shred: readonly MessageId[];
}

const nothing: Added = { shred: [] };

export class Timeline {
  #entries: TimelineMessage[] = [];
  #snapshot: readonly TimelineMessage[] | undefined;
  #sameUntil = 0;
  readonly #chats = new Map<MessageId, TimelineMessage>();
  readonly #replies = new Map<MessageId, Set<MessageId>>();
  readonly #edits = new Map<MessageId, Edit[]>();
  readonly #deletions = new Map<MessageId, Deletion[]>();
  readonly #seen = new Set<MessageId>();

  /** All entries, oldest first. The same array until something changes. */
  get entries(): readonly TimelineMessage[] {
    this.#snapshot ??= [...this.#entries];
    return this.#snapshot;
  }

  /** How many of the first entries are what they were when this was last asked: for the one who draws them up. */
  takeUnchanged(): number {
    const unchanged = this.#sameUntil;
    this.#sameUntil = this.#entries.length;
    return unchanged;
  }

  get(id: MessageId): TimelineMessage | undefined {
    return this.#chats.get(id);
  }

  /** Takes a message in; a second time changes nothing. */
  add(message: ToldMessage): Added {
    if (this.#seen.has(message.id)) return nothing;
    this.#seen.add(message.id);
    const { body } = message;
    if (body === undefined) return nothing;
    switch (body.kind) {
      case 'chat':
        return this.#addChat(message, body);
      case 'edit':
        return this.#addEdit(message, body);
      case 'delete':
        return this.#addDeletion(message, body.target);
      case 'profile':
        return nothing;
    }
  }

  /** A chat message of which only the header is left: shown as deleted. */
  addShredded(message: Omit<ToldMessage, 'body'> & Pick<TimelineMessage, 'thread'>): void {
    if (this.#seen.has(message.id)) return;
    this.#seen.add(message.id);
    const { id, lamport, author, mine, arrival, heardAt, thread } = message;
    const gone = { text: '', at: heardAt, edited: false, deleted: true, replyTo: undefined };
    this.#insert({ id, lamport, author, mine, arrival, heardAt, thread, ...gone });
  }

  /** A message whose time is over: as if it had never been told, also when it is told once more. */
  drop(id: MessageId): void {
    this.#seen.add(id);
    this.#edits.delete(id);
    this.#deletions.delete(id);
    for (const [target, edits] of this.#edits) {
      const rest = edits.filter((edit) => edit.id !== id);
      if (rest.length < edits.length) this.#edits.set(target, rest);
    }
    const chat = this.#chats.get(id);
    if (chat === undefined) return;
    const at = this.#find(chat);
    this.#chats.delete(id);
    this.#entries.splice(at, 1);
    this.#changedAt(at);
    if (chat.replyTo !== undefined) this.#replies.get(chat.replyTo.id)?.delete(id);
    this.#refreshReplies(id);
  }

  #addChat(message: ToldMessage, body: Extract<ChatBody, { kind: 'chat' }>): Added {
    const { id, lamport, author, mine, arrival, heardAt } = message;
    const at = Math.min(body.at, heardAt + CLOCK_TOLERANCE) as Millis;
    const { text, thread } = body;
    const plain = { id, lamport, author, mine, arrival, heardAt, text, at, edited: false, deleted: false, thread };
    if (body.replyTo !== undefined) this.#noteReply(body.replyTo, id);
    this.#insert({ ...plain, replyTo: this.#preview(body.replyTo) });
    if (this.#deletions.get(id)?.some((deletion) => deletion.author === author)) return this.#shred(id);
    this.#applyEdits(id);
    return nothing;
  }

  #addEdit(message: ToldMessage, body: Extract<ChatBody, { kind: 'edit' }>): Added {
    const { target, text } = body;
    const chat = this.#chats.get(target);
    if (chat !== undefined && chat.author !== message.author) return nothing;
    if (chat?.deleted === true) return { shred: [message.id] };
    const edits = this.#edits.get(target) ?? [];
    edits.push({ id: message.id, lamport: message.lamport, author: message.author, text });
    this.#edits.set(target, edits);
    if (chat !== undefined) this.#applyEdits(target);
    return nothing;
  }

  #addDeletion(message: ToldMessage, target: MessageId): Added {
    const chat = this.#chats.get(target);
    if (chat !== undefined) return chat.author === message.author && !chat.deleted ? this.#shred(target) : nothing;
    const deletions = this.#deletions.get(target) ?? [];
    deletions.push({ id: message.id, lamport: message.lamport, author: message.author });
    this.#deletions.set(target, deletions);
    return nothing;
  }

  #applyEdits(target: MessageId): void {
    const chat = this.#chats.get(target);
    const edits = this.#edits.get(target)?.filter((edit) => edit.author === chat?.author);
    if (chat === undefined || edits === undefined || edits.length === 0) return;
    const last = edits.reduce((a, b) => (comparePlaces(a, b) < 0 ? b : a));
    this.#replace({ ...chat, text: last.text, edited: true });
  }

  #shred(target: MessageId): Added {
    const chat = this.#chats.get(target);
    if (chat === undefined) return nothing;
    const edits = (this.#edits.get(target) ?? []).filter((edit) => edit.author === chat.author);
    this.#edits.delete(target);
    this.#deletions.delete(target);
    this.#replace({ ...chat, text: '', at: chat.heardAt, edited: false, deleted: true, replyTo: undefined });
    return { shred: [target, ...edits.map((edit) => edit.id)] };
  }

  #noteReply(to: MessageId, from: MessageId): void {
    const replies = this.#replies.get(to) ?? new Set();
    replies.add(from);
    this.#replies.set(to, replies);
  }

  #preview(id: MessageId | undefined): TimelineMessage['replyTo'] {
    if (id === undefined) return undefined;
    const chat = this.#chats.get(id);
    const text = (chat?.text ?? '').slice(0, PREVIEW_UNITS).toWellFormed();
    return { id, text, mine: chat?.mine ?? false };
  }

  #insert(entry: TimelineMessage): void {
    this.#chats.set(entry.id, entry);
    const last = this.#entries.at(-1);
    const isLast = last === undefined || comparePlaces(last, entry) < 0;
    const at = isLast ? this.#entries.length : this.#find(entry);
    // Putting something in before nothing costs many times as much.
    if (isLast) this.#entries.push(entry);
    else this.#entries.splice(at, 0, entry);
    this.#changedAt(at);
    this.#refreshReplies(entry.id);
  }

  #replace(entry: TimelineMessage): void {
    this.#chats.set(entry.id, entry);
    const at = this.#find(entry);
    this.#entries[at] = entry;
    this.#changedAt(at);
    this.#refreshReplies(entry.id);
  }

  /** Replies show the beginning of what they answer, also after it changed. */
  #refreshReplies(id: MessageId): void {
    for (const reply of this.#replies.get(id) ?? []) {
      const chat = this.#chats.get(reply);
      if (chat === undefined || chat.deleted) continue;
      const changed = { ...chat, replyTo: this.#preview(id) };
      this.#chats.set(reply, changed);
      const at = this.#find(chat);
      this.#entries[at] = changed;
      this.#changedAt(at);
    }
  }

  #changedAt(at: number): void {
    this.#snapshot = undefined;
    this.#sameUntil = Math.min(this.#sameUntil, at);
  }

  /** Where a place is, or would be. */
  #find(place: Place): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (comparePlaces(this.#entries[middle]!, place) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
