// A relay node of the barest kind, in the test's own process: circuit relay, and a mailbox that sends every frame back.
// For tests of the adapter in Node; stories in browsers use the product's relay node.

import { noise } from '@chainsafe/libp2p-noise';
import { circuitRelayServer } from '@libp2p/circuit-relay-v2';
import { identify } from '@libp2p/identify';
import { generateKeyPair } from '@libp2p/crypto/keys';
import type { PrivateKey, Stream } from '@libp2p/interface';
import { ping } from '@libp2p/ping';
import { lpStream } from '@libp2p/utils';
import { webSockets } from '@libp2p/websockets';
import { yamux } from '@libp2p/yamux';
import { createLibp2p } from 'libp2p';
import type { PeerId, RelayAddress } from '#core/ports.ts';
import { formatRelayAddress } from '#adapters/network-libp2p/relay-address.ts';
import { startStun } from '#relay/stun.ts';

export interface ScratchRelay {
  readonly address: RelayAddress;
  readonly port: number;
  /** Given to another start, the same peer id answers there. */
  readonly key: PrivateKey;
  /** Peers connected now. */
  peers(): string[];
  /** The addresses a peer said it listens on; `undefined` until it has introduced itself. */
  knownAddresses(peer: string): Promise<string[] | undefined>;
  close(): Promise<void>;
}

export interface ScratchRelayOptions {
  readonly host?: string;
  readonly port?: number;
  /** The name or address by which others reach this host, when it listens on all. */
  readonly seenAs?: string;
  readonly key?: PrivateKey;
}

export async function startScratchRelay(options: ScratchRelayOptions = {}): Promise<ScratchRelay> {
  const { host = '127.0.0.1', port = 0, seenAs = host } = options;
  const key = options.key ?? (await generateKeyPair('Ed25519'));
  const stun = await startStun({ host, port: 0 });
  const node = await createLibp2p({
    privateKey: key,
    addresses: { listen: [`/ip4/${host}/tcp/${port}/ws`] },
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: 1_000, maxIncomingPendingConnections: 1_000 },
    services: {
      identify: identify(),
      ping: ping(),
      relay: circuitRelayServer({ reservations: { maxReservations: 100, applyDefaultLimit: false } }),
    },
  });
  await node.handle('/understory/mailbox/1', (stream) => void sendBack(stream).catch(() => undefined));
  const tcp = Number(
    node
      .getMultiaddrs()[0]
      ?.getComponents()
      .find((part) => part.name === 'tcp')?.value,
  );
  const peer = node.peerId.toString() as PeerId;
  return {
    address: formatRelayAddress({ secure: false, host: seenAs, port: tcp, peer, stunPort: stun.port }),
    port: tcp,
    key,
    peers: () => node.getConnections().map((connection) => connection.remotePeer.toString()),
    knownAddresses: async (peer) => {
      const known = (await node.peerStore.all()).find(({ id }) => id.toString() === peer);
      const hasIntroducedItself = known?.metadata.has('AgentVersion') === true;
      return hasIntroducedItself ? known.addresses.map(({ multiaddr }) => multiaddr.toString()) : undefined;
    },
    close: async () => {
      await stun.close();
      await node.stop();
    },
  };
}

async function sendBack(stream: Stream): Promise<void> {
  const frames = lpStream(stream, { maxDataLength: 256 * 1024 });
  for (;;) await frames.write(await frames.read());
}
