// Brings devices of a group together that know different rendezvous secrets (sync/SPEC.md §8.1): after a removal some may
// not have heard of it, or made keys of their own. Whoever may have gone astray is called by a beat that only they can
// read; where members met before is listened to, and nobody speaks there.

import { equal, type Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import type { MailboxClient } from '#core/mailbox/client.ts';
import { topicKeyOf } from '#core/mailbox/topic-key.ts';
import {
  MINUTE,
  SECOND,
  type Clock,
  type Link,
  type Millis,
  type Network,
  type NetworkPolicy,
  type Random,
  type RelayAddress,
} from '#core/ports.ts';
import { openBeckoning, sealBeckoning, type Beckoning } from '#core/sync/beckon.ts';
import { openBeat, type Beat } from '#core/sync/beat.ts';
import { inboxTopicSeed } from '#core/sync/mail.ts';
import type { EventQueue } from '../event-queue.ts';
import type { Links } from './links.ts';
import type { MeetingSecret } from './links-ports.ts';
import { groupInbox, relaysOf } from './routes-of-mail.ts';
import type { Replica } from '../space/replica.ts';
import { strayDevices } from '../space/stray.ts';

/** After arriving or when the secret changed; the last one again and again, as long as anybody may be astray. */
const BECKON_AFTER = [4, 12, 40, 120, 600].map((seconds) => seconds * SECOND) as Millis[];
/** Devices called at a time: each costs a seal, and others call as well. */
const AT_A_TIME = 8;
/** Calls of one device because of what it says where members met before. */
const ANSWER_AT_MOST_EVERY = (10 * SECOND) as Millis;
/** How long a call can be followed. */
const GOOD_FOR = (2 * MINUTE) as Millis;
/** Calls opened in one space within `WINDOW`: opening one is slow, and anybody who was ever a member can leave some. */
const MAX_HEARD = 20;
const WINDOW = (10 * SECOND) as Millis;
/** Who was removed and speaks where members met before is told by so many of them, about. */
const TELLERS = 3;

export interface BeckoningPorts {
  readonly queue: EventQueue;
  readonly clock: Clock;
  readonly random: Random;
  readonly suite: CryptoSuite;
  readonly links: () => Links;
  readonly network: () => Network | undefined;
  readonly client: (relay: RelayAddress) => MailboxClient | undefined;
  readonly policy: (replica: Replica) => NetworkPolicy;
  readonly mayMeet: (replica: Replica) => boolean;
  /** Heard where members meet now. */
  readonly isMet: (replica: Replica, device: DeviceId) => boolean;
  /** A device that was ended does not know. Within an event. */
  readonly tellEnded: (replica: Replica, device: DeviceId) => void;
}

interface Secret extends MeetingSecret {
  readonly only: DeviceId;
  readonly until: Millis;
}

interface SpaceBeckoning {
  readonly replica: Replica;
  readonly beckonedAt: Map<DeviceId, Millis>;
  readonly following: Set<DeviceId>;
  secrets: readonly Secret[];
  /** The secret in use when this was looked at last. */
  rendezvous: Bytes | undefined;
  rounds: number;
  heard: { since: Millis; count: number };
  cancel: (() => void) | undefined;
}

export class Beckonings {
  readonly #ports: BeckoningPorts;
  readonly #spaces = new Map<SpaceId, SpaceBeckoning>();
  readonly #abort = new AbortController();

  constructor(ports: BeckoningPorts) {
    this.#ports = ports;
  }

  /** A relay node is there, or the secret may be another: calls who may be astray, soon and then more rarely. */
  consider(replica: Replica, isNewPlace = false): void {
    if (replica.identity.kind !== 'group' || this.#abort.signal.aborted || !this.#ports.mayMeet(replica)) return;
    const space = this.#of(replica);
    const { rendezvous } = replica.keys;
    const isSame = space.rendezvous === rendezvous || same(space.rendezvous, rendezvous);
    if (isSame && !isNewPlace && space.cancel !== undefined) return;
    space.rendezvous = rendezvous;
    space.rounds = 0;
    this.#later(space);
  }

  /** Secrets by which devices that were called, or that call us, may prove themselves. */
  secrets(replica: Replica): readonly MeetingSecret[] {
    const space = this.#spaces.get(replica.identity.space);
    const now = this.#ports.clock.now();
    return space?.secrets.filter(({ until }) => now < until && now > until - 2 * GOOD_FOR) ?? [];
  }

  /** A beat where members met before: whoever is still there is called away, or told that they are out. */
  async hearFormer(replica: Replica, rendezvous: Bytes, sealed: Bytes): Promise<void> {
    const { suite, mayMeet, isMet } = this.#ports;
    if (!mayMeet(replica) || same(replica.keys.rendezvous, rendezvous)) return;
    const beat = await openBeat(suite, { space: replica.identity.space, rendezvous }, sealed);
    if (beat === undefined || beat.device === replica.identity.device) return;
    if (replica.view?.devices.get(beat.device)?.isLive !== true) this.hearOutsider(replica, beat.device);
    else if (!isMet(replica, beat.device)) await this.#beckon(this.#of(replica), beat.device);
  }

  /** A beat of a device that is of no member, at a place that members know, or knew: some of those who hear it tell it. */
  hearOutsider(replica: Replica, device: DeviceId): void {
    const { random, tellEnded } = this.#ports;
    const around = Math.max(1, replica.others().filter((other) => this.#isLinked(replica, other.device)).length);
    if (random.bytes(1)[0]! * around < 256 * TELLERS) tellEnded(replica, device);
  }

  /** What lay among the beats at the own inbox. */
  async hear(replica: Replica, sealed: Bytes): Promise<void> {
    const { suite, mayMeet, tellEnded } = this.#ports;
    const { identity, keys, view } = replica;
    if (!mayMeet(replica) || !this.#mayOpenMore(this.#of(replica))) return;
    const by = { space: identity.space, device: identity.device, keyFor: keys.leafKey.bind(keys) };
    const beckoning = await openBeckoning(suite, by, sealed);
    if (beckoning === undefined) return;
    const { device } = beckoning.beat;
    if (device === identity.device) return;
    if (view?.devices.get(device)?.isLive !== true) {
      // It does not know, and nobody else hears this call.
      tellEnded(replica, device);
      return;
    }
    // Who was heard where we are, and calls all the same, may have gone on from there.
    if (this.#isLinked(replica, device)) return;
    this.#follow(this.#of(replica), beckoning);
  }

  forget(space: SpaceId): void {
    this.#spaces.get(space)?.cancel?.();
    this.#spaces.delete(space);
  }

  close(): void {
    this.#abort.abort();
    for (const { cancel } of this.#spaces.values()) cancel?.();
    this.#spaces.clear();
  }

  #of(replica: Replica): SpaceBeckoning {
    const { space } = replica.identity;
    let known = this.#spaces.get(space);
    if (known === undefined) {
      known = {
        replica,
        beckonedAt: new Map(),
        following: new Set(),
        secrets: [],
        rendezvous: undefined,
        rounds: 0,
        heard: { since: this.#ports.clock.now(), count: 0 },
        cancel: undefined,
      };
      this.#spaces.set(space, known);
    }
    return known;
  }

  #isLinked(replica: Replica, device: DeviceId): boolean {
    return this.#ports.links().roadTo(replica.identity.space, device) !== undefined;
  }

  #later(space: SpaceBeckoning): void {
    space.cancel?.();
    const { clock, queue } = this.#ports;
    const delay = BECKON_AFTER[Math.min(space.rounds, BECKON_AFTER.length - 1)]!;
    space.cancel = clock.after(delay, () => void queue.run(() => this.#round(space)));
  }

  async #round(space: SpaceBeckoning): Promise<void> {
    const { replica } = space;
    const { mayMeet, isMet, random } = this.#ports;
    space.cancel = undefined;
    if (this.#abort.signal.aborted || !mayMeet(replica)) return;
    const astray = strayDevices(replica).filter(
      (device) => !isMet(replica, device) && !this.#isLinked(replica, device),
    );
    if (astray.length === 0) return;
    const from = (random.bytes(1)[0]! / 256) * astray.length;
    const some = [...astray, ...astray].slice(from, from + Math.min(AT_A_TIME, astray.length));
    for (const device of some) await this.#beckon(space, device);
    space.rounds++;
    this.#later(space);
  }

  async #beckon(space: SpaceBeckoning, device: DeviceId): Promise<void> {
    const { suite, random, clock, network, client, policy } = this.#ports;
    const { replica } = space;
    const { identity } = replica;
    const self = network()?.self;
    const record = replica.records.get(device)?.record;
    const places = relaysOf(replica).flatMap((relay) => client(relay) ?? []);
    const now = clock.now();
    const last = space.beckonedAt.get(device);
    const isTooSoon = last !== undefined && Math.abs(now - last) < ANSWER_AT_MOST_EVERY;
    if (self === undefined || record === undefined || places.length === 0 || isTooSoon) return;
    space.beckonedAt.set(device, now);
    const relays = relaysOf(replica).filter((relay) => client(relay) !== undefined);
    const beat: Beat = { device: identity.device, peer: self, relays, policy: policy(replica), isGreeting: true };
    const secret = this.#expect(space, device, random.bytes(32));
    const to = { device, sealingKey: record.sealingKey };
    const sealed = await sealBeckoning(suite, random, { space: identity.space, seed: identity.seed, to, secret, beat });
    if (sealed === undefined) return;
    const route = groupInbox(identity.space, record.inboxSecret);
    for (const place of places) {
      const key = await topicKeyOf(suite, inboxTopicSeed(route, place.day));
      void place.publish(key, sealed).catch(() => undefined);
    }
  }

  #expect(space: SpaceBeckoning, only: DeviceId, secret: Bytes): Bytes {
    const now = this.#ports.clock.now();
    const open = space.secrets.filter(({ until }) => now < until).slice(-4 * AT_A_TIME);
    space.secrets = [...open, { secret, only, until: (now + GOOD_FOR) as Millis }];
    return secret;
  }

  #mayOpenMore(space: SpaceBeckoning): boolean {
    const now = this.#ports.clock.now();
    if (Math.abs(now - space.heard.since) >= WINDOW) space.heard = { since: now, count: 0 };
    return space.heard.count++ < MAX_HEARD;
  }

  #follow(space: SpaceBeckoning, { beat, secret }: Beckoning): void {
    const net = this.#ports.network();
    const { device } = beat;
    if (net === undefined || space.following.has(device)) return;
    space.following.add(device);
    this.#expect(space, device, secret);
    void this.#open(net, space.replica, beat).then(
      (link) => this.#opened(space, device, { link, secret }),
      () => this.#opened(space, device, undefined),
    );
  }

  async #open(network: Network, replica: Replica, beat: Beat): Promise<Link> {
    const { signal } = this.#abort;
    const place = { peer: beat.peer, relays: beat.relays };
    const isDirect = beat.policy === 'direct' && this.#ports.policy(replica) === 'direct';
    if (isDirect) network.permitDirect?.(beat.peer);
    try {
      return await network.openPeer(place, 'relays', signal);
    } catch (cause) {
      if (signal.aborted || !isDirect) throw cause;
      return network.openPeer(place, 'direct', signal);
    }
  }

  #opened(
    space: SpaceBeckoning,
    device: DeviceId,
    by: { readonly link: Link; readonly secret: Bytes } | undefined,
  ): Promise<void> {
    return this.#ports.queue.run(() => {
      space.following.delete(device);
      if (by === undefined) return;
      if (this.#abort.signal.aborted) by.link.close();
      else this.#ports.links().add(by.link, true, [{ space: space.replica.identity.space, secret: by.secret }]);
    });
  }
}

function same(a: Bytes | undefined, b: Bytes | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && equal(a, b));
}
