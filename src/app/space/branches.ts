// Of a device that said two things in one place, this one may hold other words than the others do, while what they said
// since cites theirs. Numbers do not tell branches apart, so such chains are asked for once more, whole, on each link, for
// as long as something cited is missing (chain/SPEC.md §7).

import { chainKey, type ChainId, type Span } from '#core/sync/held.ts';
import type { Replica } from './replica.ts';

export class Branches {
  readonly #replica: Replica;
  /** By chain, what was missing when it was asked for here. */
  readonly #asked = new Map<string, string>();

  constructor(replica: Replica) {
    this.#replica = replica;
  }

  /** What counts as held of a chain when more of it is looked for. */
  spans(chain: ChainId): readonly Span[] {
    const { view } = this.#replica;
    const held = this.#replica.spans(chain);
    if (held.length === 0 || view?.devices.get(chain.device)?.isFrozen !== true) return held;
    const missing = this.#replica.chainsOf(chain.scope).missing().join();
    const key = chainKey(chain);
    if (missing === '' || this.#asked.get(key) === missing) return held;
    this.#asked.set(key, missing);
    return [];
  }
}
