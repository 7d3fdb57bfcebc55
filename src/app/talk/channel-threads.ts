// The threads of one channel (core/chat/SPEC.md §6): which messages stand in the channel and which behind the message
// that begins a thread, what is unread where, and how far each was read. What stands where depends on the messages
// alone, not on the order in which they came.

import type { MessageId } from '#core/charter/ids.ts';
import { comparePlaces, type Place } from '#core/chain/place.ts';
import type { Timeline } from '#core/chat/timeline.ts';
import { allCame, takeElsewhere } from './read-elsewhere.ts';
import { readOn, type JustRead, type ReadElsewhere, type ReadMark } from './read-mark.ts';
import type { Answers, Message, TimelineEntry } from './talk-api.ts';

/** A thread by the message that begins it; `undefined`: the channel itself. */
export type Thread = MessageId | undefined;

interface Unread extends Place {
  readonly says: Thread;
}

interface Looked {
  readonly entries: Timeline['entries'];
  readonly ids: readonly MessageId[];
  readonly firsts: ReadonlyMap<Thread, Unread>;
}

export interface Split {
  readonly channel: readonly TimelineEntry[];
  readonly threads: ReadonlyMap<MessageId, readonly Message[]>;
}

export class ChannelThreads {
  readonly #told: () => Timeline;
  readonly #reads: Map<Thread, ReadMark>;
  /** Messages by others that were not read, deleted ones too. */
  #unread = new Map<MessageId, Unread>();
  /** What was said to begin a thread, whether it is here or not. */
  #named = new Set<MessageId>();
  #looked: Looked | undefined;
  readonly #beginnings = new Map<MessageId, { readonly from: Message; readonly shown: Message }>();

  constructor(told: () => Timeline, reads: ReadonlyMap<Thread, ReadMark>) {
    this.#told = told;
    this.#reads = new Map(reads);
  }

  /** Has what another one was told from now on; how far it was read they know alike. */
  become(told: ChannelThreads): void {
    this.#unread = told.#unread;
    this.#looked = undefined;
    this.#named = told.#named;
    this.#beginnings.clear();
  }

  /** How far what says it belongs to a thread, or to none, was read. */
  readOf(says: Thread): ReadMark | undefined {
    return this.#reads.get(says);
  }

  note(says: Thread): void {
    if (says !== undefined) this.#named.add(says);
  }

  noteUnread(id: MessageId, lamport: number, says: Thread): void {
    this.#unread.set(id, { id, lamport, says });
    this.#looked = undefined;
  }

  drop(id: MessageId): void {
    this.#unread.delete(id);
    this.#looked = undefined;
    this.#beginnings.delete(id);
  }

  /** Where a message stands. One whose beginning is not here, or is itself in a thread, stands in the channel. */
  threadOf(says: Thread): Thread {
    const begins = says === undefined ? undefined : this.#told().get(says);
    return begins === undefined || begins.thread !== undefined ? undefined : says;
  }

  /** Unread messages that have words; the same array until something changes. */
  get unread(): readonly MessageId[] {
    return this.#look().ids;
  }

  firstUnread(thread: Thread): MessageId | undefined {
    return this.#look().firsts.get(thread)?.id;
  }

  /** Gone through once for each change of what was told or read. */
  #look(): Looked {
    const told = this.#told();
    const { entries } = told;
    if (this.#looked?.entries === entries) return this.#looked;
    const ids: MessageId[] = [];
    const firsts = new Map<Thread, Unread>();
    for (const unread of this.#unread.values()) {
      const message = told.get(unread.id);
      if (message === undefined) continue;
      if (!message.deleted) ids.push(unread.id);
      const thread = this.threadOf(unread.says);
      const first = firsts.get(thread);
      if (first === undefined || comparePlaces(unread, first) < 0) firsts.set(thread, unread);
    }
    return (this.#looked = { entries, ids, firsts });
  }

  /**
   * The person has seen a thread, or the channel without its threads, up to a message: the marks that are new. What
   * stands in the channel for want of its beginning is marked by the thread that it names.
   */
  markRead(upTo: Place, thread: Thread, arrivals: number): ReadonlyMap<Thread, JustRead> {
    const seen = new Map<Thread, MessageId[]>([[thread, []]]);
    this.#looked = undefined;
    for (const [id, unread] of this.#unread) {
      if (comparePlaces(unread, upTo) > 0 || this.threadOf(unread.says) !== thread) continue;
      this.#unread.delete(id);
      const ids = seen.get(unread.says);
      if (ids === undefined) seen.set(unread.says, [id]);
      else ids.push(id);
    }
    const marks = new Map<Thread, JustRead>();
    for (const [says, ids] of seen) {
      const before = this.#reads.get(says);
      const isBehind = before !== undefined && comparePlaces(upTo, before) <= 0;
      if (isBehind && ids.length === 0) continue;
      marks.set(says, { mark: readOn(before, isBehind ? before : upTo, arrivals), ids });
    }
    for (const [says, { mark }] of marks) this.#reads.set(says, mark);
    return marks;
  }

  /** They saw it on another of their devices: the mark of what says it belongs to a thread, or to none. */
  readElsewhere(told: ReadElsewhere, says: Thread, arrivals: number): ReadMark {
    this.#looked = undefined;
    const unread = new Map([...this.#unread].filter(([, one]) => one.says === says));
    const before = [...unread.keys()];
    const find = (id: MessageId): Place | undefined => this.#told().get(id);
    const mark = takeElsewhere(this.#reads.get(says), told, { unread, find, arrivals });
    for (const id of before) if (!unread.has(id)) this.#unread.delete(id);
    this.#reads.set(says, mark);
    return mark;
  }

  /** Marks that another device gave, now that all it had then is here. */
  allCame(arrivals: number): ReadonlyMap<Thread, ReadMark> {
    const marks = new Map<Thread, ReadMark>();
    for (const [says, mark] of this.#reads) {
      const unread = new Map([...this.#unread].filter(([, one]) => one.says === says));
      const now = allCame(mark, { unread, arrivals });
      if (now !== mark) marks.set(says, now);
    }
    for (const [says, mark] of marks) this.#reads.set(says, mark);
    return marks;
  }

  /** How far all was read that says it belongs to a thread, or to none. */
  get reads(): ReadonlyMap<Thread, ReadMark> {
    return this.#reads;
  }

  /** What stands in the channel, with what is to be said of each thread, and what stands in threads. */
  split(entries: readonly TimelineEntry[]): Split {
    const threads = new Map<MessageId, Message[]>();
    for (const begins of this.#named) if (this.threadOf(begins) !== undefined) threads.set(begins, []);
    if (threads.size === 0) return { channel: entries, threads };
    const channel: TimelineEntry[] = [];
    for (const entry of entries) {
      const answers = entry.is === 'message' && entry.thread !== undefined ? threads.get(entry.thread) : undefined;
      if (answers !== undefined && entry.is === 'message') answers.push(entry);
      else channel.push(entry);
    }
    const unread = this.#unreadIn();
    const told = channel.map((entry) => {
      const answers = entry.is === 'message' ? threads.get(entry.id) : undefined;
      return answers === undefined ? entry : this.#beginning(entry as Message, answers, unread.get(entry.id) ?? 0);
    });
    return { channel: told, threads };
  }

  #unreadIn(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { id, says } of this.#unread.values()) {
      if (says !== undefined && this.#told().get(id)?.deleted === false) counts.set(says, (counts.get(says) ?? 0) + 1);
    }
    return counts;
  }

  /** The same object as long as nothing is to be said otherwise. */
  #beginning(from: Message, said: readonly Message[], unread: number): Message {
    const count = said.filter(({ deleted }) => !deleted).length;
    if (count === 0) {
      this.#beginnings.delete(from.id);
      return from;
    }
    const last = said.reduce((latest, { at }) => Math.max(latest, at), 0) as Answers['last'];
    const known = this.#beginnings.get(from.id);
    const before = known?.from === from ? known.shown.answers : undefined;
    if (known !== undefined && before?.count === count && before.unread === unread && before.last === last) {
      return known.shown;
    }
    const shown: Message = { ...from, answers: { count, unread, last } };
    this.#beginnings.set(from.id, { from, shown });
    return shown;
  }
}
