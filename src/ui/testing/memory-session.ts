// A session in memory with a few people in it.

import type { Connection, ContactId, Conversation, Keeping, Session, Settings } from '#app/api.ts';
import { LiveValue } from '#app/live-value.ts';
import { MemoryConversation } from './memory-conversation.ts';
import { MemoryDocuments } from './memory-documents.ts';
import { MemoryGroups } from './memory-groups.ts';
import { MemoryOwnDevices } from './memory-own-devices.ts';
import { MemoryPeople } from './memory-people.ts';

const RELAY = '/dns4/attic.example/tcp/443/wss/p2p/12D3KooWExample';

export class MemorySession implements Session {
  readonly people: MemoryPeople;
  readonly documents: MemoryDocuments;
  readonly groups: MemoryGroups;
  readonly ownDevices: MemoryOwnDevices;
  readonly connection: LiveValue<Connection>;
  readonly keeping: LiveValue<Keeping>;
  readonly settings = new LiveValue<Settings>({
    lockAfterMinutes: 15,
    relays: [RELAY],
    theme: 'auto',
    language: undefined,
  });
  readonly #conversations = new Map<ContactId, MemoryConversation>();
  readonly #messages: number;

  constructor(messages: number) {
    this.#messages = messages;
    this.people = new MemoryPeople(messages > 0);
    this.ownDevices = new MemoryOwnDevices(messages > 0);
    this.documents = new MemoryDocuments(this.people.contacts.current.slice(0, 2).map(({ id }) => id));
    this.groups = new MemoryGroups(messages > 0, messages >= 10_000);
    const ids = this.people.contacts.current.map(({ id }) => id);
    this.connection = new LiveValue<Connection>({
      relays: [{ address: RELAY, state: 'connected' }],
      directWith: ids.slice(0, 1),
      relayedWith: ids.slice(1, 2),
      waiting: messages > 0 ? 2 : 0,
    });
    this.keeping = new LiveValue<Keeping>({
      persisted: messages > 0,
      lastBackup: undefined,
      usedBytes: 4_300_000,
      allowedBytes: 2_000_000_000,
      full: false,
      damagedRows: 0,
      gone: false,
    });
  }

  changeSettings(change: Partial<Settings>): Promise<void> {
    this.settings.set({ ...this.settings.current, ...change });
    return Promise.resolve();
  }

  conversation(contact: ContactId): Conversation {
    let found = this.#conversations.get(contact);
    if (found === undefined) {
      const isOld = this.people.contacts.current.findIndex(({ id }) => id === contact);
      found = new MemoryConversation(
        this.people,
        contact,
        isOld === 0 ? this.#messages : isOld > 0 && this.#messages > 0 ? 6 : 0,
      );
      this.#conversations.set(contact, found);
    }
    return found;
  }

  backUp(): Promise<Uint8Array> {
    this.keeping.set({ ...this.keeping.current, lastBackup: Date.now() as never });
    return Promise.resolve(new TextEncoder().encode('age-encryption.org/v1'));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
