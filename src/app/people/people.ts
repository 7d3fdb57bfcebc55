// People as screens see them: contacts, cards, and what a person may do with both.

import { safeName } from '#core/identity/names.ts';
import { decodeCardCode, readCardCode } from '#core/identity/card-code.ts';
import { looksLikeDeviceCode } from '#core/identity/device-code.ts';
import { DAY, type Millis, type NetworkPolicy, type RelayAddress } from '#core/ports.ts';
import { shortened, MAX_NAME_BYTES } from '#core/wire/text.ts';
import type { AnswerResult, Card, CardId, CodeReading, Contact, ContactId, People } from '../api.ts';
import type { Cards } from './cards.ts';
import type { Disk } from '../disk.ts';
import type { EventQueue } from '../event-queue.ts';
import { LiveValue } from '../live-value.ts';
import type { Pair } from './pair.ts';
import { foundPair } from '../space/found.ts';
import type { Replica, SpaceContext } from '../space/replica.ts';

export interface PeoplePorts {
  readonly context: SpaceContext;
  readonly queue: EventQueue;
  readonly disk: Disk;
  readonly cards: Cards;
  readonly pairs: () => readonly Pair[];
  readonly relays: () => readonly RelayAddress[];
  /** A contact was made here. */
  readonly founded: (replica: Replica, names: { readonly theirName: string; readonly myName: string }) => Pair;
  /** Policy or block changed: links and topics follow. */
  readonly roadsChanged: (pair: Pair) => Promise<void>;
  /** Part of an event: this person's other devices are told what was set about a contact. */
  readonly factsChanged: (pair: Pair) => Promise<void>;
}

export class PeopleBook implements People {
  readonly contacts = new LiveValue<readonly Contact[]>([]);
  readonly #ports: PeoplePorts;

  constructor(ports: PeoplePorts) {
    this.#ports = ports;
  }

  get cards(): Cards['live'] {
    return this.#ports.cards.live;
  }

  /** Contacts in the order in which they were made. */
  refresh(): void {
    const pairs = [...this.#ports.pairs()].sort((a, b) => a.facts.madeAt - b.facts.madeAt);
    const contacts = pairs.map((pair) => pair.contact.current);
    const before = this.contacts.current;
    const isSame = contacts.length === before.length && contacts.every((contact, i) => contact === before[i]);
    if (!isSame) this.contacts.set(contacts);
  }

  async makeCard(options: { readonly myName: string; readonly validFor: Millis }): Promise<Card> {
    const { queue, disk, cards, relays } = this.#ports;
    const myName = ownName(options.myName);
    const card = await queue.run(() =>
      cards.make({ myName, validFor: options.validFor, relays: relays().slice(0, 4) }),
    );
    await disk.flush();
    return card;
  }

  async withdrawCard(card: CardId): Promise<void> {
    const { queue, disk, cards } = this.#ports;
    await queue.run(() => cards.withdraw(card));
    await disk.flush();
  }

  readCode(code: string): CodeReading {
    const card = decodeCardCode(code);
    if (typeof card === 'string') return { is: looksLikeDeviceCode(code) ? 'device-code' : card };
    if (this.#ports.cards.own(card.id) !== undefined) return { is: 'own-card' };
    const answered = this.#answered(card.id);
    if (answered !== undefined) return { is: 'answered-before', contact: answered.id };
    if (card.card.expiryDay < this.#today) return { is: 'expired' };
    return { is: 'card', expiresAt: ((card.card.expiryDay + 1) * DAY) as Millis };
  }

  async answer(code: string, myName: string): Promise<AnswerResult> {
    if (this.readCode(code).is === 'device-code') return { is: 'refused', problem: 'device-code' };
    const { context, disk, cards, founded } = this.#ports;
    const reading = await readCardCode(context.suite, code, this.#today);
    if (reading.is !== 'card') {
      const isOwn = reading.is === 'expired' && cards.own(reading.card.id) !== undefined;
      return { is: 'refused', problem: isOwn ? 'own-card' : reading.is };
    }
    const { card } = reading;
    if (cards.own(card.id) !== undefined) return { is: 'refused', problem: 'own-card' };
    if (disk.state !== 'well') return { is: 'refused', problem: 'no-room' };
    const name = ownName(myName);
    const { done: contact, saved } = await disk.saving(async () => {
      const before = this.#answered(card.id);
      if (before !== undefined) return before.id;
      const { replica, blob } = await foundPair(context, card, name);
      const pair = founded(replica, { theirName: '', myName: name });
      cards.addAnswer(replica.identity.space, card, blob);
      await cards.deliver();
      return pair.id;
    });
    return (await saved) === 'saved' ? { is: 'contact', contact } : { is: 'refused', problem: 'no-room' };
  }

  setNickname(contact: ContactId, nickname: string): Promise<void> {
    const name = safeName(nickname);
    return this.#change(contact, (pair) => pair.changeFacts({ nickname: name === '' ? undefined : name }));
  }

  setPolicy(contact: ContactId, policy: NetworkPolicy): Promise<void> {
    return this.#change(contact, async (pair) => {
      pair.changeFacts({ policy });
      await this.#ports.roadsChanged(pair);
    });
  }

  setBlocked(contact: ContactId, blocked: boolean): Promise<void> {
    return this.#change(contact, async (pair) => {
      pair.changeFacts({ blocked });
      await this.#ports.roadsChanged(pair);
    });
  }

  confirm(contact: ContactId, confirmed: boolean): Promise<void> {
    return this.#change(contact, (pair) => pair.changeFacts({ confirmed }));
  }

  get #today(): number {
    return Math.floor(this.#ports.context.clock.now() / DAY);
  }

  #answered(card: string): Pair | undefined {
    return this.#ports.pairs().find(({ replica }) => {
      const known = replica.identity.card;
      return known?.role === 'answerer' && known.id === card;
    });
  }

  async #change(contact: ContactId, change: (pair: Pair) => void | Promise<void>): Promise<void> {
    const { queue, disk, pairs } = this.#ports;
    await queue.run(async () => {
      const pair = pairs().find(({ id }) => id === contact);
      if (pair === undefined) return;
      await change(pair);
      await this.#ports.factsChanged(pair);
    });
    await disk.flush();
  }
}

/** A name as it will be sent: what the other side would strip is stripped here, so that both see the same. */
function ownName(name: string): string {
  return shortened(safeName(name), MAX_NAME_BYTES);
}
