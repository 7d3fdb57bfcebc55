// People and cards in memory.

import type { AnswerResult, Card, CardId, CodeReading, Contact, ContactId, People } from '#app/api.ts';
import { LiveValue } from '#app/live-value.ts';
import type { Millis, NetworkPolicy } from '#core/ports.ts';

const HOUR = 3_600_000;

function person(name: string, about: Partial<Contact> = {}): Contact {
  return {
    id: `contact ${name}` as ContactId,
    name: about.nickname ?? name,
    theirName: name,
    nickname: undefined,
    myName: 'Mara',
    nameWarning: undefined,
    confirmed: false,
    blocked: false,
    state: 'connected',
    policy: 'direct',
    presence: 'away',
    safetyNumber: '20481 77390 11462 90517 63308 45120 88714 02956 31875 56043 79228 14690',
    lastMessage: undefined,
    unread: 0,
    ...about,
  };
}

function said(text: string, hoursAgo: number, mine = false): Contact['lastMessage'] {
  return { text, at: (Date.now() - hoursAgo * HOUR) as Millis, mine };
}

function somePeople(): readonly Contact[] {
  return [
    person('Ines Okonkwo', {
      confirmed: true,
      presence: 'direct',
      unread: 3,
      lastMessage: said('Then Saturday at the mill. I bring the thermos and the good rope.', 0.2),
    }),
    person('Jonas', {
      nickname: 'Jonas (garden)',
      presence: 'relayed',
      lastMessage: said('The seed list is in the document now.', 3, true),
    }),
    person('ليلى منصور', { policy: 'relays', lastMessage: said('وصلت، شكرًا لك! أراك غدًا.', 26), unread: 1 }),
    person('Theo', { state: 'answered', lastMessage: said('Hello! I opened your card.', 50, true) }),
    person('Dаniel', { nameWarning: 'mixed-scripts', lastMessage: said('Hi, it is me, Daniel. New phone.', 100) }),
    person('Oskar', { state: 'void' }),
    person('Loud Neighbour', { blocked: true, lastMessage: said('CALL ME', 300) }),
  ];
}

export class MemoryPeople implements People {
  readonly contacts: LiveValue<readonly Contact[]>;
  readonly cards: LiveValue<readonly Card[]>;
  #made = 0;

  constructor(hasPeople: boolean) {
    this.contacts = new LiveValue<readonly Contact[]>(hasPeople ? somePeople() : []);
    this.cards = new LiveValue<readonly Card[]>([]);
    if (!hasPeople) return;
    for (const state of ['used', 'expired', 'void', 'open'] as const) this.#add('Mara', 72 * HOUR, state);
  }

  makeCard({ myName, validFor }: { readonly myName: string; readonly validFor: Millis }): Promise<Card> {
    return Promise.resolve(this.#add(myName, validFor, 'open'));
  }

  withdrawCard(card: CardId): Promise<void> {
    this.cards.set(this.cards.current.map((one) => (one.id === card ? { ...one, state: 'withdrawn', code: '' } : one)));
    return Promise.resolve();
  }

  readCode(code: string): CodeReading {
    const problem = (['expired', 'damaged', 'cut', 'newer-version', 'foreign', 'own-card'] as const).find((is) =>
      code.includes(is),
    );
    return problem === undefined ? { is: 'card', expiresAt: (Date.now() + 40 * HOUR) as Millis } : { is: problem };
  }

  answer(_code: string, myName: string): Promise<AnswerResult> {
    const made = person('Contact of a card', { myName, state: 'answered' });
    this.contacts.set([...this.contacts.current.filter(({ id }) => id !== made.id), made]);
    return Promise.resolve({ is: 'contact', contact: made.id });
  }

  setNickname(contact: ContactId, nickname: string): Promise<void> {
    return this.change(contact, (one) => ({
      nickname: nickname === '' ? undefined : nickname,
      name: nickname === '' ? one.theirName : nickname,
    }));
  }

  setPolicy(contact: ContactId, policy: NetworkPolicy): Promise<void> {
    return this.change(contact, () => ({ policy }));
  }

  setBlocked(contact: ContactId, blocked: boolean): Promise<void> {
    return this.change(contact, () => ({ blocked }));
  }

  confirm(contact: ContactId, confirmed: boolean): Promise<void> {
    return this.change(contact, () => ({ confirmed }));
  }

  change(contact: ContactId, how: (one: Contact) => Partial<Contact>): Promise<void> {
    this.contacts.set(this.contacts.current.map((one) => (one.id === contact ? { ...one, ...how(one) } : one)));
    return Promise.resolve();
  }

  #add(myName: string, validFor: number, state: Card['state']): Card {
    const code = `dXMx${'abcdefghijklmnopqrstuvwxyz0123456789'.repeat(8)}${this.#made}`;
    const now = Date.now();
    const card: Card = {
      id: `card ${this.#made++}` as CardId,
      code: state === 'open' ? code : '',
      myName,
      madeAt: (now - this.#made * HOUR) as Millis,
      expiresAt: (now + validFor) as Millis,
      state,
    };
    this.cards.set([...this.cards.current, card]);
    return card;
  }
}
