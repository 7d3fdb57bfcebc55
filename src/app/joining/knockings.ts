// Knocking at a group's door: leaves the letter at the relay nodes the code names, looks for the answer, and comes in when
// the charter in it says that one is a member. Goes on by itself, over restarts, until that or until it was long enough.

import { type Bytes } from '#core/bytes/bytes.ts';
import { type SpaceId } from '#core/charter/ids.ts';
import { COINS_BYTES } from '#core/crypto/suite.ts';
import { decodeDoorCode, type Door } from '#core/knocks/door.ts';
import { signKnock, type SignedKnock } from '#core/knocks/knock-letter.ts';
import { doorTopicSeed, replyTopicSeed, sealKnock, tryOpenReply } from '#core/knocks/knock-mail.ts';
import { KNOCK_LASTS } from '#core/knocks/knocks.ts';
import type { MailboxClient } from '#core/mailbox/client.ts';
import { ENVELOPE_TTL_DAYS } from '#core/mailbox/limits.ts';
import { makeEnvelope, topicKeyOf } from '#core/mailbox/topic-key.ts';
import { SECOND, type Millis, type RelayAddress, type Rows } from '#core/ports.ts';
import type { Welcome } from '#core/sync/welcome.ts';
import { depositOnceSaved } from '../traffic/deposit.ts';
import type { Disk } from '../disk.ts';
import { decodeKnocking, encodeKnocking, KNOCKING_COLLECTION, type Knocking } from './knocking-row.ts';
import type { WantedTopic } from '../traffic/mail-in.ts';
import { enterAsKnocked } from '../space/knocked.ts';
import { Salvage } from '../salvage.ts';
import type { Replica } from '../space/replica.ts';
import { WelcomePieces, type Told, type WelcomePiecesPorts } from './welcome-pieces.ts';

const RETRY_AFTER = (15 * SECOND) as Millis;

export interface KnockingsPorts extends WelcomePiecesPorts {
  readonly disk: Disk;
  readonly client: (relay: RelayAddress) => MailboxClient | undefined;
  readonly joined: (replica: Replica, myName: string, told: Told) => Promise<void>;
  /** Other relay nodes are needed, or it is known what came of a knock. */
  readonly changed: () => void;
}

interface Waiting {
  knocking: Knocking;
  readonly door: Door;
  readonly pieces: WelcomePieces;
}

export class Knockings {
  readonly #ports: KnockingsPorts;
  readonly #waiting = new Map<SpaceId, Waiting>();
  readonly #busy = new Set<string>();
  #cancelRetry: (() => void) | undefined;

  constructor(ports: KnockingsPorts) {
    this.#ports = ports;
  }

  async load(rows: Rows): Promise<number> {
    const salvage = new Salvage();
    for (const row of await rows.list(KNOCKING_COLLECTION)) {
      salvage.safely(() => {
        const knocking = decodeKnocking(row.id as SpaceId, row.value);
        const door = decodeDoorCode(knocking.code);
        if (typeof door === 'string') salvage.damaged++;
        else this.#waiting.set(knocking.space, this.#newWaiting(knocking, door));
      });
    }
    this.look();
    return salvage.damaged;
  }

  /** Those that a person knows of. */
  all(): readonly { readonly knocking: Knocking; readonly door: Door }[] {
    return [...this.#waiting.values()].filter(({ knocking }) => knocking.state !== 'withdrawing');
  }

  get(space: SpaceId): Knocking | undefined {
    const knocking = this.#waiting.get(space)?.knocking;
    return knocking?.state === 'withdrawing' ? undefined : knocking;
  }

  /** Part of an event. */
  async add(knocking: Knocking, door: Door): Promise<void> {
    this.drop(knocking.space);
    const waiting = this.#newWaiting(knocking, door);
    this.#waiting.set(knocking.space, waiting);
    this.#put(waiting);
    this.#ports.changed();
    await this.deliver();
  }

  /** The person does not want to come in any more; who might vouch is told. Part of an event. */
  async withdraw(space: SpaceId): Promise<void> {
    const waiting = this.#waiting.get(space);
    if (waiting === undefined) return;
    if (waiting.knocking.state !== 'knocking') {
      this.drop(space);
      return;
    }
    this.#set(waiting, { state: 'withdrawing', left: [] });
    await this.deliver();
  }

  /** It came to something. */
  drop(space: SpaceId): void {
    const waiting = this.#waiting.get(space);
    if (waiting === undefined) return;
    waiting.pieces.cancel();
    this.#waiting.delete(space);
    this.#ports.disk.put(KNOCKING_COLLECTION, space, null);
  }

  /** Time has passed: who knocked long ago is told that it came to nothing. Part of an event. */
  look(): void {
    const now = this.#ports.clock.now();
    for (const waiting of [...this.#waiting.values()]) {
      const { state, madeAt, space } = waiting.knocking;
      if (now - madeAt <= KNOCK_LASTS) continue;
      if (state === 'withdrawing') this.drop(space);
      else if (state === 'knocking') this.#set(waiting, { state: 'expired' });
    }
  }

  relays(): readonly RelayAddress[] {
    return this.#listening().flatMap(({ door }) => door.relays);
  }

  async topics(relay: RelayAddress): Promise<readonly WantedTopic[]> {
    const topics: WantedTopic[] = [];
    for (const waiting of this.#listening()) {
      const { door, knocking } = waiting;
      if (!door.relays.includes(relay) || knocking.state === 'withdrawing') continue;
      const key = await topicKeyOf(this.#ports.context.suite, replyTopicSeed(knocking.knock.letter));
      topics.push({ key, isReadAnew: true, onblob: (blob) => this.#take(waiting, blob) });
    }
    return topics;
  }

  /** Leaves what is not left yet. Part of an event. */
  async deliver(): Promise<void> {
    for (const waiting of this.#waiting.values()) {
      const { state, left } = waiting.knocking;
      if (state !== 'knocking' && state !== 'withdrawing') continue;
      for (const relay of waiting.door.relays) {
        const client = left.includes(relay) ? undefined : this.#ports.client(relay);
        if (client !== undefined) await this.#leave(waiting, relay, client);
      }
    }
  }

  close(): void {
    this.#cancelRetry?.();
    for (const { pieces } of this.#waiting.values()) pieces.cancel();
  }

  async #leave(waiting: Waiting, relay: RelayAddress, client: MailboxClient): Promise<void> {
    const { context, disk, queue } = this.#ports;
    const { door, knocking } = waiting;
    const name = `${knocking.space}|${relay}|${knocking.state}`;
    if (this.#busy.has(name)) return;
    const knock = await this.#letter(knocking);
    const blob = await sealKnock(context.suite, door, { knock, coins: context.random.bytes(COINS_BYTES) });
    const topic = await topicKeyOf(context.suite, doorTopicSeed(door, client.day));
    const envelope = await makeEnvelope(context.suite, topic, { blob, expiryDay: client.day + ENVELOPE_TTL_DAYS });
    this.#busy.add(name);
    // The keys are on disk before anybody may make a member of them.
    depositOnceSaved({ disk, queue }, { client, envelopes: [envelope] }, (isStored) => {
      this.#busy.delete(name);
      const isCurrent = this.#waiting.get(knocking.space) === waiting && waiting.knocking.state === knocking.state;
      if (!isStored) this.#retry();
      else if (isCurrent) this.#noteLeft(waiting, relay);
    });
  }

  async #letter({ state, knock, seed, space }: Knocking): Promise<SignedKnock> {
    if (state === 'knocking') return knock;
    const { clock, context } = this.#ports;
    const { device } = knock.letter;
    return signKnock({ is: 'withdraw', space, device, at: clock.now() }, seed, context.suite);
  }

  #noteLeft(waiting: Waiting, relay: RelayAddress): void {
    const { space, state, left } = waiting.knocking;
    // One relay node is enough to take a knock back: whoever reads it there tells all others.
    if (state === 'withdrawing') this.drop(space);
    else this.#set(waiting, { left: [...left, relay] });
  }

  #retry(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = this.#ports.clock.after(RETRY_AFTER, () => void this.#ports.queue.run(() => this.deliver()));
  }

  /** Also one that was turned away may be let in later: the group thinks again. */
  #listening(): readonly Waiting[] {
    return [...this.#waiting.values()].filter(({ knocking }) => knocking.state !== 'expired');
  }

  async #take(waiting: Waiting, blob: Bytes): Promise<void> {
    const { space, knock, leafSeed } = waiting.knocking;
    if (this.#waiting.get(space) !== waiting) return;
    const by = { knocker: knock.letter, seed: leafSeed };
    const open = (blob: Bytes): Promise<Welcome | undefined> => tryOpenReply(this.#ports.context.suite, by, blob);
    await waiting.pieces.take(blob, open, () => this.#try(waiting));
  }

  async #try(waiting: Waiting): Promise<void> {
    const { context, joined, changed } = this.#ports;
    const { knocking, door, pieces } = waiting;
    const { space, knock, state } = knocking;
    if (this.#waiting.get(space) !== waiting || state === 'withdrawing') return;
    const view = await pieces.view();
    if (view?.devices.get(knock.letter.device)?.isLive !== true) {
      if (pieces.isRefusal && state === 'knocking') this.#set(waiting, { state: 'refused' });
      return;
    }
    const vouched = pieces.vouched(view);
    if (vouched === undefined) return;
    const replica = await enterAsKnocked(context, knocking, { space, relays: door.relays, ...vouched });
    if (replica === undefined) return;
    await pieces.handOver(replica, view);
    this.drop(space);
    await joined(replica, knock.letter.name, vouched.told);
    changed();
  }

  #set(waiting: Waiting, change: Partial<Knocking>): void {
    waiting.knocking = { ...waiting.knocking, ...change };
    this.#put(waiting);
    this.#ports.changed();
  }

  #put({ knocking }: Waiting): void {
    this.#ports.disk.put(KNOCKING_COLLECTION, knocking.space, encodeKnocking(knocking));
  }

  #newWaiting(knocking: Knocking, door: Door): Waiting {
    return { knocking, door, pieces: new WelcomePieces(knocking.space, this.#ports) };
  }
}
