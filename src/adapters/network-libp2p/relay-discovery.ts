// Finds the relay node behind any web address, also where the page may not fetch: the app's policy lets it open
// WebSockets anywhere, but read files only from the host it came from.

import { multiaddr } from '@multiformats/multiaddr';
import type { PeerId, RelayAddress } from '#core/ports.ts';
import { startNode } from './node.ts';
import { formatRelayAddress, parseRelayAddress, placeMultiaddr } from './relay-address.ts';
import { findRelay, placeOf, RelayLookupFault } from './relay-lookup.ts';
import type { Fetch } from './relay-lookup.ts';

/** The relay node's preset, which is STUN's usual port. Where nobody answers there, nothing is lost but the direct road. */
const USUAL_STUN_PORT = 3_478;

/**
 * What a person typed, as cards carry it. Tries `/relay.json` first; where that cannot be read, dials and takes the peer
 * id of who answers, under a peer id of our own that is used for nothing else. Rejects with `RelayLookupFault`.
 */
export async function discoverRelay(text: string, signal: AbortSignal, fetch?: Fetch): Promise<RelayAddress> {
  try {
    return await findRelay(text, signal, fetch);
  } catch (fault) {
    const parsed = parseRelayAddress(text);
    const canDial = fault instanceof RelayLookupFault && fault.fault === 'unreachable' && parsed.is === 'web';
    if (!canDial) throw fault;
    return await whoAnswers(parsed.origin, signal);
  }
}

async function whoAnswers(origin: string, signal: AbortSignal): Promise<RelayAddress> {
  const place = placeOf(origin);
  const { libp2p } = await startNode({ allows: () => false, stunOf: () => undefined });
  try {
    const connection = await libp2p.dial(multiaddr(placeMultiaddr(place)), { signal });
    const peer = connection.remotePeer.toString() as PeerId;
    return formatRelayAddress({ ...place, peer, stunPort: USUAL_STUN_PORT });
  } catch (cause) {
    throw new RelayLookupFault('unreachable', cause);
  } finally {
    await libp2p.stop();
  }
}
