// How far one's messages in a group have come: delivered is what every other device has on its disk that was heard in the
// last two weeks. Mail is not acknowledged in groups: what only lies at a relay node says so.

import type { Header } from '#core/charter/header.ts';
import type { DeviceId } from '#core/charter/ids.ts';
import { chainKey, type Span } from '#core/sync/held.ts';
import { subtractSpans } from '#core/sync/spans.ts';
import type { MessageReach } from '../talk/conversation-view.ts';
import { PerChain } from '../space/per-chain.ts';
import type { ChainReach } from '../space/reach.ts';
import type { Replica } from '../space/replica.ts';

export interface GroupReachPorts {
  readonly replica: Replica;
  /** Devices of others that read the scope and were heard lately. */
  readonly readers: (header: Header) => readonly DeviceId[];
  readonly left: (chain: string) => readonly Span[];
}

/** Good for one look. */
export class GroupReach implements MessageReach {
  readonly #ports: GroupReachPorts;
  readonly #chains = new PerChain<ChainReach>();

  constructor(ports: GroupReachPorts) {
    this.#ports = ports;
  }

  of(header: Header): ChainReach {
    return this.#chains.of(header, () => this.#look(header, chainKey(header)));
  }

  #look(header: Header, key: string): ChainReach {
    const { replica, readers, left } = this.#ports;
    const [first, ...rest] = readers(header).map((device) => replica.peers.confirmedSpans(device, key));
    const inBoth = (a: readonly Span[], b: readonly Span[]): readonly Span[] => subtractSpans(a, subtractSpans(a, b));
    return {
      confirmed: first === undefined ? [] : rest.reduce(inBoth, first),
      left: left(key),
      durable: replica.durable.chains.find(({ chain }) => chainKey(chain) === key)?.spans ?? [],
    };
  }
}
