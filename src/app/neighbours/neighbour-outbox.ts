// Leaves what this device wrote to other groups at their relay nodes, until each of them has it.
//
// Invariants
// 1. Nothing is left at a relay node that is not on this disk.
// 2. A letter goes to the newest card of a group that is known, never to one whose last day is over.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { MessageId } from '#core/charter/ids.ts';
import type { MailboxClient } from '#core/mailbox/client.ts';
import { COINS_BYTES } from '#core/crypto/suite.ts';
import { ENVELOPE_TTL_DAYS } from '#core/mailbox/limits.ts';
import { makeEnvelope, topicKeyOf } from '#core/mailbox/topic-key.ts';
import { neighbourTopicSeed, sealLetter } from '#core/neighbours/neighbour-mail.ts';
import type { SignedLetter } from '#core/neighbours/order.ts';
import type { SignedOutsideCard } from '#core/neighbours/outside-card.ts';
import { DAY, SECOND, type Millis, type RelayAddress, type Rows } from '#core/ports.ts';
import { decode, encode } from '#core/wire/cbor.ts';
import { listOf, textField } from '#core/wire/fields.ts';
import { WireError } from '#core/wire/wire-error.ts';
import { depositOnceSaved } from '../traffic/deposit.ts';
import type { NeighbourSurroundings } from './neighbour-surroundings.ts';

const RETRY_AFTER = (15 * SECOND) as Millis;
/** Somebody who waited longer asks again. */
const GIVE_UP_AFTER = (ENVELOPE_TTL_DAYS * DAY) as Millis;
const MAX_RELAYS = 16;
/** Relay nodes are slow at most at this many at a time. */
const AT_ONCE = 8;

interface DueLetter {
  readonly id: MessageId;
  readonly letter: SignedLetter;
  readonly card: SignedOutsideCard;
  readonly relays: readonly RelayAddress[];
}

export class NeighbourOutbox {
  readonly #around: NeighbourSurroundings;
  readonly #left = new Map<MessageId, ReadonlySet<RelayAddress>>();
  readonly #busy = new Set<string>();
  #cancelRetry: (() => void) | undefined;
  #isClosed = false;

  constructor(around: NeighbourSurroundings) {
    this.#around = around;
  }

  async load(rows: Rows): Promise<void> {
    for (const { id, value } of await rows.list(this.#collection)) {
      try {
        const relays = listOf(decode(value, 'letter row', 10_000), 'letter row', MAX_RELAYS);
        const read = relays.map((relay) => textField(relay, 'letter row', 1_000) as RelayAddress);
        this.#left.set(id as MessageId, new Set(read));
      } catch (cause) {
        // It is left once more, which harms nobody.
        if (!(cause instanceof WireError)) throw cause;
      }
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelRetry?.();
  }

  /** Whether some relay node of the other group has it. */
  isLeft(id: MessageId): boolean {
    return (this.#left.get(id)?.size ?? 0) > 0;
  }

  /** Relay nodes that something waits for. */
  relays(): readonly RelayAddress[] {
    return [...new Set(this.#due().flatMap(({ relays }) => relays))];
  }

  /** Something was written, or a relay node is there. Part of an event. */
  async deliver(): Promise<void> {
    const { engine } = this.#around;
    for (const due of this.#due()) {
      for (const relay of due.relays) {
        const client = engine().relays.client(relay);
        const name = `${due.id}|${relay}`;
        if (client === undefined || this.#busy.size >= AT_ONCE || this.#busy.has(name)) continue;
        if (client.day <= due.card.expires) await this.#leave(due, { relay, client, name });
      }
    }
  }

  async #leave(
    { id, letter, card }: DueLetter,
    at: { readonly relay: RelayAddress; readonly client: MailboxClient; readonly name: string },
  ): Promise<void> {
    const { context, queue } = this.#around;
    const { suite, random, disk } = context;
    const { client, relay, name } = at;
    const topic = await topicKeyOf(suite, neighbourTopicSeed(card, client.day));
    const blob: Bytes = await sealLetter(suite, card, { letter, coins: random.bytes(COINS_BYTES) });
    const envelope = await makeEnvelope(suite, topic, { blob, expiryDay: client.day + ENVELOPE_TTL_DAYS });
    this.#busy.add(name);
    depositOnceSaved({ disk, queue }, { client, envelopes: [envelope] }, async (isStored) => {
      this.#busy.delete(name);
      if (this.#isClosed) return;
      if (!isStored) {
        this.#retryLater();
        return;
      }
      this.#note(id, relay);
      this.#around.changed();
      await this.deliver();
    });
  }

  #note(id: MessageId, relay: RelayAddress): void {
    const left = new Set([...(this.#left.get(id) ?? []), relay]);
    this.#left.set(id, left);
    this.#around.context.disk.put(this.#collection, id, () => encode([...left]));
  }

  #retryLater(): void {
    if (this.#cancelRetry !== undefined || this.#isClosed) return;
    const { context, queue } = this.#around;
    this.#cancelRetry = context.clock.after(RETRY_AFTER, () => {
      this.#cancelRetry = undefined;
      void queue.run(() => this.deliver());
    });
  }

  #due(): readonly DueLetter[] {
    const { log, context } = this.#around;
    const state = log.home?.state;
    if (state === undefined) return [];
    const now = context.clock.now();
    return log.ownLetters().flatMap(({ id, letter }) => {
      const card = state.neighbours.get(letter.letter.to)?.card;
      if (card === undefined || now - letter.letter.at > GIVE_UP_AFTER) return [];
      if (state.refused.some((refused) => refused.id === id)) return [];
      const left = this.#left.get(id);
      const relays = card.card.relays.filter((relay) => left?.has(relay) !== true);
      return relays.length === 0 ? [] : [{ id, letter, card, relays }];
    });
  }

  get #collection(): string {
    return lettersLeftCollection(this.#around.space.space);
  }
}

/** Which letters lie at which relay nodes of other groups. */
export function lettersLeftCollection(space: string): string {
  return `letter-left:${space}`;
}
