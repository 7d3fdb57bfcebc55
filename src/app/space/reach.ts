// How far this person's messages have come, looked up once for all messages of a chain: on the own disk, at a relay node,
// on a disk of the other person.

import type { Header } from '#core/charter/header.ts';
import type { DeviceId } from '#core/charter/ids.ts';
import { chainKey, type ChainId, type Span } from '#core/sync/held.ts';
import { addSpan } from '#core/sync/spans.ts';
import { PerChain } from './per-chain.ts';
import type { Replica } from './replica.ts';

export interface ChainReach {
  readonly confirmed: readonly Span[];
  readonly left: readonly Span[];
  readonly durable: readonly Span[];
}

/** Good for one look: what is asked about is not looked up again. */
export class Reach {
  readonly #replica: Replica;
  readonly #others: readonly DeviceId[];
  readonly #chains = new PerChain<ChainReach>();

  constructor(replica: Replica) {
    this.#replica = replica;
    this.#others = [...(replica.view?.devices.keys() ?? [])].filter((device) => !replica.isMine(device));
  }

  of(header: Header): ChainReach {
    return this.#chains.of(header, (chain) => this.#look(chain, chainKey(chain)));
  }

  /** One device of the other person is enough to have delivered, one relay node to have left. */
  #look({ device, scope, incarnation }: ChainId, key: string): ChainReach {
    const { peers, durable } = this.#replica;
    const isHere = (chain: ChainId): boolean =>
      chain.incarnation === incarnation && chain.device === device && chain.scope === scope;
    return {
      confirmed: union(this.#others.map((device) => peers.confirmedSpans(device, key))),
      left: union(this.#others.flatMap((device) => peers.depositedAnywhere(device, key))),
      durable: durable.chains.find(({ chain }) => isHere(chain))?.spans ?? [],
    };
  }
}

function union(lists: readonly (readonly Span[])[]): readonly Span[] {
  return lists.length === 1 ? lists[0]! : lists.flat().reduce<Span[]>(addSpan, []);
}
