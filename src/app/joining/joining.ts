// Coming in by somebody's invitation: reads the welcome at the relay nodes the code names, judges the charter in it from the
// genesis on, and joins. Goes on by itself for as long as nothing could be reached.

import type { Bytes } from '#core/bytes/bytes.ts';
import { type SpaceId } from '#core/charter/ids.ts';
import {
  decodeInvitationCode,
  welcomeKey,
  welcomeTopicSeed,
  type InvitationCode,
} from '#core/identity/invitation-code.ts';
import { topicKeyOf } from '#core/mailbox/topic-key.ts';
import type { Millis, RelayAddress, Rows } from '#core/ports.ts';
import { openWelcome, type Welcome } from '#core/sync/welcome.ts';
import type { Disk } from '../disk.ts';
import { invitationBy } from './group-found.ts';
import { decodeJoining, encodeJoining, JOINING_COLLECTION, type Joining } from '../groups/group-rows.ts';
import type { WantedTopic } from '../traffic/mail-in.ts';
import { Salvage } from '../salvage.ts';
import { WelcomePieces, type Told, type WelcomePiecesPorts } from './welcome-pieces.ts';
import { enterGroup, joinGroup, prepareToEnter, type Prepared } from '../space/found-group.ts';
import type { Replica } from '../space/replica.ts';

export interface JoiningsPorts extends WelcomePiecesPorts {
  readonly disk: Disk;
  readonly joined: (replica: Replica, joining: Joining, told: Told) => Promise<void>;
  /** Other relay nodes are needed, or one that waited learned that it waits in vain. */
  readonly changed: () => void;
}

interface Waiting {
  joining: Joining;
  readonly code: InvitationCode;
  readonly pieces: WelcomePieces;
  /** Made while the welcome is under way; gone once it was used. */
  prepared: Promise<Prepared> | undefined;
  /** Relay nodes all of whose pieces came. */
  readonly read: Set<RelayAddress>;
  cancelPut: () => void;
}

/** Most are let in sooner: the disk is free then for what lets them in. */
const PUT_WITHIN = 250 as Millis;

export class Joinings {
  readonly #ports: JoiningsPorts;
  readonly #waiting = new Map<SpaceId, Waiting>();

  constructor(ports: JoiningsPorts) {
    this.#ports = ports;
  }

  async load(rows: Rows): Promise<number> {
    const salvage = new Salvage();
    for (const row of await rows.list(JOINING_COLLECTION)) {
      salvage.safely(() => {
        const joining = decodeJoining(row.id as SpaceId, row.value);
        const code = decodeInvitationCode(joining.code);
        if (typeof code === 'string') salvage.damaged++;
        else this.#waiting.set(joining.space, this.#newWaiting(joining, code));
      });
    }
    return salvage.damaged;
  }

  all(): readonly { readonly joining: Joining; readonly code: InvitationCode }[] {
    return [...this.#waiting.values()];
  }

  get(space: SpaceId): Joining | undefined {
    return this.#waiting.get(space)?.joining;
  }

  /** Part of an event. */
  add(joining: Joining, code: InvitationCode): void {
    this.drop(joining.space);
    const waiting = this.#newWaiting(joining, code);
    this.#waiting.set(joining.space, waiting);
    this.#ports.changed();
    const { clock, queue, context } = this.#ports;
    waiting.cancelPut = clock.after(PUT_WITHIN, () => {
      void queue.run(() => {
        if (this.#waiting.get(joining.space) === waiting) this.#put(waiting);
      });
    });
    // The relay node is asked first.
    void queue.later(() => {
      if (this.#waiting.get(joining.space) !== waiting) return;
      waiting.prepared = queue.beside(() => prepareToEnter(context, { space: joining.space, relays: code.relays }));
    });
  }

  /** It came to something, or the person waits no more. */
  drop(space: SpaceId): void {
    const waiting = this.#waiting.get(space);
    if (waiting === undefined) return;
    waiting.cancelPut();
    waiting.pieces.cancel();
    this.#waiting.delete(space);
    this.#ports.disk.put(JOINING_COLLECTION, space, null);
  }

  relays(): readonly RelayAddress[] {
    return this.#open().flatMap(({ code }) => code.relays);
  }

  async topics(relay: RelayAddress): Promise<readonly WantedTopic[]> {
    const topics: WantedTopic[] = [];
    for (const waiting of this.#open()) {
      if (!waiting.code.relays.includes(relay)) continue;
      const key = await topicKeyOf(this.#ports.context.suite, welcomeTopicSeed(waiting.code));
      topics.push({
        key,
        isReadAnew: true,
        onblob: (blob) => this.#take(waiting, key.topic, blob),
        onlevel: () => this.#noteRead(waiting, relay),
      });
    }
    return topics;
  }

  close(): void {
    for (const { pieces, cancelPut } of this.#waiting.values()) {
      cancelPut();
      pieces.cancel();
    }
  }

  #open(): readonly Waiting[] {
    return [...this.#waiting.values()].filter(({ joining }) => joining.state === 'waiting');
  }

  async #take(waiting: Waiting, topic: WantedTopic['key']['topic'], blob: Bytes): Promise<void> {
    const { space } = waiting.joining;
    if (this.#waiting.get(space) !== waiting) return;
    const key = welcomeKey(waiting.code);
    const open = (blob: Bytes): Promise<Welcome | undefined> =>
      Promise.resolve(openWelcome(this.#ports.context.suite, { key, topic, space, blob }));
    await waiting.pieces.take(blob, open, () => this.#try(waiting));
  }

  /** Where every relay node of the code has been heard out, no later piece can say otherwise. */
  async #noteRead({ read, code, pieces }: Waiting, relay: RelayAddress): Promise<void> {
    read.add(relay);
    if (code.relays.every((each) => read.has(each))) await pieces.lookNow();
  }

  async #try(waiting: Waiting): Promise<void> {
    const { context, joined, changed } = this.#ports;
    const { joining, code, pieces } = waiting;
    if (this.#waiting.get(joining.space) !== waiting || joining.state !== 'waiting') return;
    const view = await pieces.view();
    const invitation = view === undefined ? undefined : await invitationBy(context, view, code.secret);
    if (view === undefined || invitation === undefined) return;
    if (!invitation.isOpen) {
      this.#end(waiting, invitation.joined.length >= invitation.uses ? 'used-up' : 'withdrawn');
      return;
    }
    const vouched = pieces.vouched(view);
    if (vouched === undefined) return;
    const prepared = waiting.prepared ?? prepareToEnter(context, { space: joining.space, relays: code.relays });
    waiting.prepared = undefined;
    const replica = await enterGroup(context, { space: joining.space, relays: code.relays, ...vouched }, prepared);
    if (replica === undefined) return;
    const { named } = await prepared;
    await joinGroup(replica, { invite: invitation.op, secret: code.secret, recovery: undefined, named }, vouched);
    await pieces.handOver(replica, view);
    if (replica.me?.isLive !== true) return;
    this.drop(joining.space);
    await joined(replica, joining, vouched.told);
    changed();
  }

  #end(waiting: Waiting, state: 'used-up' | 'withdrawn'): void {
    waiting.joining = { ...waiting.joining, state };
    this.#put(waiting);
    this.#ports.changed();
  }

  #put({ joining }: Waiting): void {
    this.#ports.disk.put(JOINING_COLLECTION, joining.space, encodeJoining(joining));
  }

  #newWaiting(joining: Joining, code: InvitationCode): Waiting {
    const pieces = new WelcomePieces(joining.space, this.#ports);
    return { joining, code, pieces, prepared: undefined, read: new Set(), cancelPut: () => undefined };
  }
}
