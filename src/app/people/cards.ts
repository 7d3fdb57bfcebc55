// Contact cards from both sides: own cards with their state, answers to others' cards, answers that come in.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { SpaceId } from '#core/charter/ids.ts';
import type { Seed } from '#core/crypto/suite.ts';
import { tryOpenAnswer, type Answer } from '#core/identity/answer.ts';
import { cardCode } from '#core/identity/card-code.ts';
import { decodeCard, encodeCard, makeCard, type CardId, type SignedCard } from '#core/identity/card.ts';
import { ENVELOPE_TTL_DAYS } from '#core/mailbox/limits.ts';
import { makeEnvelope } from '#core/mailbox/topic-key.ts';
import { DAY, SECOND, type Clock, type Logger, type Millis, type RelayAddress, type Rows } from '#core/ports.ts';
import { decode, encode } from '#core/wire/cbor.ts';
import { bytesOf, listOf, tuple } from '#core/wire/fields.ts';
import type { Card } from '../api.ts';
import { CARD_COLLECTION, decodeOwnCard, encodeOwnCard, type OwnCard } from './card-rows.ts';
import { depositOnceSaved } from '../traffic/deposit.ts';
import type { Disk } from '../disk.ts';
import type { EventQueue } from '../event-queue.ts';
import { LiveValue } from '../live-value.ts';
import { Salvage } from '../salvage.ts';
import type { WantedTopic } from '../traffic/mail-in.ts';
import type { Relays } from '../traffic/relays.ts';
import { cardTopic } from '../traffic/routes-of-mail.ts';
import { genesisOf, joinPair, voidPair } from '../space/found.ts';
import type { Replica, SpaceContext } from '../space/replica.ts';

const ANSWER_COLLECTION = 'answer';
const RETRY_AFTER = (10 * SECOND) as Millis;
/** A used card is watched for a second answer as long as it could be answered, then its keys are erased. */
const WATCH_AFTER_EXPIRY = DAY;
/** Envelopes at a card's topic that came before the answer they belong to. */
const MAX_EARLY = 16;

export interface CardsPorts {
  readonly context: SpaceContext;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly queue: EventQueue;
  readonly logger: Logger;
  readonly relays: () => Relays;
  readonly replica: (space: SpaceId) => Replica | undefined;
  /** An answer made a new contact. */
  readonly joined: (replica: Replica, names: { readonly theirName: string; readonly myName: string }) => Promise<void>;
  /** Mail of the answerer that came to the card's topic. */
  readonly mail: (replica: Replica, topic: WantedTopic['key'], blob: Bytes) => Promise<void>;
  /** A pair was made void: tell the other side. */
  readonly voided: (replica: Replica) => void;
  /** Other relay nodes or topics are needed than before. */
  readonly changed: () => void;
}

interface PendingAnswer {
  readonly space: SpaceId;
  readonly card: SignedCard;
  readonly blob: Bytes;
  readonly left: Set<RelayAddress>;
}

export class Cards {
  readonly live = new LiveValue<readonly Card[]>([]);
  readonly #ports: CardsPorts;
  readonly #own = new Map<CardId, OwnCard>();
  readonly #answers = new Map<SpaceId, PendingAnswer>();
  readonly #early = new Map<CardId, Bytes[]>();
  readonly #busy = new Set<string>();
  #cancelExpiry: (() => void) | undefined;

  constructor(ports: CardsPorts) {
    this.#ports = ports;
  }

  async load(rows: Rows): Promise<number> {
    const salvage = new Salvage();
    for (const row of await rows.list(CARD_COLLECTION)) {
      salvage.safely(() => this.#own.set(row.id as CardId, decodeOwnCard(row.value)));
    }
    for (const row of await rows.list(ANSWER_COLLECTION)) {
      salvage.safely(() => this.#answers.set(row.id as SpaceId, decodePending(row.id as SpaceId, row.value)));
    }
    this.#expire();
    return salvage.damaged;
  }

  own(id: CardId): OwnCard | undefined {
    return this.#own.get(id);
  }

  /** Makes a card under the given relay nodes. Part of an event. */
  async make(offer: { myName: string; validFor: Millis; relays: readonly RelayAddress[] }): Promise<Card> {
    const { random, suite } = this.#ports.context;
    const now = this.#ports.clock.now();
    const secrets = {
      signingSeed: random.bytes(32) as Seed,
      sealingSeed: random.bytes(32) as Seed,
      secret: random.bytes(32),
    };
    const expiresAt = (now + offer.validFor) as Millis;
    const signed = await makeCard(suite, secrets, { relays: offer.relays, expiryDay: Math.floor(expiresAt / DAY) });
    const card: OwnCard = {
      signed,
      secrets,
      myName: offer.myName,
      madeAt: now,
      expiresAt,
      state: 'open',
      space: undefined,
    };
    this.#put(card);
    this.#ports.changed();
    return shown(card);
  }

  withdraw(id: CardId): void {
    const card = this.#own.get(id);
    if (card?.state !== 'open') return;
    this.#put({ ...card, state: 'withdrawn', secrets: undefined });
    this.#ports.changed();
  }

  /** Keeps an answer to somebody's card until it lies at their relay nodes. */
  addAnswer(space: SpaceId, card: SignedCard, blob: Bytes): void {
    this.#answers.set(space, { space, card, blob, left: new Set() });
    this.#putAnswer(space);
    this.#ports.changed();
  }

  /** Relay nodes of open cards and of answers under way. */
  relays(): readonly RelayAddress[] {
    const watched = [...this.#own.values()].filter((card) => card.secrets !== undefined);
    const answered = [...this.#answers.values()];
    return [...watched.map((card) => card.signed), ...answered.map((answer) => answer.card)].flatMap(
      ({ card }) => card.relays,
    );
  }

  async topics(relay: RelayAddress): Promise<readonly WantedTopic[]> {
    const topics: WantedTopic[] = [];
    for (const card of this.#own.values()) {
      const { id, card: offer } = card.signed;
      if (card.secrets === undefined || !offer.relays.includes(relay)) continue;
      const key = await cardTopic(this.#ports.context.suite, { id, secret: offer.secret });
      topics.push({ key, onblob: (blob) => this.#take(id, key, blob) });
    }
    return topics;
  }

  /** A relay node is there: leaves answers that wait for it. */
  async deliver(): Promise<void> {
    for (const pending of this.#answers.values()) {
      for (const relay of pending.card.card.relays) {
        if (!pending.left.has(relay)) await this.#leave(pending, relay);
      }
    }
  }

  /** Whether an answer lies at a relay node of the card. */
  close(): void {
    this.#cancelExpiry?.();
  }

  async #leave(pending: PendingAnswer, relay: RelayAddress): Promise<void> {
    const { context, disk, queue, clock, relays } = this.#ports;
    const client = relays().client(relay);
    const name = `${pending.space}|${relay}`;
    if (client === undefined || this.#busy.has(name)) return;
    this.#busy.add(name);
    const key = await cardTopic(context.suite, { id: pending.card.id, secret: pending.card.card.secret });
    const expiryDay = client.day + ENVELOPE_TTL_DAYS;
    const envelope = await makeEnvelope(context.suite, key, { blob: pending.blob, expiryDay });
    // On disk before it is sent: a pair whose answerer forgot it would be nobody's.
    depositOnceSaved({ disk, queue }, { client, envelopes: [envelope] }, (isStored) => {
      this.#busy.delete(name);
      if (isStored) this.#left(pending, relay);
      else clock.after(RETRY_AFTER, () => void queue.run(() => this.deliver()));
    });
  }

  #left(pending: PendingAnswer, relay: RelayAddress): void {
    pending.left.add(relay);
    if (pending.card.card.relays.every((wanted) => pending.left.has(wanted))) {
      this.#answers.delete(pending.space);
      this.#ports.disk.put(ANSWER_COLLECTION, pending.space, null);
      this.#ports.changed();
    } else this.#putAnswer(pending.space);
  }

  async #take(id: CardId, key: WantedTopic['key'], blob: Bytes): Promise<void> {
    const card = this.#own.get(id);
    if (card?.secrets === undefined) return;
    const { context } = this.#ports;
    const secrets = { id, sealingSeed: card.secrets.sealingSeed, secret: card.secrets.secret };
    const replica = card.space === undefined ? undefined : this.#ports.replica(card.space);
    const answer = await tryOpenAnswer(context.suite, secrets, blob);
    if (answer !== undefined) await this.#answered(card, key, answer);
    else if (replica !== undefined) await this.#ports.mail(replica, key, blob);
    else {
      const early = this.#early.get(id) ?? [];
      if (early.length < MAX_EARLY) early.push(blob);
      this.#early.set(id, early);
    }
  }

  async #answered(card: OwnCard, key: WantedTopic['key'], answer: Answer): Promise<void> {
    const { context, logger, joined, mail } = this.#ports;
    const { id } = card.signed;
    const genesis = await genesisOf(context, card.signed, answer);
    if (genesis === undefined) {
      logger.count('cards', 'refused answer');
      return;
    }
    const space = genesis.id as string as SpaceId;
    if (this.#ports.replica(space) !== undefined) return;
    const names = { theirName: answer.name, myName: card.myName };
    const replica = await joinPair(context, card, { genesis, answer });
    if (card.space !== undefined) {
      await this.#void(card, replica, { bytes: answer.genesis, names });
      return;
    }
    this.#put({ ...card, state: 'used', space });
    await joined(replica, names);
    for (const blob of this.#early.get(id) ?? []) await mail(replica, key, blob);
    this.#early.delete(id);
  }

  /** Somebody else answered the card too: neither pair is to be trusted, and both are told. */
  async #void(
    card: OwnCard,
    second: Replica,
    said: { readonly bytes: Bytes; readonly names: { theirName: string; myName: string } },
  ): Promise<void> {
    const first = this.#ports.replica(card.space!);
    const firstGenesis = first?.charter.ops.get(first.identity.space as never)?.signed;
    if (first !== undefined && first.view?.isVoid !== true) {
      await voidPair(first, said.bytes);
      this.#ports.voided(first);
    }
    if (firstGenesis !== undefined) await voidPair(second, encode([firstGenesis.bytes, firstGenesis.signature]));
    this.#put({ ...card, state: 'void' });
    await this.#ports.joined(second, said.names);
    this.#ports.voided(second);
  }

  #put(card: OwnCard): void {
    this.#own.set(card.signed.id, card);
    this.#ports.disk.put(CARD_COLLECTION, card.signed.id, encodeOwnCard(card));
    this.#show();
  }

  #putAnswer(space: SpaceId): void {
    const pending = this.#answers.get(space);
    if (pending !== undefined) this.#ports.disk.put(ANSWER_COLLECTION, space, encodePending(pending));
  }

  #show(): void {
    this.live.set([...this.#own.values()].sort((a, b) => a.madeAt - b.madeAt).map(shown));
  }

  /** Marks what has expired, erases keys nobody needs, and looks again in time. */
  #expire(): void {
    const now = this.#ports.clock.now();
    let next = Infinity;
    for (const card of this.#own.values()) {
      if (card.state === 'open' && card.expiresAt <= now) this.#put({ ...card, state: 'expired' });
      const current = this.#own.get(card.signed.id)!;
      if (current.secrets === undefined) continue;
      if (current.expiresAt + WATCH_AFTER_EXPIRY <= now) this.#put({ ...current, secrets: undefined });
      else next = Math.min(next, current.state === 'open' ? current.expiresAt : current.expiresAt + WATCH_AFTER_EXPIRY);
    }
    this.#show();
    this.#cancelExpiry?.();
    // At least daily: timers do not reach further than 24 days, and clocks jump.
    const delay = Math.min(Math.max(next - now, SECOND), DAY) as Millis;
    this.#cancelExpiry = this.#ports.clock.after(delay, () => void this.#ports.queue.run(() => this.#expire()));
  }
}

function shown(card: OwnCard): Card {
  return {
    id: card.signed.id,
    code: card.state === 'open' ? cardCode(card.signed) : '',
    myName: card.myName,
    madeAt: card.madeAt,
    expiresAt: card.expiresAt,
    state: card.state,
  };
}

function encodePending(pending: PendingAnswer): Bytes {
  return encode([encodeCard(pending.card), pending.blob, [...pending.left]]);
}

function decodePending(space: SpaceId, bytes: Uint8Array): PendingAnswer {
  const [card, blob, left] = tuple(decode(bytes, 'answer row', 200_000), 'answer row', 3);
  return {
    space,
    card: decodeCard(bytesOf(card, 'answer row', { max: 5_000 })),
    blob: bytesOf(blob, 'answer row', { max: 140_000 }),
    left: new Set(listOf(left, 'answer row', 16).map((relay) => String(relay) as RelayAddress)),
  };
}
