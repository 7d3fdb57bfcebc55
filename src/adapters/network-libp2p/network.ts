// `Network` over libp2p in a browser. The one module to import, dynamically, for all of it.

import type { Connection, Libp2p, Stream } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import type { Multiaddr } from '@multiformats/multiaddr';
import type { Link, Meeting, Network, NetworkPolicy, PeerId, RelayAddress, Road, Signal } from '#core/ports.ts';
import { MAILBOX_PROTOCOL } from '#core/mailbox/limits.ts';
import { FrameLink, roadOf } from './frame-link.ts';
import type { Ending } from './frame-link.ts';
import { DIAL_MS, startNode } from './node.ts';
import type { Node } from './node.ts';
import { endpointMultiaddr } from './relay-address.ts';
import type { RelayEndpoint } from './relay-address.ts';
import { RelayBook } from './relay-book.ts';
import type { Fetch } from './relay-lookup.ts';
import { abortable, pause, within } from './waiting.ts';

const SYNC_PROTOCOL = '/understory/sync/1';

interface DirectTries {
  /** Of one try. A road takes 0.1 to 0.7 s where there is one, a few seconds on a slow phone network. */
  readonly limitMs: number;
  /** Between tries: the other side may be about to permit us (README, "What the outside learns"). */
  readonly pausesMs: readonly number[];
}

/** A person waits for these before the relayed road is used; `upgrade` takes its time later. */
const FIRST_TRIES: DirectTries = { limitMs: 2_500, pausesMs: [150, 400] };
const FIRST_DIRECT_MS = 4_500;
/** ICE itself gives up after 15 s on networks that allow no direct road. */
const UPGRADE_TRIES: DirectTries = { limitMs: 6_000, pausesMs: [250, 1_000, 2_000] };
const UPGRADE_MS = 13_000;
/** A direct connection answers within milliseconds, or is dead. */
const STANDING_MS = 1_500;
/** A connection that just opened on a slow network. Should one carry nothing, another is looked for. */
const FRESH_MS = 3_000;
/** A mailbox works without a reservation; do not keep mail waiting for a slow one. */
const RESERVATION_MS = 3_000;
/** How long libp2p may take to end connections in order after the goodbyes have left; then they are cut. */
const CLOSE_MS = 300;
/** Streams one peer may open to us at a time: a link, the one that replaces it, and room for a race. */
const MAX_INBOUND_LINKS = 8;

export interface NetworkOptions {
  /** For looking up `/relay.json`. */
  readonly fetch?: Fetch;
}

/** Starts libp2p under a fresh peer id. Nothing is dialled until a link is asked for. */
export async function createNetwork(options: NetworkOptions = {}): Promise<Network> {
  const relays = new RelayBook(options.fetch);
  const permitted = new Set<string>();
  const node = await startNode({
    allows: (peer) => permitted.has(peer),
    stunOf: (relay) => relays.stunOf(relay),
  });
  const network = new Libp2pNetwork(node, relays, permitted);
  await network.listen();
  return network;
}

class Libp2pNetwork implements Network {
  readonly self: PeerId;
  onpeer: ((link: Link) => void) | undefined;
  readonly #node: Node;
  readonly #libp2p: Libp2p;
  readonly #relays: RelayBook;
  /** Peers that may have our address. */
  readonly #permitted: Set<string>;
  readonly #links = new Set<FrameLink>();
  readonly #queues = new Map<PeerId, Promise<unknown>>();
  readonly #reserved = new WeakSet<Connection>();

  constructor(node: Node, relays: RelayBook, permitted: Set<string>) {
    this.#node = node;
    this.#libp2p = node.libp2p;
    this.#relays = relays;
    this.#permitted = permitted;
    this.self = node.libp2p.peerId.toString() as PeerId;
  }

  async listen(): Promise<void> {
    const accept = (stream: Stream, connection: Connection): void => {
      const link = this.#link(stream, connection);
      if (this.onpeer === undefined) link.close();
      else this.onpeer(link);
    };
    await this.#libp2p.handle(SYNC_PROTOCOL, accept, {
      runOnLimitedConnection: true,
      maxInboundStreams: MAX_INBOUND_LINKS,
    });
  }

  async openMailbox(relay: RelayAddress, signal: Signal): Promise<Link> {
    return abortable(signal, DIAL_MS, async (abort) => {
      const endpoint = await this.#relays.find(relay, abort);
      const address = multiaddr(endpointMultiaddr(endpoint));
      const known = this.#openTo(endpoint.peer).length > 0;
      const connection = await this.#libp2p.dial(address, { signal: abort });
      try {
        const stream = await connection.newStream(MAILBOX_PROTOCOL, { signal: known ? within(abort, 3_000) : abort });
        // A connection that stood already says nothing of this address, only of the one it was dialled at.
        if (connection.remoteAddr.equals(address)) this.#relays.adopt(endpoint);
        await this.#reserve(address, connection, abort);
        return this.#link(stream, connection);
      } catch (cause) {
        // An old connection may be dead without knowing (the network changed): the next try must dial anew.
        connection.abort(new Error('unusable'));
        throw cause;
      }
    });
  }

  async openPeer(meeting: Meeting, policy: NetworkPolicy, signal: Signal): Promise<Link> {
    if (policy === 'direct') this.permitDirect(meeting.peer);
    return abortable(signal, DIAL_MS + FIRST_DIRECT_MS, async (abort) => {
      if (policy === 'relays') {
        const dial = (): Promise<Connection> => this.#dialCircuit(meeting, policy, abort);
        return this.#openLink(await this.#oneAtATime(meeting.peer, dial), abort);
      }
      return this.#oneAtATime(meeting.peer, async () => {
        const standing = await this.#openOnDirect(meeting.peer, abort);
        if (standing !== undefined) return standing;
        const circuit = await this.#dialCircuit(meeting, policy, abort);
        const direct = await this.#openDirect(circuit, FIRST_TRIES, within(abort, FIRST_DIRECT_MS));
        return direct ?? this.#openLink(circuit, abort);
      });
    });
  }

  async upgrade(peer: PeerId, signal: Signal): Promise<Link | undefined> {
    this.permitDirect(peer);
    return abortable(signal, DIAL_MS + UPGRADE_MS, (abort) =>
      this.#oneAtATime(peer, async () => {
        const standing = await this.#openOnDirect(peer, abort);
        if (standing !== undefined) return standing;
        const [circuit] = this.#openTo(peer, 'relayed');
        return circuit && this.#openDirect(circuit, UPGRADE_TRIES, within(abort, UPGRADE_MS));
      }),
    ).catch((cause: unknown) => {
      if (signal.aborted) throw cause;
      return undefined;
    });
  }

  permitDirect(peer: PeerId): void {
    this.#permitted.add(peer);
  }

  forbidDirect(peer: PeerId): void {
    this.#permitted.delete(peer);
    for (const connection of this.#openTo(peer, 'direct')) connection.abort(new Error('policy'));
  }

  async close(): Promise<void> {
    this.onpeer = undefined;
    this.#permitted.clear();
    await Promise.all([...this.#links].map((link) => link.farewell()));
    const stopped = Promise.resolve(this.#libp2p.stop()).catch(() => undefined);
    await Promise.race([stopped, pause(CLOSE_MS)]);
    for (const connection of this.#libp2p.getConnections()) connection.abort(new Error('closed'));
  }

  /** Once for each connection; a refusal is no reason to keep mail waiting, and the next mailbox tries again. */
  async #reserve(address: Multiaddr, connection: Connection, signal: AbortSignal): Promise<void> {
    if (this.#reserved.has(connection)) return;
    const reserved = this.#node.reservations.reserve(address).then(
      () => void this.#reserved.add(connection),
      () => undefined,
    );
    await Promise.race([reserved, pause(RESERVATION_MS, signal)]);
  }

  /** Through the first of the other's relay nodes that answers; those we are connected to already come first. */
  async #dialCircuit(meeting: Meeting, policy: NetworkPolicy, signal: AbortSignal): Promise<Connection> {
    const standing = this.#openTo(meeting.peer, 'relayed')[0];
    if (standing !== undefined) return standing;
    const connections = ({ peer }: RelayEndpoint): number => this.#openTo(peer).length;
    const endpoints = this.#relays.meetingPoints(meeting, policy).toSorted((a, b) => connections(b) - connections(a));
    let failure: unknown = new Error('no relay node to meet at');
    for (const endpoint of endpoints) {
      signal.throwIfAborted();
      try {
        const address = multiaddr(`${endpointMultiaddr(endpoint)}/p2p-circuit/p2p/${meeting.peer}`);
        // Forced: else libp2p would hand out a direct connection that stands already.
        return await this.#libp2p.dial(address, { signal, force: true });
      } catch (cause) {
        failure = cause;
      }
    }
    throw failure;
  }

  /** Signals over `circuit`; `undefined` when the networks between, or the other side, allow no direct road. */
  async #openDirect(circuit: Connection, tries: DirectTries, signal: AbortSignal): Promise<Link | undefined> {
    const address = multiaddr(webrtcAddress(circuit));
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        const direct = await this.#libp2p.dial(address, { signal: within(signal, tries.limitMs), force: true });
        return await this.#openLink(direct, within(signal, FRESH_MS));
      } catch {
        // Where both sides tried at once, the other's road serves as well.
        const theirs = await this.#openOnDirect(circuit.remotePeer.toString() as PeerId, signal);
        const wait = tries.pausesMs[attempt];
        if (theirs !== undefined || wait === undefined || circuit.status !== 'open') return theirs;
        await pause(wait, signal).catch(() => undefined);
      }
    }
    return undefined;
  }

  /** On a direct connection that stands already. Only an answer proves that it does; one that gives none is cut. */
  async #openOnDirect(peer: PeerId, signal: AbortSignal): Promise<Link | undefined> {
    for (const connection of this.#openTo(peer, 'direct')) {
      try {
        return await this.#openLink(connection, within(signal, STANDING_MS));
      } catch {
        signal.throwIfAborted();
      }
    }
    return undefined;
  }

  async #openLink(connection: Connection, signal: AbortSignal): Promise<Link> {
    try {
      const stream = await connection.newStream(SYNC_PROTOCOL, { signal, runOnLimitedConnection: true });
      return this.#link(stream, connection);
    } catch (cause) {
      if (!this.#carriesLink(connection)) connection.abort(new Error('unusable'));
      throw cause;
    }
  }

  #link(stream: Stream, connection: Connection): FrameLink {
    const link = new FrameLink({ stream, connection, onended: (ended, by) => this.#forget(ended, by) });
    this.#links.add(link);
    return link;
  }

  /** A connection to a person lives as long as its links. Relay nodes keep theirs: a reservation hangs on it. */
  #forget(link: FrameLink, by: Ending): void {
    this.#links.delete(link);
    const { connection } = link;
    if (this.#relays.isRelay(link.remote) || this.#carriesLink(connection)) return;
    const cut = (): void => connection.abort(new Error('no link left'));
    // Cut when the other end is gone: a dead WebRTC connection would be handed out again for up to 14 s.
    if (by === 'other') cut();
    else connection.close({ signal: AbortSignal.timeout(CLOSE_MS) }).catch(cut);
  }

  #carriesLink(connection: Connection): boolean {
    for (const link of this.#links) if (link.connection === connection) return true;
    return false;
  }

  #openTo(peer: PeerId, road?: Road): Connection[] {
    return this.#libp2p
      .getConnections()
      .filter((connection) => connection.status === 'open' && connection.remotePeer.toString() === peer)
      .filter((connection) => road === undefined || roadOf(connection) === road);
  }

  /** libp2p joins a dial to any other that runs for the same peer, whatever its road; so they run one by one. */
  async #oneAtATime<T>(peer: PeerId, work: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(peer) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.catch(() => undefined);
    this.#queues.set(peer, settled);
    try {
      return await mine;
    } finally {
      if (this.#queues.get(peer) === settled) this.#queues.delete(peer);
    }
  }
}

/** `…/p2p-circuit/p2p/X` becomes `…/p2p-circuit/webrtc/p2p/X`: the same way, signalling for a direct road. */
function webrtcAddress(circuit: Connection): string {
  return circuit.remoteAddr.toString().replace('/p2p-circuit/', '/p2p-circuit/webrtc/');
}
