// Collects what other groups leave at the topics of our cards, and files it once for all who read that scope. Every device
// of theirs collects; whose turn it is first files, and all others see that it is done.
//
// Invariants
// 1. What was collected is on disk in the commit that notes how far was read: nothing is lost between the two.
// 2. The same letter is filed once by each device at most; twins of two devices count once (core/neighbours).

import { hex, type Bytes } from '#core/bytes/bytes.ts';
import type { MessageId } from '#core/charter/ids.ts';
import { hash } from '#core/crypto/hash.ts';
import { topicKeyOf } from '#core/mailbox/topic-key.ts';
import { encodeNeighbourAct, proofOfAct, type NeighbourAct } from '#core/neighbours/neighbour-body.ts';
import { neighbourTopicSeed, tryOpenLetter } from '#core/neighbours/neighbour-mail.ts';
import { foldNeighbours, type KeptKeys } from '#core/neighbours/neighbours.ts';
import { decodeSignedLetter, encodeSignedLetter, type SignedLetter } from '#core/neighbours/order.ts';
import { DAY, SECOND, type Millis, type RelayAddress, type Rows } from '#core/ports.ts';
import { decode, encode } from '#core/wire/cbor.ts';
import { bytesOf, tuple, uintOf } from '#core/wire/fields.ts';
import { WireError } from '#core/wire/wire-error.ts';
import type { WantedTopic } from '../traffic/mail-in.ts';
import { NEIGHBOUR_KIND, type NeighbourHome } from './neighbour-log.ts';
import { turnIn, type NeighbourSurroundings } from './neighbour-surroundings.ts';
import type { ReadingDays } from '../traffic/reading-list.ts';
import { write } from '../space/author.ts';

/** How long each waits for the one before. */
const SLOT = (8 * SECOND) as Millis;
const MOST_SLOTS = 8;
/** Letters of one time are filed in the order in which they were written. */
const GATHER = 400 as Millis;
const RETRY_AFTER = (10 * SECOND) as Millis;
/** Who has the card can write as much as they like: of what is not believed no more is kept in a week for all to see. */
export const MAX_REFUSED_FILED = 40;
const LATELY = (7 * DAY) as Millis;
/** Of letters that wait to be filed. */
const MAX_WAITING = 500;
/** Mail lies at relay nodes for two weeks after a card's last day. */
const READ_AFTER_EXPIRY_DAYS = 15;
const MAX_ROW_BYTES = 20_000;

interface Waiting {
  readonly id: string;
  readonly letter: SignedLetter;
  readonly day: number;
  readonly dueAt: Millis;
}

export class NeighbourInbox {
  readonly #around: NeighbourSurroundings;
  readonly #waiting = new Map<string, Waiting>();
  readonly #ids = new WeakMap<SignedLetter, string>();
  #cancel: (() => void) | undefined;
  #isClosed = false;

  constructor(around: NeighbourSurroundings) {
    this.#around = around;
  }

  async load(rows: Rows): Promise<void> {
    for (const { id, value } of await rows.list(this.#collection)) {
      try {
        const [day, bytes] = tuple(decode(value, 'letter row', MAX_ROW_BYTES), 'letter row', 2);
        const letter = decodeSignedLetter(bytesOf(bytes, 'letter row', { max: MAX_ROW_BYTES }));
        this.#waiting.set(id, { id, letter, day: uintOf(day, 'letter row'), dueAt: this.#around.context.clock.now() });
      } catch (cause) {
        if (!(cause instanceof WireError)) throw cause;
      }
    }
    this.#wake();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }

  relays(): readonly RelayAddress[] {
    const today = Math.floor(this.#around.context.clock.now() / DAY);
    return this.#cards(today).flatMap(({ card }) => card.card.relays);
  }

  /** Topics of our cards at a relay node: of its day, and of days from `first` on that were not read yet. */
  async topics(relay: RelayAddress, { day, first }: ReadingDays): Promise<readonly WantedTopic[]> {
    const { suite } = this.#around.context;
    const topics: WantedTopic[] = [];
    for (const kept of this.#cards(day)) {
      if (!kept.card.card.relays.includes(relay)) continue;
      for (let at = Math.min(first, day); at <= day; at++) {
        const key = await topicKeyOf(suite, neighbourTopicSeed(kept.card, at));
        topics.push({ key, onblob: (blob) => this.#open(kept, blob, at), ...(at < day ? { isPast: true } : {}) });
      }
    }
    return topics;
  }

  #cards(day: number): readonly KeptKeys[] {
    const { home } = this.#around.log;
    const kept = home?.state.kept ?? [];
    return kept.filter(({ card }) => card.expires + READ_AFTER_EXPIRY_DAYS >= day);
  }

  async #open(kept: KeptKeys, blob: Bytes, day: number): Promise<void> {
    const { context, log } = this.#around;
    const { suite, logger, clock, disk } = context;
    const letter = await tryOpenLetter(suite, { ...kept.card, seed: kept.sealing }, blob);
    if (letter === undefined) {
      logger.count('neighbours', 'junk');
      return;
    }
    const id = this.#idOf(letter);
    if (this.#waiting.has(id) || this.#waiting.size >= MAX_WAITING || this.#isFiled(log.home, id)) return;
    const turn = log.home === undefined ? 0 : Math.min(turnIn(this.#around, log.home.scope, id), MOST_SLOTS);
    const dueAt = (clock.now() + GATHER + turn * SLOT) as Millis;
    this.#waiting.set(id, { id, letter, day, dueAt });
    disk.put(this.#collection, id, () => encode([day, encodeSignedLetter(letter)]));
    this.#wake();
  }

  #wake(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#isClosed || this.#waiting.size === 0) return;
    const { context, queue } = this.#around;
    const next = Math.min(...[...this.#waiting.values()].map(({ dueAt }) => dueAt));
    const delay = Math.max(1, next - context.clock.now()) as Millis;
    this.#cancel = context.clock.after(delay, () => void queue.run(() => this.#file()));
  }

  async #file(): Promise<void> {
    const { log, context } = this.#around;
    const now = context.clock.now();
    if (this.#isClosed) return;
    const due = [...this.#waiting.values()].filter(({ dueAt }) => dueAt <= now).sort(byWriting);
    for (const waiting of due) {
      const { home } = log;
      // What was filed just now is not read yet.
      const isReady = home !== undefined && log.isWhole;
      const isDone = isReady && (this.#isFiled(home, waiting.id) || (await this.#fileOne(home, waiting)));
      const later = home === undefined || isReady ? RETRY_AFTER : GATHER;
      if (isDone) this.#drop(waiting.id);
      else this.#waiting.set(waiting.id, { ...waiting, dueAt: (now + later) as Millis });
    }
    this.#wake();
  }

  /** Whether it is done with. */
  async #fileOne(home: NeighbourHome, { letter, day }: Waiting): Promise<boolean> {
    const { space, engine, context } = this.#around;
    const act: NeighbourAct = { act: 'came', at: context.clock.now(), letter, day };
    const proof = await proofOfAct(context.suite, act);
    const place = { id: 'f'.repeat(64) as MessageId, lamport: Number.MAX_SAFE_INTEGER };
    const probe = { ...place, author: space.me!, mayCard: false, mayTasks: false, act, proof };
    const { refused } = foldNeighbours(home.keys.card.key, [...home.told, probe]);
    const why = refused.find(({ id }) => id === place.id)?.why;
    const isTooMuch = why !== undefined && this.#refusedLately(home) >= MAX_REFUSED_FILED;
    if (why === 'came-before' || isTooMuch) {
      context.logger.count('neighbours', 'not filed');
      return true;
    }
    const { replica } = space;
    const said = { scope: home.scope, kind: NEIGHBOUR_KIND, body: encodeNeighbourAct(act) };
    const problem = await write(replica, said, (written) => engine().push(replica, written));
    if (problem === undefined) engine().noteDurable(replica);
    return problem === undefined;
  }

  #refusedLately({ state, told }: NeighbourHome): number {
    const since = this.#around.context.clock.now() - LATELY;
    const refused = new Set(state.refused.map(({ id }) => id));
    return told.filter(({ id, act }) => act.act === 'came' && act.at >= since && refused.has(id)).length;
  }

  #drop(id: string): void {
    this.#waiting.delete(id);
    this.#around.context.disk.put(this.#collection, id, null);
  }

  #isFiled(home: NeighbourHome | undefined, id: string): boolean {
    return home?.told.some(({ act }) => act.act === 'came' && this.#idOf(act.letter) === id) === true;
  }

  /** Of all bytes: a twin with the same signature under another card is another letter. */
  #idOf(letter: SignedLetter): string {
    const known = this.#ids.get(letter);
    if (known !== undefined) return known;
    const id = hex.encode(hash('body', encodeSignedLetter(letter)));
    this.#ids.set(letter, id);
    return id;
  }

  get #collection(): string {
    return lettersCollection(this.#around.space.space);
  }
}

/** Letters that were collected and are not filed yet. */
export function lettersCollection(space: string): string {
  return `letter:${space}`;
}

/** Cards first, so that what a role signed before its key changed is read before what it signed since. */
function byWriting(a: Waiting, b: Waiting): number {
  return a.letter.card.number - b.letter.card.number || a.letter.letter.at - b.letter.letter.at;
}
