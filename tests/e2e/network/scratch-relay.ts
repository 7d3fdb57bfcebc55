// A relay node of the barest kind: circuit relay and a mailbox that sends every frame back. For tests of the network
// adapter alone; what the product's relay node does is tested with the product's relay node.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';
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

/** Serves a folder of built files, and nothing outside it. */
async function servePage(folder: string, host: string): Promise<number> {
  const types: Record<string, string> = { html: 'text/html', js: 'text/javascript' };
  const server = createServer((request, response) => {
    const name = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    const path = join(folder, name.endsWith('/') ? `${name}index.html` : name);
    readFile(path).then(
      (body) => response.setHeader('content-type', types[path.split('.').pop() ?? ''] ?? 'text/plain').end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Run as a program: prints where it is as its first line and goes on until it is stopped. */
if (import.meta.main) {
  const [host = '127.0.0.1', seenAs = host, folder = '.'] = process.argv.slice(2);
  const relay = await startScratchRelay({ host, seenAs });
  console.log(JSON.stringify({ address: relay.address, page: `http://${seenAs}:${await servePage(folder, host)}/` }));
}
