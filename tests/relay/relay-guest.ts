// An app's network as far as a relay node sees it: a libp2p peer over WebSocket, and mailboxes over it.

import { noise } from '@chainsafe/libp2p-noise';
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2';
import { identify } from '@libp2p/identify';
import type { Libp2p, Stream } from '@libp2p/interface';
import { ping } from '@libp2p/ping';
import { webSockets } from '@libp2p/websockets';
import { yamux } from '@libp2p/yamux';
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr';
import { createLibp2p, type Libp2pOptions } from 'libp2p';
import type { Seed } from '#core/crypto/suite.ts';
import { openMailbox, type MailboxClient } from '#core/mailbox/client.ts';
import { MAILBOX_PROTOCOL } from '#core/mailbox/limits.ts';
import { makeEnvelope, topicKeyOf, type TopicKey } from '#core/mailbox/topic-key.ts';
import type { Envelope } from '#core/wire/envelope.ts';
import { StreamLink } from '#relay/network/stream-link.ts';
import { systemClock, systemRandom } from '#relay/system-ports.ts';
import { makeTopicCrypto } from '#relay/topic-crypto.ts';
import type { RelayProcess } from './relay-process.ts';

const suite = makeTopicCrypto();
const guests: Libp2p[] = [];

/** Ends all peers that tests left running. */
export async function guestsLeave(): Promise<void> {
  await Promise.all(guests.splice(0).map(async (guest) => guest.stop()));
}

type Transports = NonNullable<Libp2pOptions['transports']>;

export async function makeGuest(listen: readonly string[] = [], more: Transports = []): Promise<Libp2p> {
  const guest = await createLibp2p({
    addresses: { listen: [...listen] },
    transports: [webSockets(), circuitRelayTransport(), ...more],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    services: { identify: identify(), ping: ping() },
  });
  guests.push(guest);
  return guest;
}

export function relayMultiaddr(relay: RelayProcess): Multiaddr {
  return multiaddr(`/ip4/127.0.0.1/tcp/${relay.port}/ws/p2p/${relay.json.peer}`);
}

/** One link to the relay node's mailboxes; `guest` may be shared, `address` another of its addresses. */
export function openMailboxAt(
  relay: RelayProcess,
  guest?: Libp2p,
  address: Multiaddr = relayMultiaddr(relay),
): Promise<MailboxClient> {
  return openMailboxBy(address, guest);
}

export async function openMailboxBy(address: Multiaddr, guest?: Libp2p): Promise<MailboxClient> {
  const peer = guest ?? (await makeGuest());
  const connection = await peer.dial(address);
  const stream: Stream = await connection.newStream(MAILBOX_PROTOCOL);
  const link = new StreamLink(stream, connection);
  const opening = openMailbox(link, { clock: systemClock, random: systemRandom, suite });
  void link.read();
  return opening;
}

export function freshTopic(): Promise<TopicKey> {
  return topicKeyOf(suite, systemRandom.bytes(32) as Seed);
}

export function someEnvelope(key: TopicKey, options: { day: number; size?: number }): Promise<Envelope> {
  const blob = systemRandom.bytes(options.size ?? 512);
  return makeEnvelope(suite, key, { blob, expiryDay: options.day + 14 });
}

export async function everythingIn(mailbox: MailboxClient, key: TopicKey): Promise<Envelope[]> {
  const found: Envelope[] = [];
  await mailbox.collect(key, undefined, (batch) => void found.push(...batch.envelopes));
  return found;
}
