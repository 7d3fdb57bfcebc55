// The libp2p node: listens, relays circuits, carries the mailbox protocol. It dials nobody.

import { noise } from '@chainsafe/libp2p-noise';
import { circuitRelayServer, type CircuitRelayService } from '@libp2p/circuit-relay-v2';
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { identify } from '@libp2p/identify';
import type { Libp2p, PrivateKey } from '@libp2p/interface';
import { ping } from '@libp2p/ping';
import { yamux } from '@libp2p/yamux';
import { createLibp2p, type Libp2pOptions } from 'libp2p';
import type { Seed } from '#core/crypto/suite.ts';
import type { Custodian } from '#core/mailbox/custodian.ts';
import { MAILBOX_PROTOCOL } from '#core/mailbox/limits.ts';
import type { RelayConfig } from '../config.ts';
import type { DirectCertificate } from '../identity.ts';
import { Crowding } from './crowding.ts';
import { onePort, type Serve } from './one-port.ts';
import { StreamLink } from './stream-link.ts';

const SECOND = 1_000;
const HOUR = 3_600_000;
/** An app uses one stream for deposits, one for subscriptions, and more when spaces are kept apart. */
const MAILBOX_STREAMS_PER_CONNECTION = 16;
/** Circuits one app may have open or be opening: a group call's worth of peers. */
const CIRCUITS_PER_CONNECTION = 300;
/** A closed tab says goodbye; a lost phone does not. Libp2p presets 10 s, six times the traffic for idle members. */
const PING_INTERVAL = 60 * SECOND;

export interface NodeOptions {
  readonly config: RelayConfig;
  readonly seed: Seed;
  readonly custodian: Custodian;
  readonly serve: Serve;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly certificate: DirectCertificate | undefined;
}

export interface RelayNetwork {
  readonly peer: string;
  /** TCP port of the app and the WebSocket. */
  readonly port: number;
  /** UDP port of webrtc-direct. */
  readonly directPort: number | undefined;
  /** Connections now. */
  connections(): number;
  close(): Promise<void>;
}

export async function startNetwork(options: NodeOptions): Promise<RelayNetwork> {
  const node = await createLibp2p<{ relay: CircuitRelayService }>(await nodeOptions(options));
  const { custodian } = options;
  await node.handle(
    MAILBOX_PROTOCOL,
    (stream, connection) => {
      const link = new StreamLink(stream, connection);
      custodian.accept(link);
      void link.read();
    },
    // A mailbox reached through another relay node's circuit is a mailbox too.
    { maxInboundStreams: MAILBOX_STREAMS_PER_CONNECTION, runOnLimitedConnection: true },
  );
  node.addEventListener('peer:disconnect', ({ detail: peer }) => {
    // Peer ids are thrown away by apps; so are they here, with the addresses that identify brought along.
    node.services.relay.reservations.delete(peer);
    node.peerStore.delete(peer).catch(() => {});
  });
  const ports = portsOf(node);
  return {
    peer: node.peerId.toString(),
    ...ports,
    connections: () => node.getConnections().length,
    close: async () => node.stop(),
  };
}

async function nodeOptions(options: NodeOptions): Promise<Libp2pOptions<{ relay: CircuitRelayService }>> {
  const { config, tls, serve } = options;
  const privateKey: PrivateKey = await generateKeyPairFromSeed('Ed25519', options.seed);
  const crowding = new Crowding(config.maxConnectionsPerAddress);
  const direct = await directTransport(options);
  return {
    privateKey,
    // Told to everyone who connects: not which Node, system or library version runs here.
    nodeInfo: { name: 'understory-relay', version: '1', userAgent: 'understory-relay/1' },
    addresses: { listen: listenAddresses(config) },
    transports: [onePort({ serve, tls }), ...(direct === undefined ? [] : [direct])],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: {
      denyDialMultiaddr: () => true,
      denyInboundConnection: (connection) => crowding.isTooMany(connection),
    },
    connectionManager: {
      maxConnections: config.maxConnections,
      // Everybody behind one proxy or Tor is one address: `Crowding` counts who is there instead of who comes.
      inboundConnectionThreshold: config.maxConnections,
      maxIncomingPendingConnections: Math.max(64, Math.ceil(config.maxConnections / 10)),
    },
    connectionMonitor: { pingInterval: PING_INTERVAL },
    services: {
      identify: identify({ runOnLimitedConnection: true }),
      ping: ping(),
      relay: circuitRelayServer({
        reservations: {
          maxReservations: config.maxReservations,
          defaultDurationLimit: config.circuitHours * HOUR,
          defaultDataLimit: BigInt(config.circuitBytes),
        },
        maxInboundHopStreams: CIRCUITS_PER_CONNECTION,
        maxOutboundHopStreams: CIRCUITS_PER_CONNECTION,
        maxOutboundStopStreams: CIRCUITS_PER_CONNECTION,
      }),
    },
  } as Libp2pOptions<{ relay: CircuitRelayService }>;
}

type Transport = NonNullable<Libp2pOptions['transports']>[number];

/** Loaded only when asked for: it brings a native library. */
async function directTransport({ certificate }: NodeOptions): Promise<Transport | undefined> {
  if (certificate === undefined) return undefined;
  const { webRTCDirect } = await import('@libp2p/webrtc');
  // Without this the library asks public STUN servers on our behalf.
  return webRTCDirect({ certificate, rtcConfiguration: { iceServers: [] } }) as Transport;
}

function listenAddresses(config: RelayConfig): string[] {
  const host = `/${config.host.includes(':') ? 'ip6' : 'ip4'}/${config.host}`;
  const web = `${host}/tcp/${config.port}${config.tls === undefined ? '' : '/tls'}/ws`;
  const { webrtcDirectPort } = config;
  return webrtcDirectPort === undefined ? [web] : [web, `${host}/udp/${webrtcDirectPort}/webrtc-direct`];
}

function portsOf(node: Libp2p): { port: number; directPort: number | undefined } {
  const texts = node.getMultiaddrs().map(String);
  const portIn = (pattern: RegExp): number | undefined => {
    const found = texts.map((text) => pattern.exec(text)?.[1]).find((port) => port !== undefined);
    return found === undefined ? undefined : Number(found);
  };
  const port = portIn(/\/tcp\/(\d+)\/(?:tls\/)?ws/);
  if (port === undefined) throw new Error('no WebSocket is listened on');
  return { port, directPort: portIn(/\/udp\/(\d+)\/webrtc-direct/) };
}
