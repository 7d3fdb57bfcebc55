// A channel in memory: many authors, and somebody who answers after a moment.

import type { Answer, Channel, ChannelTalk, PersonId, Pin } from '#app/groups/group-api.ts';
import type { Delivery, Message, MessageId, SendResult, TimelineEntry } from '#app/talk/talk-api.ts';
import { LiveValue } from '#app/live-value.ts';
import type { Millis } from '#core/ports.ts';

const MINUTE = 60_000;
let made = 0;

/** What was said before: by whom (`undefined`: oneself), and how many minutes after the one before. */
export interface Said {
  readonly by: PersonId | undefined;
  readonly text: string;
  readonly after?: number;
  readonly reply?: number;
  readonly pinned?: boolean;
  /** In a thread that it begins; none of it was read. */
  readonly answers?: readonly Said[];
}

export class MemoryChannel implements ChannelTalk {
  readonly channel: LiveValue<Channel>;
  readonly timeline: LiveValue<readonly TimelineEntry[]>;
  readonly draft = new LiveValue('');
  readonly firstUnread: LiveValue<MessageId | undefined>;
  readonly pins = new LiveValue<readonly Pin[]>([]);
  readonly #threads = new Map<MessageId, MemoryChannel>();
  readonly #me: PersonId;
  readonly #answers: PersonId | undefined;
  readonly #changed: () => void;

  constructor(
    channel: Channel,
    options: {
      readonly me: PersonId;
      readonly said: readonly Said[];
      /** Minutes since the last message. */
      readonly quiet?: number | undefined;
      readonly answers: PersonId | undefined;
      readonly changed: () => void;
      /** Of a thread. */
      readonly begins?: Message;
    },
  ) {
    this.channel = new LiveValue(channel);
    this.#me = options.me;
    this.#answers = options.answers;
    this.#changed = options.changed;
    const history = this.#history(options.said, options.quiet ?? 9);
    this.timeline = new LiveValue<readonly TimelineEntry[]>([...(options.begins ? [options.begins] : []), ...history]);
    options.said.forEach(({ pinned }, i) => {
      const message = this.timeline.current[i];
      if (pinned === true && message?.is === 'message') void this.setPinned(message.id, true);
    });
    options.said.forEach(({ answers = [] }, i) => {
      const begins = history[i]!.id;
      if (answers.length === 0) return;
      this.thread(begins, answers);
      this.#countAnswers(begins, answers.length);
    });
    const first = this.timeline.current.at(-channel.unread);
    this.firstUnread = new LiveValue<MessageId | undefined>(
      channel.unread > 0 && first?.is === 'message' ? first.id : undefined,
    );
  }

  setDraft(text: string): void {
    this.draft.set(text);
  }

  send(text: string, replyTo?: MessageId): Promise<SendResult> {
    if (text.trim() === '') return Promise.resolve('empty');
    const message = this.#message({ by: undefined, text }, Date.now(), this.#find(replyTo));
    this.timeline.set([...this.timeline.current, { ...message, delivery: 'sending' }]);
    const steps: readonly Delivery[] = ['waiting', 'relay', 'delivered'];
    steps.forEach((delivery, index) => setTimeout(() => this.#change(message.id, { delivery }), 200 + index * 500));
    const by = this.#answers;
    if (by !== undefined) setTimeout(() => this.#add({ by, text: `I read: ${text}` }), 2_500);
    this.#changed();
    return Promise.resolve('saved');
  }

  edit(message: MessageId, text: string): Promise<SendResult> {
    this.#change(message, { text, edited: true });
    return Promise.resolve('saved');
  }

  deleteForAll(message: MessageId): Promise<SendResult> {
    this.#change(message, { text: '', deleted: true });
    this.pins.set(this.pins.current.filter((pin) => pin.message.id !== message));
    return Promise.resolve('saved');
  }

  setPinned(id: MessageId, pinned: boolean): Promise<Answer> {
    const message = this.#find(id);
    if (message === undefined) return Promise.resolve('gone');
    const others = this.pins.current.filter((pin) => pin.message.id !== id);
    this.pins.set(pinned ? [{ message, by: this.#me }, ...others] : others);
    return Promise.resolve('done');
  }

  thread(begins: MessageId, said: readonly Said[] = []): MemoryChannel {
    let thread = this.#threads.get(begins);
    if (thread === undefined) {
      const channel = { ...this.channel.current, unread: said.length };
      const message = this.#find(begins);
      thread = new MemoryChannel(channel, {
        me: this.#me,
        said,
        quiet: 1,
        answers: undefined,
        changed: () => this.#countAnswers(begins, 0),
        ...(message === undefined ? {} : { begins: message }),
      });
      this.#threads.set(begins, thread);
    }
    return thread;
  }

  threadOf(message: MessageId): MessageId | undefined {
    const found = [...this.#threads].find(([begins, thread]) => begins !== message && thread.#find(message));
    return found?.[0];
  }

  #countAnswers(begins: MessageId, unread: number): void {
    const entries = this.#threads.get(begins)!.timeline.current;
    const last = entries.at(-1);
    if (entries.length < 2 || last?.is !== 'message') return;
    this.#change(begins, { answers: { count: entries.length - 1, unread, last: last.at } });
  }

  markRead(): void {
    if (this.channel.current.unread === 0) return;
    this.channel.set({ ...this.channel.current, unread: 0, mentions: 0 });
    this.#changed();
  }

  get last(): Message | undefined {
    const last = this.timeline.current.findLast((entry) => entry.is === 'message');
    return last?.is === 'message' ? last : undefined;
  }

  #add(said: Said): void {
    this.timeline.set([...this.timeline.current, this.#message(said, Date.now(), undefined)]);
    this.#changed();
  }

  #find(id: MessageId | undefined): Message | undefined {
    const found = this.timeline.current.find((entry) => entry.id === id);
    return found?.is === 'message' ? found : undefined;
  }

  #change(id: MessageId, change: Partial<Message>): void {
    this.timeline.set(
      this.timeline.current.map((entry) =>
        entry.id === id && entry.is === 'message' ? { ...entry, ...change } : entry,
      ),
    );
  }

  #history(said: readonly Said[], quiet: number): readonly Message[] {
    const length = said.reduce((sum, { after = 20 }) => sum + after, 0);
    let at = Date.now() - (length + quiet) * MINUTE;
    const entries: Message[] = [];
    for (const one of said) {
      at += (one.after ?? 20) * MINUTE;
      entries.push(this.#message(one, at, one.reply === undefined ? undefined : entries[one.reply]));
    }
    return entries;
  }

  #message(said: Said, at: number, quoted: Message | undefined): Message {
    const mine = said.by === undefined;
    return {
      is: 'message',
      id: `channel message ${made++}` as MessageId,
      mine,
      by: said.by ?? this.#me,
      text: said.text,
      at: at as Millis,
      edited: false,
      deleted: false,
      replyTo: quoted && { id: quoted.id, text: quoted.text, mine: quoted.mine, by: quoted.by },
      delivery: mine ? 'delivered' : undefined,
    };
  }
}
