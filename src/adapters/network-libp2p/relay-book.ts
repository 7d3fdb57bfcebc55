// The relay nodes we know: those at which we hold a mailbox, and those that others named.

import type { Meeting, NetworkPolicy, RelayAddress } from '#core/ports.ts';
import { parseRelayAddress, stunUrl } from './relay-address.ts';
import type { RelayEndpoint } from './relay-address.ts';
import { findEndpoint } from './relay-lookup.ts';
import type { Fetch } from './relay-lookup.ts';

/**
 * Invariant: what others say of a relay node never changes what we know of one of ours. Else a beat could put a host of
 * its author's choice behind the peer id of our relay node, and have our calls and our STUN questions go there.
 */
export class RelayBook {
  readonly #fetch: Fetch | undefined;
  readonly #byAddress = new Map<RelayAddress, RelayEndpoint>();
  readonly #own = new Map<string, RelayEndpoint>();
  readonly #named = new Map<string, RelayEndpoint>();

  constructor(fetch?: Fetch) {
    this.#fetch = fetch;
  }

  /** The endpoint behind an address that this device itself uses; web addresses are looked up once. */
  async find(relay: RelayAddress, signal: AbortSignal): Promise<RelayEndpoint> {
    const known = this.#byAddress.get(relay);
    if (known !== undefined) return known;
    const endpoint = await findEndpoint(relay, signal, this.#fetch);
    this.#byAddress.set(relay, endpoint);
    return endpoint;
  }

  /** We hold a mailbox there: the relay node proved its peer id, and has our address. */
  adopt(endpoint: RelayEndpoint): void {
    this.#own.set(endpoint.peer, endpoint);
  }

  /**
   * Where a device can be met. Under *relays* only at relay nodes of our own: one that only the other named may be their
   * own machine. Addresses that would have to be looked up are left out, since looking up shows our address too.
   */
  meetingPoints(meeting: Meeting, policy: NetworkPolicy): RelayEndpoint[] {
    const points = meeting.relays.flatMap((relay) => {
      const parsed = parseRelayAddress(relay);
      if (parsed.is !== 'endpoint') return [];
      const own = this.#own.get(parsed.endpoint.peer);
      if (own !== undefined) return [own];
      return policy === 'direct' ? [parsed.endpoint] : [];
    });
    for (const point of points) this.#named.set(point.peer, point);
    return points;
  }

  isRelay(peer: string): boolean {
    return this.#own.has(peer);
  }

  stunOf(peer: string): string | undefined {
    const endpoint = this.#own.get(peer) ?? this.#named.get(peer);
    return endpoint === undefined ? undefined : stunUrl(endpoint);
  }
}
