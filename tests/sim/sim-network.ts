// Links between apps and to relay nodes, through weather: frames are lost, doubled, delayed, reordered and damaged, and
// roads between two places are cut in one direction or both.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { Link, Meeting, Network, NetworkPolicy, PeerId, RelayAddress, Road, Signal } from '#core/ports.ts';
import type { Dice } from './dice.ts';
import type { World } from './world.ts';

/** Chances per frame, and how late one may be. */
export interface Weather {
  readonly loss: number;
  readonly duplication: number;
  readonly corruption: number;
  /** Chance that a frame is held back long enough for later ones to overtake it. */
  readonly delay: number;
}

export const FAIR: Weather = { loss: 0, duplication: 0, corruption: 0, delay: 0 };

/** Where an app or a relay node is; roads run between places. */
export type Place = string;

/** Milliseconds a frame takes at least and at most in fair weather. */
const QUICKEST = 4;
const SLOWEST = 24;
const LATEST = 1_500;
/** How long a link whose other end is gone takes to notice. */
const NOTICE = 400;

interface Host {
  readonly place: Place;
  accept(link: Link): void;
}

export class Roads {
  readonly world: World;
  readonly #dice: Dice;
  readonly #cuts = new Map<string, number>();
  readonly #peers = new Map<PeerId, Host>();
  readonly #relays = new Map<RelayAddress, Host>();
  weather: Weather = FAIR;
  /** Told of every frame that sets out, and where to. */
  tap: ((frame: Uint8Array, to: Place) => void) | undefined;

  constructor(world: World, dice: Dice) {
    this.world = world;
    this.#dice = dice;
  }

  /** Nothing goes from `from` to `to` until it is mended; cuts add up. */
  cut(from: Place, to: Place): () => void {
    const key = `${from}>${to}`;
    this.#cuts.set(key, (this.#cuts.get(key) ?? 0) + 1);
    let isCut = true;
    return () => {
      if (!isCut) return;
      isCut = false;
      this.#cuts.set(key, this.#cuts.get(key)! - 1);
    };
  }

  /** Nothing goes between some places and some others, either way, until it is mended. */
  part(some: readonly Place[], others: readonly Place[]): () => void {
    const cuts = some.flatMap((one) => others.flatMap((other) => [this.cut(one, other), this.cut(other, one)]));
    return () => cuts.forEach((mend) => mend());
  }

  isOpen(from: Place, to: Place): boolean {
    return (this.#cuts.get(`${from}>${to}`) ?? 0) === 0;
  }

  join(peer: PeerId, host: Host): () => void {
    this.#peers.set(peer, host);
    return () => void this.#peers.delete(peer);
  }

  openRelay(relay: RelayAddress, host: Host): () => void {
    this.#relays.set(relay, host);
    return () => void this.#relays.delete(relay);
  }

  peer(id: PeerId): Host | undefined {
    return this.#peers.get(id);
  }

  relay(address: RelayAddress): Host | undefined {
    return this.#relays.get(address);
  }

  /** Sends one frame, which is the road's own now, through the weather; it may arrive not at all, once or twice. */
  carry(frame: Bytes, road: { from: Place; to: Place }, arrive: (frame: Bytes) => void): void {
    const { world, weather } = this;
    const dice = this.#dice;
    world.note('frame', road.from, road.to, frame.length);
    this.tap?.(frame, road.to);
    if (!this.isOpen(road.from, road.to)) return;
    if (dice.chance(weather.loss)) return world.faults.strike('loss');
    const copies = dice.chance(weather.duplication) ? 2 : 1;
    if (copies === 2) world.faults.strike('duplication');
    for (let i = 0; i < copies; i++) {
      const late = dice.chance(weather.delay);
      if (late) world.faults.strike('delay');
      const delay = late ? dice.between(SLOWEST, LATEST) : dice.between(QUICKEST, SLOWEST);
      world.after(delay, 'frame', () => {
        // A road that was cut meanwhile swallows what is on it.
        if (this.isOpen(road.from, road.to)) arrive(this.#damaged(copies === 1 ? frame : new Uint8Array(frame)));
      });
    }
  }

  #damaged(frame: Bytes): Bytes {
    if (frame.length > 0 && this.#dice.chance(this.weather.corruption)) {
      this.world.faults.strike('corruption');
      for (let i = this.#dice.between(1, 3); i > 0; i--)
        frame[this.#dice.roll(frame.length)]! ^= 1 + this.#dice.roll(255);
    }
    return frame;
  }
}

/** One end of a link. */
class SimLink implements Link {
  readonly remote: PeerId;
  readonly road: Road;
  onframe: ((frame: Bytes) => void) | undefined;
  onclose: (() => void) | undefined;
  readonly #roads: Roads;
  readonly #from: Place;
  readonly #to: Place;
  other: SimLink | undefined;
  #isOpen = true;
  #sent = 0;
  #arrived = 0;

  constructor(roads: Roads, ends: { remote: PeerId; road: Road; from: Place; to: Place }) {
    this.remote = ends.remote;
    this.road = ends.road;
    this.#roads = roads;
    this.#from = ends.from;
    this.#to = ends.to;
  }

  send(frame: Uint8Array): boolean {
    if (!this.#isOpen) return false;
    const number = ++this.#sent;
    // The sender may reuse its buffer.
    this.#roads.carry(new Uint8Array(frame), { from: this.#from, to: this.#to }, (bytes) => {
      if (number < this.#arrived) this.#roads.world.faults.strike('reordering');
      this.#arrived = Math.max(this.#arrived, number);
      this.other?.deliver(bytes);
    });
    return true;
  }

  deliver(frame: Bytes): void {
    if (this.#isOpen) this.onframe?.(frame);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    // What was on its way arrives before the end does.
    this.#roads.world.after(NOTICE, 'link ends', () => this.other?.end());
  }

  /** The other end is gone. */
  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.onclose?.();
  }
}

/** What one unlocked session has of the network. */
export class SimNetwork implements Network {
  readonly self: PeerId;
  onpeer: ((link: Link) => void) | undefined;
  /** Peers that may have this one's address now. */
  readonly permitted = new Set<PeerId>();
  readonly #roads: Roads;
  readonly #place: Place;
  readonly #leave: () => void;
  readonly #links = new Set<SimLink>();
  #isOpen = true;

  constructor(roads: Roads, place: Place, self: PeerId) {
    this.self = self;
    this.#roads = roads;
    this.#place = place;
    this.#leave = roads.join(self, {
      place,
      accept: (link) => {
        this.#links.add(link as SimLink);
        if (this.onpeer === undefined) link.close();
        else this.onpeer(link);
      },
    });
  }

  permitDirect(peer: PeerId): void {
    this.permitted.add(peer);
  }

  forbidDirect(peer: PeerId): void {
    this.permitted.delete(peer);
  }

  openMailbox(relay: RelayAddress, signal: Signal): Promise<Link> {
    return this.#dial(() => this.#roads.relay(relay), { remote: relay as string as PeerId, road: 'relayed' }, signal);
  }

  openPeer(meeting: Meeting, policy: NetworkPolicy, signal: Signal): Promise<Link> {
    const road = policy === 'direct' ? 'direct' : 'relayed';
    return this.#dial(() => this.#roads.peer(meeting.peer), { remote: meeting.peer, road }, signal);
  }

  upgrade(): Promise<Link | undefined> {
    return Promise.resolve(undefined);
  }

  close(): Promise<void> {
    this.vanish();
    return Promise.resolve();
  }

  /** Ends without a word, as a killed process does. */
  vanish(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#leave();
    for (const link of this.#links) {
      link.onframe = undefined;
      link.onclose = undefined;
      link.close();
    }
    this.#links.clear();
  }

  #dial(find: () => Host | undefined, ends: { remote: PeerId; road: Road }, signal: Signal): Promise<Link> {
    const { world } = this.#roads;
    const from = this.#place;
    return new Promise((resolve, reject) => {
      world.after(QUICKEST + SLOWEST, 'dial', () => {
        const host = find();
        const isOpen =
          host !== undefined && this.#roads.isOpen(from, host.place) && this.#roads.isOpen(host.place, from);
        if (!isOpen || !this.#isOpen || signal.aborted) return reject(new Error('cannot be reached'));
        const near = new SimLink(this.#roads, { ...ends, from, to: host.place });
        const far = new SimLink(this.#roads, { remote: this.self, road: ends.road, from: host.place, to: from });
        near.other = far;
        far.other = near;
        this.#links.add(near);
        world.note('link', from, host.place);
        host.accept(far);
        resolve(near);
      });
    });
  }
}
