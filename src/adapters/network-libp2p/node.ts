// The libp2p node of one unlocked session: which transports, which services, and which defaults are turned off.

import { noise } from '@chainsafe/libp2p-noise';
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2';
import { identify } from '@libp2p/identify';
import type { ComponentLogger, Libp2p, Logger } from '@libp2p/interface';
import { ping } from '@libp2p/ping';
import { webSockets } from '@libp2p/websockets';
import { yamux } from '@libp2p/yamux';
import { createLibp2p } from 'libp2p';
import { multiaddr } from '@multiformats/multiaddr';
import type { Multiaddr } from '@multiformats/multiaddr';
import { directRoad } from './direct-road.ts';
import type { DirectLeave } from './direct-road.ts';

/** Says the same of every app: the default names the browser, its version and the operating system. */
const USER_AGENT = 'understory';

/** Long enough for a slow phone network's handshake, short enough that the session can try another relay. */
export const DIAL_MS = 8_000;

/** Twice the devices of a large group that all come back at the same moment. */
const INBOUND_AT_ONCE = 100;

/** Books a place on a relay node, so that others can reach us through it. */
export interface Reservations {
  reserve(relay: Multiaddr): Promise<void>;
}

export interface Node {
  readonly libp2p: Libp2p;
  readonly reservations: Reservations;
}

/** Starts a node with a fresh peer id. It dials nobody by itself. */
export async function startNode(leave: DirectLeave): Promise<Node> {
  const libp2p = await createLibp2p({
    nodeInfo: { userAgent: USER_AGENT },
    logger: SILENT,
    // Private addresses and plain WebSockets are what a relay in a cellar has; browsers refuse them by default.
    connectionGater: { denyDialMultiaddr: () => false },
    // Identify would tell everyone we connect to all relay nodes we use; who may meet us learns that from our beat.
    addresses: { announceFilter: () => [] },
    transports: [webSockets(), circuitRelayTransport(), directRoad(leave)],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: {
      dialTimeout: DIAL_MS,
      addressDialTimeout: DIAL_MS,
      // The session re-dials with its own backoff; two of them would race.
      reconnectRetries: 0,
      // `/dnsaddr` would ask two companies' DNS services; no address of ours needs it.
      resolvers: {},
      // Circuits count as coming from the relay node: libp2p's 5 a second would turn friends away when it restarts.
      inboundConnectionThreshold: INBOUND_AT_ONCE,
      maxIncomingPendingConnections: INBOUND_AT_ONCE,
    },
    // The session's heartbeats find out sooner; this is for connections that carry nothing.
    connectionMonitor: { pingInterval: 30_000, pingTimeout: { minTimeout: 5_000 } },
    services: {
      identify: identify({ runOnLimitedConnection: true }),
      ping: ping(),
      reservations: (parts: ListenParts): Reservations => ({ reserve: (relay) => reserve(parts, relay) }),
    },
  });
  return { libp2p, reservations: libp2p.services.reservations };
}

interface ListenParts {
  readonly transportManager: { listen(addresses: Multiaddr[]): Promise<void> };
}

/**
 * A named relay rather than libp2p's search: the search would book a place at whichever node it meets, once, and we
 * want one at each relay node we keep mail at.
 */
async function reserve(parts: ListenParts, relay: Multiaddr): Promise<void> {
  await parts.transportManager.listen([multiaddr(`${relay.toString()}/p2p-circuit`)]);
}

/** libp2p's logs name peers and addresses, and anybody could turn them on through localStorage. */
const SILENT: ComponentLogger = { forComponent: () => silence };
const silence: Logger = Object.assign(() => undefined, {
  error: () => undefined,
  trace: () => undefined,
  enabled: false,
  newScope: () => silence,
});
