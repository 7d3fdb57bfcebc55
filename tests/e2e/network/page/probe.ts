// A page that is nothing but the network adapter, with handles on it for stories: not part of the app.

import { hex } from '#core/bytes/bytes.ts';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import type { Seed } from '#core/crypto/suite.ts';
import { openMailbox } from '#core/mailbox/client.ts';
import type { MailboxClient } from '#core/mailbox/client.ts';
import { makeEnvelope, topicKeyOf } from '#core/mailbox/topic-key.ts';
import { systemClock } from '#adapters/platform/system-clock.ts';
import { systemRandom } from '#adapters/platform/system-random.ts';
import type { Link, Meeting, Network, NetworkPolicy, RelayAddress } from '#core/ports.ts';

const PORTS = { clock: systemClock, random: systemRandom, suite: makeProductionSuite() };
/** Bytes of the smallest envelope. */
const SMALLEST_BUCKET = 512;

/** What a story sees of a link. */
export interface SeenLink {
  readonly remote: string;
  readonly road: string;
  readonly isOpen: boolean;
  readonly received: readonly string[];
}

/** Every `RTCPeerConnection` this page constructed: the STUN and TURN servers it was given. */
export type Construction = readonly string[];

class Probe {
  readonly constructions: Construction[] = [];
  /** The first channel of each call, by whoever opened it. */
  readonly firstChannels: { readonly call: RTCPeerConnection; readonly channel: RTCDataChannel }[] = [];
  readonly sockets: WebSocket[] = [];
  readonly #links: { link: Link; isOpen: boolean; received: string[] }[] = [];
  #network: Network | undefined;
  #mail: MailboxClient | undefined;

  /** The import itself is part of what is tested: one dynamic import brings all of it. */
  async start(): Promise<string> {
    const { createNetwork } = await import('#adapters/network-libp2p/network.ts');
    this.#network = await createNetwork();
    this.#network.onpeer = (link) => void this.#keep(link);
    return this.#network.self;
  }

  /** From the web address people type to the address cards carry. */
  async find(web: string): Promise<string> {
    const { findRelay } = await import('#adapters/network-libp2p/relay-lookup.ts');
    return findRelay(web, AbortSignal.timeout(5_000));
  }

  /** Opens the relay node's mailbox and greets it, as the session does. */
  async mailbox(relay: string): Promise<number> {
    const link = await this.#running().openMailbox(relay as RelayAddress, AbortSignal.timeout(10_000));
    const kept = { link, isOpen: true, received: [] as string[] };
    this.#mail = await openMailbox(link, PORTS, AbortSignal.timeout(5_000));
    this.#mail.onclose = () => (kept.isOpen = false);
    return this.#links.push(kept) - 1;
  }

  /** Leaves a text under the topic of a seed: `stored` once the relay node has it on disk. */
  async leave(seed: string, text: string): Promise<string> {
    const mail = this.#opened();
    const blob = new Uint8Array(SMALLEST_BUCKET);
    blob.set(new TextEncoder().encode(text));
    const key = await topicKeyOf(PORTS.suite, hex.decode(seed) as Seed);
    return mail.deposit(await makeEnvelope(PORTS.suite, key, { blob, expiryDay: mail.day + 1 }));
  }

  /** What was left under the topic of a seed. */
  async collect(seed: string): Promise<string[]> {
    const key = await topicKeyOf(PORTS.suite, hex.decode(seed) as Seed);
    const { envelopes } = await this.#opened().fetch(key);
    return envelopes.map(({ blob }) => new TextDecoder().decode(blob).replace(/\0+$/, ''));
  }

  async meet(peer: string, relays: readonly string[], policy: NetworkPolicy): Promise<number> {
    return this.#keep(await this.#running().openPeer(meeting(peer, relays), policy, AbortSignal.timeout(20_000)));
  }

  async upgrade(index: number): Promise<number | undefined> {
    const better = await this.#running().upgrade(this.#at(index).link.remote, AbortSignal.timeout(20_000));
    return better === undefined ? undefined : this.#keep(better);
  }

  links(): SeenLink[] {
    return this.#links.map(({ link, isOpen, received }) => ({
      remote: link.remote,
      road: link.road,
      isOpen,
      received: [...received],
    }));
  }

  send(index: number, text: string): boolean {
    return this.#at(index).link.send(new TextEncoder().encode(text));
  }

  /** Milliseconds until the other page answered; fails after `limitMs`. */
  async roundTrip(index: number, limitMs: number): Promise<number> {
    const question = `?${Math.random()}`;
    const { received } = this.#at(index);
    const start = performance.now();
    this.send(index, question);
    while (!received.includes(question.replace('?', '!'))) {
      if (performance.now() - start > limitMs) throw new Error('no answer');
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return performance.now() - start;
  }

  /** How the first channels stand of the calls that are connected. */
  firstChannelStates(): string[] {
    const connected = this.firstChannels.filter(({ call }) => call.connectionState === 'connected');
    return connected.map(({ channel }) => channel.readyState);
  }

  hangUp(index: number): void {
    this.#at(index).link.close();
  }

  async close(): Promise<number> {
    const start = performance.now();
    await this.#running().close();
    return performance.now() - start;
  }

  #keep(link: Link): number {
    const kept = { link, isOpen: true, received: [] as string[] };
    link.onclose = () => (kept.isOpen = false);
    link.onframe = (frame) => {
      const text = new TextDecoder().decode(frame);
      if (text.startsWith('?')) link.send(new TextEncoder().encode(text.replace('?', '!')));
      else kept.received.push(text);
    };
    return this.#links.push(kept) - 1;
  }

  #at(index: number): { link: Link; isOpen: boolean; received: string[] } {
    const kept = this.#links[index];
    if (kept === undefined) throw new Error('no such link');
    return kept;
  }

  #opened(): MailboxClient {
    if (this.#mail === undefined) throw new Error('no mailbox');
    return this.#mail;
  }

  #running(): Network {
    if (this.#network === undefined) throw new Error('not started');
    return this.#network;
  }
}

function meeting(peer: string, relays: readonly string[]): Meeting {
  return { peer: peer as Meeting['peer'], relays: relays as readonly RelayAddress[] };
}

/** Noted, so that a story can see which sockets stay open. */
function noteSockets(probe: Probe): void {
  globalThis.WebSocket = class extends globalThis.WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      probe.sockets.push(this);
    }
  };
}

/** Counted before the network is imported: libp2p takes the constructor when its module is first read. */
function countConstructions(probe: Probe): void {
  globalThis.RTCPeerConnection = class extends globalThis.RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      probe.constructions.push((configuration?.iceServers ?? []).flatMap(({ urls }) => urls));
      this.addEventListener('datachannel', ({ channel }) => this.#note(channel));
    }

    override createDataChannel(label: string, options?: RTCDataChannelInit): RTCDataChannel {
      const channel = super.createDataChannel(label, options);
      this.#note(channel);
      return channel;
    }

    #note(channel: RTCDataChannel): void {
      if (channel.label === 'init') probe.firstChannels.push({ call: this, channel });
    }
  };
}

declare global {
  interface Window {
    probe: Probe;
  }
}

window.probe = new Probe();
countConstructions(window.probe);
noteSockets(window.probe);
