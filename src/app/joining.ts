// Coming in by somebody's invitation: reads the welcome at the relay nodes the code names, judges the charter in it from the
// genesis on, and joins. Goes on by itself for as long as nothing could be reached.

import type { Bytes } from '#core/bytes/bytes.ts';
import { addOps, emptyCharter } from '#core/charter/charter.ts';
import { EVERYONE, type SpaceId } from '#core/charter/ids.ts';
import type { VerifiedOp } from '#core/charter/op.ts';
import { viewOf } from '#core/charter/view.ts';
import { hash } from '#core/crypto/hash.ts';
import {
  decodeInvitationCode,
  welcomeKey,
  welcomeTopicSeed,
  type InvitationCode,
} from '#core/identity/invitation-code.ts';
import { committedKeys } from '#core/keys/rotation.ts';
import { topicKeyOf } from '#core/mailbox/topic-key.ts';
import type { Clock, Millis, RelayAddress, Rows } from '#core/ports.ts';
import { openWelcome, type Welcome } from '#core/sync/welcome.ts';
import { WireError } from '#core/wire/wire-error.ts';
import { hex } from '#core/bytes/bytes.ts';
import type { Disk } from './disk.ts';
import type { EventQueue } from './event-queue.ts';
import { invitationBy, verifiedOps } from './group-found.ts';
import { decodeJoining, encodeJoining, JOINING_COLLECTION, type Joining } from './group-rows.ts';
import type { WantedTopic } from './mail-in.ts';
import { enterGroup, joinGroup } from './space/found-group.ts';
import { takeParcel } from './space/intake.ts';
import { putAnchors } from './space/anchors.ts';
import type { Replica, SpaceContext } from './space/replica.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import { encodeSignedOp } from '#core/charter/op.ts';

/** Pieces come one after the other, and a later one may say that the invitation is over. */
const GATHER = 400 as Millis;
/** Pieces kept of one welcome: a large charter, several times over. */
const MAX_PIECES = 512;

export interface JoiningsPorts {
  readonly context: SpaceContext;
  readonly queue: EventQueue;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly joined: (replica: Replica, joining: Joining, told: Pick<Welcome, 'names' | 'channels'>) => Promise<void>;
  /** Other relay nodes are needed, or one that waited learned that it waits in vain. */
  readonly changed: () => void;
}

interface Waiting {
  joining: Joining;
  readonly code: InvitationCode;
  readonly seen: Set<string>;
  readonly pieces: Welcome[];
  readonly ops: Map<string, VerifiedOp>;
  cancel: (() => void) | undefined;
}

export class Joinings {
  readonly #ports: JoiningsPorts;
  readonly #waiting = new Map<SpaceId, Waiting>();

  constructor(ports: JoiningsPorts) {
    this.#ports = ports;
  }

  async load(rows: Rows): Promise<number> {
    let damaged = 0;
    for (const row of await rows.list(JOINING_COLLECTION)) {
      try {
        const joining = decodeJoining(row.id as SpaceId, row.value);
        const code = decodeInvitationCode(joining.code);
        if (typeof code === 'string') damaged++;
        else this.#waiting.set(joining.space, newWaiting(joining, code));
      } catch (cause) {
        if (!(cause instanceof WireError)) throw cause;
        damaged++;
      }
    }
    return damaged;
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
    const waiting = newWaiting(joining, code);
    this.#waiting.set(joining.space, waiting);
    this.#put(waiting);
    this.#ports.changed();
  }

  /** It came to something, or the person waits no more. */
  drop(space: SpaceId): void {
    const waiting = this.#waiting.get(space);
    if (waiting === undefined) return;
    waiting.cancel?.();
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
      topics.push({ key, isReadAnew: true, onblob: (blob) => this.#take(waiting, key.topic, blob) });
    }
    return topics;
  }

  close(): void {
    for (const { cancel } of this.#waiting.values()) cancel?.();
  }

  #open(): readonly Waiting[] {
    return [...this.#waiting.values()].filter(({ joining }) => joining.state === 'waiting');
  }

  async #take(waiting: Waiting, topic: WantedTopic['key']['topic'], blob: Bytes): Promise<void> {
    const { context, clock, queue } = this.#ports;
    const { space } = waiting.joining;
    if (this.#waiting.get(space) !== waiting || waiting.pieces.length >= MAX_PIECES) return;
    const id = hex.encode(hash('envelope', blob));
    const by = { key: welcomeKey(waiting.code), topic, space, blob };
    const piece = waiting.seen.has(id) ? undefined : openWelcome(context.suite, by);
    if (piece === undefined) return;
    waiting.seen.add(id);
    waiting.pieces.push(piece);
    for (const op of await verifiedOps(context, piece.parcel.ops)) waiting.ops.set(op.id, op);
    waiting.cancel?.();
    waiting.cancel = clock.after(GATHER, () => void queue.run(() => this.#try(waiting)));
  }

  async #try(waiting: Waiting): Promise<void> {
    const { context, joined, changed } = this.#ports;
    const { space, state } = waiting.joining;
    if (this.#waiting.get(space) !== waiting || state !== 'waiting') return;
    const ops = [...waiting.ops.values()];
    const view = viewOf(addOps(emptyCharter(space), ops).charter);
    const { secret, relays } = waiting.code;
    const invitation = view === undefined ? undefined : await invitationBy(context, view, secret);
    if (view === undefined || invitation === undefined) return;
    if (!invitation.isOpen) {
      this.#end(waiting, invitation.joined.length >= invitation.uses ? 'used-up' : 'withdrawn');
      return;
    }
    // Others who hold the code may leave pieces too: only what the charter vouches for is taken.
    const good = waiting.pieces.filter((piece) => committedKeys(view, piece.keys).length > 0);
    const keys = good.flatMap((piece) => committedKeys(view, piece.keys));
    const rendezvous = good.findLast((piece) => piece.rendezvous !== undefined)?.rendezvous;
    if (rendezvous === undefined) return;
    const replica = await enterGroup(context, { space, relays, ops: ops.map(encodeSignedOp), keys, rendezvous });
    if (replica === undefined) return;
    await joinGroup(replica, { invite: invitation.op, secret, recovery: undefined }, { keys, rendezvous });
    // The last word: it was left after the others.
    putAnchors(replica, EVERYONE, good.findLast((piece) => piece.heads !== undefined)?.heads ?? []);
    const records = waiting.pieces.flatMap((piece) => piece.parcel.records);
    await takeParcel(replica, { ...emptyParcel, records }, false);
    if (replica.me?.isLive !== true) return;
    this.drop(space);
    const names = good.flatMap((piece) => piece.names);
    const channels = good.flatMap((piece) => piece.channels);
    await joined(replica, waiting.joining, { names, channels });
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
}

function newWaiting(joining: Joining, code: InvitationCode): Waiting {
  return { joining, code, seen: new Set(), pieces: [], ops: new Map(), cancel: undefined };
}
