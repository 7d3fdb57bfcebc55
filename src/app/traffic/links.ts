// Links to other devices: greeting, proof for each shared space, then the sync machine of each (core/sync). A stranger
// who links to us learns nothing and is dropped soon.

import { equal, hex, type Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import { bytesOfId } from '#core/charter/op.ts';
import type { SigningKey } from '#core/crypto/suite.ts';
import { SECOND, type Link, type Millis, type PeerId, type Road } from '#core/ports.ts';
import { channelKeys, checkProof, expectedTag, makeProof, NONCE_BYTES, type Ends } from '#core/sync/handshake.ts';
import {
  decodeLinkFrame,
  encodeOpenFrame,
  MAX_FRAME_BYTES,
  sealedChannel,
  type OpenFrame,
} from '#core/sync/link-frames.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import { WireError } from '#core/wire/wire-error.ts';
import { LinkedDevice } from './linked-device.ts';
import type { LinksPorts, MeetingSecret, OpenLink, WantedSpace } from './links-ports.ts';
import { endsOf, opsFor } from '../space/offer.ts';
import { onceSaved } from '../space/own-ops.ts';
import type { Replica } from '../space/replica.ts';

/** Two may be lost before the other is taken for gone; a tab that closes without a goodbye is noticed within 3 s. */
const HEARTBEAT = 700 as Millis;
/** After this much silence a device is shown as away: that is seen at the next heartbeat, so the two together stay below 3 s. */
const AWAY_AFTER = 2_150 as Millis;
/** After this much silence the link is given up; until then it may come back. */
const DEAD_AFTER = (8 * SECOND) as Millis;
/** A link that proved nothing by then is closed. */
const PROVE_WITHIN = (10 * SECOND) as Millis;
/** Links of strangers at a time. */
const MAX_UNPROVEN = 32;
/** Proofs checked on one link: more spaces than two devices share. */
const MAX_PROOFS = 200;

export class Links {
  readonly #ports: LinksPorts;
  readonly #links = new Set<OpenLink>();
  #cancelTick: (() => void) | undefined;

  constructor(ports: LinksPorts) {
    this.#ports = ports;
  }

  /** Takes a link in: one we opened for some spaces, or one that somebody opened to us. */
  add(link: Link, isOurs: boolean, spaces: readonly WantedSpace[]): void {
    const { queue, clock, random } = this.#ports;
    const unproven = [...this.#links].filter((open) => open.devices.size === 0 && !open.isOurs).length;
    if (!isOurs && unproven >= MAX_UNPROVEN) {
      link.close();
      return;
    }
    const now = clock.now();
    const open: OpenLink = {
      link,
      isOurs,
      nonce: random.bytes(NONCE_BYTES),
      openedAt: now,
      wanted: new Map(spaces.map(({ space, secret }) => [space, secret])),
      proofs: new Map(),
      devices: new Map(),
      remoteNonce: undefined,
      theyKnowOurs: false,
      checked: 0,
      heardAt: now,
    };
    this.#links.add(open);
    link.onframe = (frame) => {
      this.#arrived(open, frame);
      void queue.run(() => this.#hear(open, frame));
    };
    link.onclose = () => void queue.run(() => this.#drop(open));
    this.#hello(open);
    this.#startTicking();
  }

  /** The best way to each device of a space that is linked and heard. */
  devices(space: SpaceId): readonly LinkedDevice[] {
    const best = new Map<DeviceId, LinkedDevice>();
    for (const { devices } of this.#links) {
      for (const linked of devices.values()) {
        if (linked.replica.identity.space !== space || !linked.isHere) continue;
        const known = best.get(linked.device);
        if (known === undefined || this.#rank(linked) > this.#rank(known)) best.set(linked.device, linked);
      }
    }
    return [...best.values()];
  }

  roadTo(space: SpaceId, device: DeviceId): Road | undefined {
    let best: LinkedDevice | undefined;
    for (const { devices } of this.#links) {
      for (const linked of devices.values()) {
        if (linked.device !== device || linked.replica.identity.space !== space || !linked.isHere) continue;
        if (best === undefined || this.#rank(linked) > this.#rank(best)) best = linked;
      }
    }
    return best?.road;
  }

  /** Whether much of a space is on its way here. */
  isFlooded(space: SpaceId): boolean {
    for (const linked of this.#all(space)) if (linked.isFlooded) return true;
    return false;
  }

  /** A link to a peer, to add a space to it or to find it a better road. */
  linkTo(peer: PeerId): Link | undefined {
    return [...this.#links].find((open) => open.link.remote === peer)?.link;
  }

  /** More of a space is on disk than before. */
  changed(space: SpaceId): void {
    for (const linked of this.#all(space)) linked.changed();
  }

  /** Ends every link of a space: the contact was blocked. */
  drop(space: SpaceId): void {
    for (const open of [...this.#links]) {
      for (const name of [...open.proofs.keys()]) if (name.startsWith(space)) open.proofs.delete(name);
      for (const [channel, linked] of [...open.devices]) {
        if (linked.replica.identity.space !== space) continue;
        linked.bye();
        open.devices.delete(channel);
        this.#ports.presence(linked.replica, linked.device);
      }
      if (open.devices.size === 0) this.#drop(open);
    }
  }

  /** Says so on every link, without waiting for a turn: a page that closes has only this moment. */
  goodbye(): void {
    for (const { devices } of this.#links) for (const linked of devices.values()) linked.bye();
  }

  /** Says goodbye on every link and ends it. */
  close(): void {
    this.#cancelTick?.();
    this.goodbye();
    for (const open of [...this.#links]) {
      this.#links.delete(open);
      open.link.close();
    }
  }

  *#all(space: SpaceId): Iterable<LinkedDevice> {
    for (const { devices } of this.#links) {
      for (const linked of devices.values()) if (linked.replica.identity.space === space) yield linked;
    }
  }

  /** Both ends choose alike: direct first, then the link that the smaller peer id opened, then the younger one. */
  #rank(linked: LinkedDevice): number {
    return (linked.road === 'direct' ? 2e15 : 0) + (linked.byRule ? 1e15 : 0) + linked.since;
  }

  #hello(open: OpenLink): void {
    this.#send(open, { is: 'hello', nonce: open.nonce, echo: open.remoteNonce });
  }

  #send(open: OpenLink, frame: OpenFrame): void {
    open.link.send(encodeOpenFrame(frame));
  }

  /** Opened at once, beside the events: what still waits its turn then need not be asked for. */
  #arrived(open: OpenLink, bytes: Bytes): void {
    const channel = this.#links.has(open) ? sealedChannel(bytes) : undefined;
    if (channel !== undefined) open.devices.get(channel)?.arrived(bytes);
  }

  async #hear(open: OpenLink, bytes: Bytes): Promise<void> {
    if (!this.#links.has(open) || bytes.length > MAX_FRAME_BYTES) return;
    open.heardAt = this.#ports.clock.now();
    try {
      const frame = decodeLinkFrame(bytes);
      if (frame.is === 'hello') await this.#hearHello(open, frame);
      else if (frame.is === 'prove') await this.#hearProof(open, frame);
      else await this.#hearSealed(open, frame.channel, frame.frame);
    } catch (cause) {
      if (!(cause instanceof WireError)) throw cause;
      this.#ports.logger.count('links', 'refused frame');
    }
  }

  async #hearSealed(open: OpenLink, channel: string, frame: Uint8Array): Promise<void> {
    const linked = open.devices.get(channel);
    if (linked === undefined) return;
    const wasHere = linked.isHere;
    const isEnded = await linked.hear(frame);
    if (isEnded) {
      open.devices.delete(channel);
      this.#ports.presence(linked.replica, linked.device);
      if (open.devices.size === 0) this.#drop(open);
    } else if (!wasHere && linked.isHere) {
      this.#preferBest(linked);
      this.#ports.presence(linked.replica, linked.device);
    }
  }

  async #hearHello(open: OpenLink, frame: Extract<OpenFrame, { is: 'hello' }>): Promise<void> {
    const knewTheirs = open.remoteNonce !== undefined && equal(open.remoteNonce, frame.nonce);
    // A nonce may arrive damaged; until something was proved the latest one counts.
    if (!knewTheirs && open.devices.size > 0) return;
    open.remoteNonce = frame.nonce;
    if (!knewTheirs) open.proofs.clear();
    open.theyKnowOurs = frame.echo !== undefined && equal(frame.echo, open.nonce);
    if (!knewTheirs || !open.theyKnowOurs) this.#hello(open);
    if (open.theyKnowOurs) await this.#proveWanted(open);
  }

  async #proveWanted(open: OpenLink): Promise<void> {
    for (const [space, secret] of open.wanted) {
      const replica = [...this.#ports.spaces()].find((candidate) => candidate.identity.space === space);
      if (replica === undefined || this.#isProven(open, space)) continue;
      await this.#prove(open, replica, { by: secret ?? replica.keys.rendezvous, seen: false });
    }
  }

  #isProven(open: OpenLink, space: SpaceId): boolean {
    return [...open.devices.values()].some((linked) => linked.replica.identity.space === space && linked.isHere);
  }

  #ends(open: OpenLink): Ends | undefined {
    const self = this.#ports.self();
    if (self === undefined || open.remoteNonce === undefined) return undefined;
    return {
      own: { peer: self, nonce: open.nonce },
      remote: { peer: open.link.remote, nonce: open.remoteNonce },
    };
  }

  async #prove(
    open: OpenLink,
    replica: Replica,
    { by: rendezvous, seen }: { readonly by: Bytes | undefined; readonly seen: boolean },
  ): Promise<void> {
    const ends = this.#ends(open);
    const { space, device, seed } = replica.identity;
    if (ends === undefined || rendezvous === undefined) return;
    const name = `${space}/${hex.encode(rendezvous)}`;
    let proof = open.proofs.get(name);
    if (proof === undefined) {
      const by = { space: bytesOfId(space), rendezvous, ends, device: bytesOfId(device) as SigningKey, seed };
      proof = await makeProof(this.#ports.suite, this.#ports.random, by);
      open.proofs.set(name, proof);
    }
    this.#send(open, { is: 'prove', proof, seen });
  }

  *#secrets(): Iterable<MeetingSecret & { readonly replica: Replica }> {
    for (const replica of this.#ports.spaces()) {
      const { rendezvous } = replica.keys;
      if (rendezvous !== undefined) yield { replica, secret: rendezvous };
      for (const other of this.#ports.otherSecrets(replica)) yield { replica, ...other };
    }
  }

  async #hearProof(open: OpenLink, frame: Extract<OpenFrame, { is: 'prove' }>): Promise<void> {
    const ends = this.#ends(open);
    if (ends === undefined || open.checked >= MAX_PROOFS) return;
    open.checked++;
    for (const { replica, secret, only } of this.#secrets()) {
      const by = { space: bytesOfId(replica.identity.space), rendezvous: secret, ends };
      if (!equal(expectedTag(by, ends), frame.proof.tag)) continue;
      const key = await checkProof(this.#ports.suite, frame.proof, by);
      const device = key === undefined ? undefined : (hex.encode(key) as DeviceId);
      if (device === undefined || device === replica.identity.device || (only ?? device) !== device) return;
      const isLive = replica.view?.devices.get(device)?.isLive === true;
      if (!isLive && endsOf(replica, device).length === 0) return;
      if (!isLive) {
        await this.#tellEnded(open, replica, { device, ends, secret });
        return;
      }
      const isNew = this.#link(open, replica, { device, ends, secret });
      if (!frame.seen || isNew) await this.#prove(open, replica, { by: secret, seen: true });
      if (isNew) this.#announce(open, replica.identity.space);
      return;
    }
  }

  /** Who was ended hears by what, in its own words' channel, and nothing else; it is not linked. */
  async #tellEnded(
    open: OpenLink,
    replica: Replica,
    to: { readonly device: DeviceId; readonly ends: Ends; readonly secret: Bytes },
  ): Promise<void> {
    const { device, ends, secret } = to;
    await this.#prove(open, replica, { by: secret, seen: true });
    const keys = channelKeys({ space: bytesOfId(replica.identity.space), rendezvous: secret }, ends);
    const linked = new LinkedDevice(this.#ports, { replica, device, link: open.link, keys, byRule: false });
    onceSaved(replica, () => sayEnded(replica, linked));
  }

  /** Devices of a space that were ended while they were linked hear it, and then nothing more. */
  endOthers(replica: Replica): void {
    for (const open of [...this.#links]) {
      for (const [channel, linked] of [...open.devices]) {
        const isOver = linked.replica === replica && replica.view?.devices.get(linked.device)?.isLive === false;
        if (!isOver) continue;
        sayEnded(replica, linked);
        linked.bye();
        open.devices.delete(channel);
        this.#ports.presence(replica, linked.device);
      }
      if (open.devices.size === 0 && open.theyKnowOurs && open.checked > 0) this.#drop(open);
    }
  }

  #link(
    open: OpenLink,
    replica: Replica,
    to: { readonly device: DeviceId; readonly ends: Ends; readonly secret: Bytes },
  ): boolean {
    const { device, ends, secret } = to;
    const keys = channelKeys({ space: bytesOfId(replica.identity.space), rendezvous: secret }, ends);
    if (open.devices.has(keys.channel)) return false;
    const { own, remote } = ends;
    const byRule = open.isOurs === own.peer < remote.peer;
    const linked = new LinkedDevice(this.#ports, { replica, device, link: open.link, keys, byRule });
    open.devices.set(keys.channel, linked);
    return true;
  }

  #announce(open: OpenLink, space: SpaceId): void {
    for (const linked of open.devices.values()) if (linked.replica.identity.space === space) linked.open();
  }

  /** Of several links to one device the worse ones are ended by the side that opened them. */
  #preferBest(linked: LinkedDevice): void {
    const isSame = (other: LinkedDevice): boolean => other.device === linked.device && other.replica === linked.replica;
    let best = linked;
    // A direct road may open before the link over the relay node has proved anything.
    for (const other of this.#all(linked.replica.identity.space)) {
      if (isSame(other) && other.isHere && this.#rank(other) > this.#rank(best)) best = other;
    }
    for (const open of [...this.#links]) {
      for (const [channel, other] of [...open.devices]) {
        if (other === best || !isSame(other) || this.#rank(other) > this.#rank(best)) continue;
        open.devices.delete(channel);
        if (open.devices.size === 0) this.#drop(open);
      }
    }
  }

  #drop(open: OpenLink): void {
    if (!this.#links.delete(open)) return;
    open.link.close();
    for (const linked of open.devices.values()) this.#ports.presence(linked.replica, linked.device);
  }

  #startTicking(): void {
    if (this.#cancelTick !== undefined) return;
    const { clock, queue } = this.#ports;
    this.#cancelTick = clock.after(
      HEARTBEAT,
      () =>
        void queue.run(async () => {
          this.#cancelTick = undefined;
          await this.#tick();
          if (this.#links.size > 0) this.#startTicking();
        }),
    );
  }

  async #tick(): Promise<void> {
    const now = this.#ports.clock.now();
    for (const open of [...this.#links]) {
      const isUnproven = open.devices.size === 0;
      // A clock that jumped must not end what was heard just now, so a silence is counted both ways.
      const silence = Math.abs(now - open.heardAt);
      if (silence > DEAD_AFTER || (isUnproven && Math.abs(now - open.openedAt) > PROVE_WITHIN)) {
        this.#drop(open);
        continue;
      }
      if (!open.theyKnowOurs) this.#hello(open);
      else await this.#proveWanted(open);
      for (const linked of open.devices.values()) {
        const wasHere = linked.isHere;
        await linked.tick(silence <= AWAY_AFTER);
        if (wasHere !== linked.isHere) this.#ports.presence(linked.replica, linked.device);
      }
    }
  }
}

function sayEnded(replica: Replica, linked: LinkedDevice): void {
  linked.push({ ...emptyParcel, ops: opsFor(replica, linked.device, replica.peers.confirmedHeads(linked.device)) });
}
