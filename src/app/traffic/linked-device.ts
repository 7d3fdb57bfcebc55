// One device of one space at the other end of a proven link: seals and opens the frames of its channel and does what the
// sync machine says.

import type { Bytes } from '#core/bytes/bytes.ts';
import { wasEverBound } from '#core/charter/author.ts';
import type { DeviceId } from '#core/charter/ids.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import type { Clock, Link, Millis, Road } from '#core/ports.ts';
import { Channel, type ChannelEffect, type Local } from '#core/sync/channel.ts';
import { encodeChannelMessage, type ChannelMessage, type Want } from '#core/sync/channel-messages.ts';
import type { ChannelKeys } from '#core/sync/handshake.ts';
import type { Held } from '#core/sync/held.ts';
import { MAX_FRAME_BYTES, sealFrame } from '#core/sync/link-frames.ts';
import { emptyParcel, isEmptyParcel, splitParcel, type Parcel } from '#core/sync/parcel.ts';
import { Branches } from '../space/branches.ts';
import { Refills } from '../space/refills.ts';
import { durableFor, serve } from '../space/offer.ts';
import { isSaved, onceSaved } from '../space/own-ops.ts';
import type { Replica } from '../space/replica.ts';
import { Arrivals } from './arrivals.ts';

export interface LinkedDeviceEvents {
  readonly clock: Clock;
  readonly suite: CryptoSuite;
  /** Takes a parcel that came over a proven link; resolves when it has been handled. */
  readonly parcel: (replica: Replica, device: DeviceId, parcel: Parcel) => Promise<void>;
  readonly confirmed: (replica: Replica, device: DeviceId, held: Held) => Promise<void>;
  readonly fleeting: (replica: Replica, device: DeviceId, payload: Bytes) => void;
  /** Whether both sides allow a direct road, as far as is known. */
  readonly mayBeDirect: (replica: Replica, device: DeviceId) => boolean;
}

export interface LinkedDeviceOptions {
  readonly replica: Replica;
  readonly device: DeviceId;
  readonly link: Link;
  readonly keys: ChannelKeys;
  /** The link was opened by the side that should, so that both sides keep the same one of two. */
  readonly byRule: boolean;
}

/** Room for what is around the parts of a pushed parcel. */
const PUSH_BYTES = MAX_FRAME_BYTES - 4_096;
/**
 * A direct road opens within 0.1 to 0.7 s where there is one, unless the page and the relay node are busy with what goes the
 * other way meanwhile. The next heartbeat after it asks for the rest.
 */
const DIRECT_WITHIN = 600 as Millis;
/** Requests answered between two heartbeats; an honest device waits for each answer before the next. */
const SERVES_PER_TICK = 64;

export class LinkedDevice {
  readonly replica: Replica;
  readonly device: DeviceId;
  readonly byRule: boolean;
  readonly since: Millis;
  readonly #events: LinkedDeviceEvents;
  readonly #link: Link;
  readonly #keys: ChannelKeys;
  readonly #channel: Channel;
  readonly #arrivals: Arrivals;
  #counter = 0;
  #served = 0;
  #isHeard = false;
  #isAway = false;

  constructor(events: LinkedDeviceEvents, options: LinkedDeviceOptions) {
    this.#events = events;
    this.replica = options.replica;
    this.device = options.device;
    this.byRule = options.byRule;
    this.since = events.clock.now();
    this.#link = options.link;
    this.#keys = options.keys;
    this.#arrivals = new Arrivals(events.suite, options.keys.receive);
    this.#channel = new Channel({
      ...localOf(options.replica, options.device),
      isForNow: () => this.#isForNow(),
      coming: (key) => this.#arrivals.spans(key),
      hasArrived: (request) => this.#arrivals.hasLast(request),
    });
  }

  get road(): Road {
    return this.#link.road;
  }

  get link(): Link {
    return this.#link;
  }

  /** Its frames open and were heard lately. */
  get isHere(): boolean {
    return this.#isHeard && !this.#isAway;
  }

  /** Much of the space is on its way here. */
  get isFlooded(): boolean {
    return this.#channel.isFlooded;
  }

  #isForNow(): boolean {
    const { clock, mayBeDirect } = this.#events;
    const isYoung = Math.abs(clock.now() - this.since) < DIRECT_WITHIN;
    return isYoung && this.road === 'relayed' && mayBeDirect(this.replica, this.device);
  }

  open(): void {
    this.#sendAll(this.#channel.open());
  }

  changed(): void {
    this.#sendAll(this.#channel.changed(this.#events.clock.now()));
  }

  /** `isLoud`: something was heard on the link lately. */
  async tick(isLoud: boolean): Promise<void> {
    this.#served = 0;
    this.#isAway = !isLoud;
    await this.#do(this.#channel.tick(this.#events.clock.now()));
  }

  push(parcel: Parcel): void {
    if (isEmptyParcel(parcel)) return;
    for (const piece of splitParcel(parcel, PUSH_BYTES)) this.#send({ is: 'push', parcel: piece });
  }

  sendFleeting(payload: Bytes): void {
    this.#send({ is: 'fleeting', payload });
  }

  bye(): void {
    this.#send({ is: 'bye' });
  }

  /** A sealed frame that `hear` will be told of when others before it were handled. Not part of an event. */
  arrived(frame: Uint8Array): void {
    this.#arrivals.note(frame);
  }

  /** Handles one sealed frame; true when the other end said goodbye. */
  async hear(frame: Uint8Array): Promise<boolean> {
    const { opens, message } = this.#arrivals.take(frame);
    if (!opens) return false;
    this.#isHeard = true;
    this.#isAway = false;
    if (message === undefined) return false;
    return this.#do(this.#channel.hear(message, this.#events.clock.now()));
  }

  async #do(effects: readonly ChannelEffect[]): Promise<boolean> {
    let isEnded = false;
    for (const effect of effects) {
      switch (effect.is) {
        case 'send':
          this.#send(effect.message);
          break;
        case 'serve':
          this.#serve(effect.want);
          break;
        case 'take':
          await this.#events.parcel(this.replica, this.device, effect.parcel);
          this.#sendAll(this.#channel.seek(this.#events.clock.now()));
          break;
        case 'confirmed':
          await this.#events.confirmed(this.replica, this.device, effect.held);
          break;
        case 'fleeting':
          this.#events.fleeting(this.replica, this.device, effect.payload);
          break;
        case 'ended':
          isEnded = true;
      }
    }
    return isEnded;
  }

  #sendAll(effects: readonly ChannelEffect[]): void {
    for (const effect of effects) if (effect.is === 'send') this.#send(effect.message);
  }

  #serve(want: Want): void {
    if (this.#served >= SERVES_PER_TICK) return;
    this.#served++;
    // Who hears nothing asks again: while the disk is full, nothing piles up here.
    if (!isSaved(this.replica) && this.replica.context.disk.state !== 'well') return;
    onceSaved(this.replica, () => {
      const { request } = want;
      let made: Parcel | undefined;
      for (const parcel of serve(this.replica, want, this.device)) {
        if (made !== undefined) this.#send({ is: 'give', request, last: false, parcel: made });
        made = parcel;
      }
      // An answer that holds nothing is one, too.
      this.#send({ is: 'give', request, last: true, parcel: made ?? emptyParcel });
    });
  }

  #send(message: ChannelMessage): void {
    const at = { channel: this.#keys.channel, key: this.#keys.send, counter: this.#counter };
    this.#counter++;
    this.#link.send(sealFrame(this.#events.suite, at, encodeChannelMessage(message)));
  }
}

/** The view knows members, and who was one; a coming that is void leaves no trace there. */
function isOfSpace({ view, charter }: Replica, device: DeviceId): boolean {
  return view?.devices.has(device) === true || wasEverBound(charter, device);
}

function localOf(replica: Replica, device: DeviceId): Omit<Local, 'isForNow' | 'coming' | 'hasArrived'> {
  const branches = new Branches(replica);
  const refills = new Refills(replica);
  return {
    durable: () => durableFor(replica, device),
    spans: (chain, key) => refills.spans(key, branches.spans(chain, key)),
    hasOp: (op) => replica.charter.ops.has(op),
    recordNumber: (device) => replica.records.get(device)?.record.number,
    knows: (chain, orWill) => replica.reads(chain.scope) && (orWill || isOfSpace(replica, chain.device)),
    heads: () => replica.charter.heads,
  };
}
