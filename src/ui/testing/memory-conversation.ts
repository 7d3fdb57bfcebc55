// A conversation in memory; the other side answers after a moment.

import type {
  Contact,
  ContactId,
  Conversation,
  Delivery,
  Live,
  Message,
  MessageId,
  SendResult,
  TimelineEntry,
} from '#app/api.ts';
import { LiveValue } from '#app/live-value.ts';
import type { Millis } from '#core/ports.ts';
import type { MemoryPeople } from './memory-people.ts';

const SAID = [
  'Morning! Did the rain get into the shed?',
  'A little. The tools are dry.',
  'Good. I looked at the map again: the path by the stream is open, see https://example.org/paths/stream?from=mill.',
  'Then Saturday?\nI could be at the mill by nine.',
  'هل يمكنك إحضار الخريطة معك؟',
  'Yes, and the good rope.',
];

export class MemoryConversation implements Conversation {
  readonly contact: Live<Contact>;
  readonly timeline: LiveValue<readonly TimelineEntry[]>;
  readonly draft = new LiveValue('');
  readonly firstUnread: LiveValue<MessageId | undefined>;
  #next = 0;

  constructor(people: MemoryPeople, contact: ContactId, messages: number) {
    this.contact = {
      get current() {
        return people.contacts.current.find(({ id }) => id === contact)!;
      },
      subscribe: (changed) => people.contacts.subscribe(changed),
    };
    this.timeline = new LiveValue<readonly TimelineEntry[]>(this.#history(messages));
    const unread = this.timeline.current.at(-this.contact.current.unread);
    this.firstUnread = new LiveValue<MessageId | undefined>(
      this.contact.current.unread > 0 && unread?.is === 'message' ? unread.id : undefined,
    );
    this.markRead = () => void people.change(contact, () => ({ unread: 0 }));
  }

  setDraft(text: string): void {
    this.draft.set(text);
  }

  send(text: string, replyTo?: MessageId): Promise<SendResult> {
    if (text.trim() === '') return Promise.resolve('empty');
    const quoted = this.#find(replyTo);
    const message = this.#message(text, true, Date.now(), 'sending', quoted);
    this.timeline.set([...this.timeline.current, message]);
    const steps: readonly Delivery[] = ['waiting', 'relay', 'delivered'];
    steps.forEach((delivery, index) => setTimeout(() => this.#change(message.id, { delivery }), 200 + index * 500));
    setTimeout(
      () => this.timeline.set([...this.timeline.current, this.#message(`I read: ${text}`, false, Date.now())]),
      2_500,
    );
    return Promise.resolve('saved');
  }

  edit(message: MessageId, text: string): Promise<SendResult> {
    this.#change(message, { text, edited: true });
    return Promise.resolve('saved');
  }

  deleteForAll(message: MessageId): Promise<SendResult> {
    this.#change(message, { text: '', deleted: true });
    return Promise.resolve('saved');
  }

  markRead: (upTo: MessageId) => void;

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

  #history(count: number): readonly TimelineEntry[] {
    const begin = Date.now() - count * 20 * 60_000;
    const entries: TimelineEntry[] = [];
    for (let index = 0; index < count; index += 1) {
      if (index === count - 5) entries.push({ is: 'gap', id: 'gap', missing: 3 });
      const mine = index % 6 === 1 || index % 6 === 3 || index % 6 === 5;
      const delivery: Delivery = index > count - 2 ? 'relay' : 'delivered';
      const quoted = entries.at(-2);
      entries.push({
        ...this.#message(
          SAID[index % SAID.length]!,
          mine,
          begin + index * 20 * 60_000,
          mine ? delivery : undefined,
          index % 6 === 5 && quoted?.is === 'message' ? quoted : undefined,
        ),
        edited: index % 11 === 3,
        deleted: index % 17 === 8,
        ...(index % 17 === 8 ? { text: '' } : {}),
      });
    }
    return entries;
  }

  #message(text: string, mine: boolean, at: number, delivery?: Delivery, quoted?: Message): Message {
    return {
      is: 'message',
      id: `message ${this.#next++}` as MessageId,
      mine,
      by: undefined,
      text,
      at: at as Millis,
      edited: false,
      deleted: false,
      replyTo: quoted && { id: quoted.id, text: quoted.text, mine: quoted.mine, by: undefined },
      delivery: mine ? (delivery ?? 'sending') : undefined,
    };
  }
}
