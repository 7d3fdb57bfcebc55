// How devices of a space find each other while both are here: beats on the rendezvous topic of the day, then one of the
// two calls the other. Through a relay node first, which is quick; a direct road is looked for behind it.

import { equal, type Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import type { MailboxClient } from '#core/mailbox/client.ts';
import type { TopicKey } from '#core/mailbox/topic-key.ts';
import {
  SECOND,
  type Clock,
  type Link,
  type Meeting as MeetingPlace,
  type Millis,
  type Network,
  type NetworkPolicy,
  type PeerId,
  type Random,
  type RelayAddress,
} from '#core/ports.ts';
import { openBeat, sealBeat, type Beat } from '#core/sync/beat.ts';
import type { EventQueue } from '../event-queue.ts';
import type { Links } from './links.ts';
import { noteHeardAt } from './routes-of-mail.ts';
import type { WantedSpace } from './links-ports.ts';
import type { Replica } from '../space/replica.ts';

/** Between two calls to a device that did not answer; doubles. */
const CALL_AGAIN = (2 * SECOND) as Millis;
const MAX_CALLS = 6;
/** Devices of one group that this one calls; what they have is passed on by them. Whoever calls is taken besides. */
const MAX_CALLED_IN_GROUP = 12;
/** Greetings of who is alone: soon again at first, since a beat may be lost, then rarely. */
const GREET_AGAIN = [4, 12, 40, 120].map((seconds) => seconds * SECOND) as Millis[];
/**
 * After failed searches for a better road: either end may just have been busy, and networks change when people move. Where
 * there is none, looking costs little.
 */
const UPGRADE_AGAIN = [10, 60, 300, 900].map((seconds) => seconds * SECOND) as Millis[];
/** Greetings because members are others now: a group that fills would greet once for each who comes, all at once. */
const GREET_NEWS_EVERY = (3 * SECOND) as Millis;
/** Answers to greetings, for one space. */
const ANSWER_AT_MOST_EVERY = (1 * SECOND) as Millis;

export interface MeetingPorts {
  readonly queue: EventQueue;
  readonly clock: Clock;
  readonly random: Random;
  readonly suite: CryptoSuite;
  readonly links: Links;
  readonly network: () => Network | undefined;
  readonly policy: (replica: Replica) => NetworkPolicy;
  readonly mayMeet: (replica: Replica) => boolean;
}

interface Place {
  readonly relay: RelayAddress;
  readonly client: MailboxClient;
  readonly key: TopicKey;
}

interface Met {
  readonly beat: Beat;
  /** The secret of the space that it was heard by. */
  readonly by: Bytes;
  calls: number;
  isCalling: boolean;
}

/** For a better road to a peer. */
interface Search {
  isUnderWay: boolean;
  /** When it ended, and how many in a row found nothing. */
  at: Millis;
  failed: number;
  /** Another one will follow by itself. */
  isAwaited: boolean;
}

interface SpaceMeeting {
  readonly replica: Replica;
  readonly places: Map<RelayAddress, Place>;
  readonly met: Map<DeviceId, Met>;
  greetings: number;
  answeredAt: Millis;
  greetedAt: Millis;
  cancelGreeting: (() => void) | undefined;
  cancelNews: (() => void) | undefined;
}

export class Meeting {
  readonly #ports: MeetingPorts;
  readonly #spaces = new Map<SpaceId, SpaceMeeting>();
  readonly #upgrading = new Map<string, Search>();
  readonly #abort = new AbortController();

  constructor(ports: MeetingPorts) {
    this.#ports = ports;
  }

  /** A relay node hands us the beats of a space's rendezvous topic from now on: says that we are here. */
  async arrive(replica: Replica, place: Place): Promise<void> {
    const meeting = this.#of(replica);
    meeting.places.set(place.relay, place);
    meeting.greetings = 0;
    await this.#publish(replica, [place], true);
    this.#greetLater(replica);
  }

  leave(relay: RelayAddress): void {
    for (const meeting of this.#spaces.values()) meeting.places.delete(relay);
  }

  /** The policy changed, or a link ended: meet anew. */
  async greetAgain(replica: Replica): Promise<void> {
    const meeting = this.#of(replica);
    meeting.greetings = 0;
    meeting.greetedAt = this.#ports.clock.now();
    for (const met of meeting.met.values()) met.calls = 0;
    await this.#publish(replica, [...meeting.places.values()], true);
    this.#greetLater(replica);
  }

  /** Who is in is known otherwise than before: beats that fell on deaf ears are to be heard. */
  async membersChanged(replica: Replica): Promise<void> {
    const { clock, queue } = this.#ports;
    const meeting = this.#of(replica);
    if (meeting.cancelNews !== undefined) return;
    if (Math.abs(clock.now() - meeting.greetedAt) >= GREET_NEWS_EVERY) return this.greetAgain(replica);
    meeting.cancelNews = clock.after(
      GREET_NEWS_EVERY,
      () =>
        void queue.run(() => {
          meeting.cancelNews = undefined;
          return this.#abort.signal.aborted ? undefined : this.greetAgain(replica);
        }),
    );
  }

  /** What both sides allow holds from now on: a road that shows an address is ended, or one is looked for. */
  rulesChanged(replica: Replica): void {
    for (const [device, { beat }] of this.#of(replica).met) {
      this.#upgrading.delete(beat.peer);
      this.#keepRules(replica, device, beat);
    }
  }

  /** Tells whose beat it was if that is no live device of the space. */
  async hear(replica: Replica, sealed: Bytes, relay: RelayAddress): Promise<DeviceId | undefined> {
    const { rendezvous } = replica.keys;
    if (rendezvous === undefined || !this.#ports.mayMeet(replica)) return undefined;
    const beat = await openBeat(this.#ports.suite, { space: replica.identity.space, rendezvous }, sealed);
    if (beat === undefined || beat.device === replica.identity.device) return undefined;
    if (replica.view?.devices.get(beat.device)?.isLive !== true) return beat.device;
    noteHeardAt(replica, relay, beat.device);
    const meeting = this.#of(replica);
    const before = meeting.met.get(beat.device);
    meeting.met.set(beat.device, { beat, by: rendezvous, calls: 0, isCalling: before?.isCalling ?? false });
    if (before?.beat.policy !== beat.policy) this.#upgrading.delete(beat.peer);
    this.#keepRules(replica, beat.device, beat);
    const now = this.#ports.clock.now();
    if (beat.isGreeting && Math.abs(now - meeting.answeredAt) >= ANSWER_AT_MOST_EVERY) {
      meeting.answeredAt = now;
      await this.#publish(replica, [...meeting.places.values()], false);
    }
    this.#call(replica, beat.device);
    return undefined;
  }

  /** A device of the space was proven on a link, or its link ended. */
  presenceChanged(replica: Replica, device: DeviceId): void {
    const road = this.#ports.links.roadTo(replica.identity.space, device);
    if (road === 'relayed') this.#upgrade(replica, device);
    if (road !== undefined) return;
    const met = this.#of(replica).met.get(device);
    if (met !== undefined) met.calls = 0;
    this.#call(replica, device);
    this.#of(replica).greetings = 0;
    this.#greetLater(replica);
  }

  /** Whether a device was heard where those who share the secret in use meet. */
  hasMet({ identity, keys }: Replica, device: DeviceId): boolean {
    const met = this.#spaces.get(identity.space)?.met.get(device);
    return met !== undefined && keys.rendezvous !== undefined && equal(met.by, keys.rendezvous);
  }

  /** Whether both sides allow that device a direct road, as far as it said so. */
  mayBeDirect(replica: Replica, device: DeviceId): boolean {
    const beat = this.#spaces.get(replica.identity.space)?.met.get(device)?.beat;
    return beat !== undefined && this.#isDirect(replica, beat);
  }

  /** The space is no more on this device. */
  forget(space: SpaceId): void {
    this.#spaces.get(space)?.cancelGreeting?.();
    this.#spaces.get(space)?.cancelNews?.();
    this.#spaces.delete(space);
  }

  close(): void {
    this.#abort.abort();
    for (const meeting of this.#spaces.values()) {
      meeting.cancelGreeting?.();
      meeting.cancelNews?.();
    }
    this.#spaces.clear();
  }

  #of(replica: Replica): SpaceMeeting {
    const { identity } = replica;
    let meeting = this.#spaces.get(identity.space);
    if (meeting === undefined) {
      meeting = {
        replica,
        places: new Map(),
        met: new Map(),
        greetings: 0,
        answeredAt: 0 as Millis,
        greetedAt: 0 as Millis,
        cancelGreeting: undefined,
        cancelNews: undefined,
      };
      this.#spaces.set(identity.space, meeting);
    }
    return meeting;
  }

  #isDirect(replica: Replica, beat: Beat): boolean {
    return beat.policy === 'direct' && this.#ports.policy(replica) === 'direct';
  }

  #keepRules(replica: Replica, device: DeviceId, beat: Beat): void {
    const { links, network, mayMeet } = this.#ports;
    if (this.#isDirect(replica, beat) && mayMeet(replica)) {
      network()?.permitDirect?.(beat.peer);
      if (links.roadTo(replica.identity.space, device) === 'relayed') this.#upgrade(replica, device);
    } else if (!this.#isDirectElsewhere(beat.peer)) network()?.forbidDirect?.(beat.peer);
  }

  /** One peer may be the device of several contacts; it knows the address when one of them may. */
  #isDirectElsewhere(peer: PeerId): boolean {
    return [...this.#spaces.values()].some(({ replica, met }) => {
      const isAllowed = ({ beat }: Met): boolean => beat.peer === peer && this.#isDirect(replica, beat);
      return this.#ports.mayMeet(replica) && [...met.values()].some(isAllowed);
    });
  }

  async #publish(replica: Replica, places: readonly Place[], isGreeting: boolean): Promise<void> {
    const { random, suite, network, policy, mayMeet } = this.#ports;
    const self = network()?.self;
    const { rendezvous } = replica.keys;
    if (self === undefined || rendezvous === undefined || places.length === 0 || !mayMeet(replica)) return;
    const { device, seed, space } = replica.identity;
    const relays = [...this.#of(replica).places.keys()];
    const beat: Beat = { device, peer: self, relays, policy: policy(replica), isGreeting };
    const sealed = await sealBeat(suite, random, { space, rendezvous, beat, seed });
    for (const { client, key } of places) void client.publish(key, sealed).catch(() => undefined);
  }

  #greetLater(replica: Replica): void {
    const meeting = this.#of(replica);
    meeting.cancelGreeting?.();
    const delay = GREET_AGAIN[Math.min(meeting.greetings, GREET_AGAIN.length - 1)]!;
    const { clock, queue, links } = this.#ports;
    meeting.cancelGreeting = clock.after(
      delay,
      () =>
        void queue.run(async () => {
          if (this.#abort.signal.aborted) return;
          meeting.greetings++;
          if (links.devices(replica.identity.space).length === 0) {
            await this.#publish(replica, [...meeting.places.values()], true);
          }
          this.#greetLater(replica);
        }),
    );
  }

  /** Of two devices the one with the smaller peer id calls. */
  #call(replica: Replica, device: DeviceId): void {
    const { links, network, mayMeet } = this.#ports;
    const met = this.#of(replica).met.get(device);
    const net = network();
    if (met === undefined || net === undefined || met.isCalling || !mayMeet(replica)) return;
    if (net.self >= met.beat.peer || met.calls >= MAX_CALLS) return;
    const { space } = replica.identity;
    if (links.roadTo(space, device) !== undefined) return;
    if (replica.identity.kind === 'group' && links.devices(space).length >= MAX_CALLED_IN_GROUP) return;
    met.isCalling = true;
    met.calls++;
    void this.#open(net, replica, met.beat).then(
      (link) => this.#called(replica, device, link),
      () => this.#called(replica, device, undefined),
    );
    // The beat named the peer, and nobody else can answer as that one: a better road need not wait for the link's proof.
    this.#upgrade(replica, device);
  }

  async #open(network: Network, replica: Replica, beat: Beat): Promise<Link> {
    const place: MeetingPlace = { peer: beat.peer, relays: beat.relays };
    const { signal } = this.#abort;
    try {
      return await network.openPeer(place, 'relays', signal);
    } catch (cause) {
      // Where we hold no place at their relay nodes, the policy may allow to call there all the same.
      if (signal.aborted || !this.#isDirect(replica, beat)) throw cause;
      return network.openPeer(place, 'direct', signal);
    }
  }

  #called(replica: Replica, device: DeviceId, link: Link | undefined): Promise<void> {
    const { queue, clock, links } = this.#ports;
    return queue.run(() => {
      const met = this.#of(replica).met.get(device);
      if (met !== undefined) met.isCalling = false;
      // Then there was nothing that a better road could have been looked for over.
      if (met !== undefined && link === undefined) this.#upgrading.delete(met.beat.peer);
      if (this.#abort.signal.aborted) link?.close();
      else if (link !== undefined) links.add(link, true, [{ space: replica.identity.space }]);
      if (met === undefined) return;
      const delay = (CALL_AGAIN * 2 ** met.calls) as Millis;
      clock.after(delay, () => void queue.run(() => this.#call(replica, device)));
    });
  }

  #upgrade(replica: Replica, device: DeviceId): void {
    const { links, network, clock, queue } = this.#ports;
    const beat = this.#of(replica).met.get(device)?.beat;
    const net = network();
    if (beat === undefined || net === undefined || !this.#isDirect(replica, beat)) return;
    net.permitDirect?.(beat.peer);
    if (net.self >= beat.peer || links.linkTo(beat.peer)?.road === 'direct') return;
    const search = this.#upgrading.get(beat.peer) ?? {
      isUnderWay: false,
      at: 0 as Millis,
      failed: 0,
      isAwaited: false,
    };
    if (search.isUnderWay) return;
    if (this.#upgrading.has(beat.peer) && Math.abs(clock.now() - search.at) < pauseAfter(search)) {
      this.#upgradeLater(replica, device, search);
      return;
    }
    this.#upgrading.set(beat.peer, search);
    search.isUnderWay = true;
    void net.upgrade(beat.peer, this.#abort.signal).then(
      (better) =>
        queue.run(() => {
          search.isUnderWay = false;
          search.at = clock.now();
          search.failed = better === undefined ? search.failed + 1 : 0;
          if (this.#abort.signal.aborted) better?.close();
          else if (better !== undefined) links.add(better, true, this.#sharedSpaces(beat.peer));
          else this.#upgradeLater(replica, device, search);
        }),
      () => undefined,
    );
  }

  #upgradeLater(replica: Replica, device: DeviceId, search: Search): void {
    if (search.isAwaited) return;
    search.isAwaited = true;
    const { clock, links, queue, mayMeet } = this.#ports;
    const delay = Math.max(0, search.at + pauseAfter(search) - clock.now()) as Millis;
    clock.after(
      delay,
      () =>
        void queue.run(() => {
          search.isAwaited = false;
          const isRelayed = links.roadTo(replica.identity.space, device) === 'relayed';
          if (isRelayed && !this.#abort.signal.aborted && mayMeet(replica)) this.#upgrade(replica, device);
        }),
    );
  }

  #sharedSpaces(peer: PeerId): readonly WantedSpace[] {
    return [...this.#spaces].flatMap(([space, { met }]) =>
      [...met.values()].some(({ beat }) => beat.peer === peer) ? [{ space }] : [],
    );
  }
}

function pauseAfter({ failed }: Search): Millis {
  return UPGRADE_AGAIN[Math.min(Math.max(failed, 1), UPGRADE_AGAIN.length) - 1]!;
}
