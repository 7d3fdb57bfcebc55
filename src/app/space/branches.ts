// Of a device that said two things in one place, this one may hold other words than the others do, while what they said
// since cites theirs. Numbers do not tell branches apart, so such chains are asked for again, whole, now and then on each
// link, for as long as something cited is missing (chain/SPEC.md §9).

import { SECOND, type Millis } from '#core/ports.ts';
import type { ChainId, Span } from '#core/sync/held.ts';
import type { Replica } from './replica.ts';

/** The other end may have come by the missing words meanwhile. */
const ASK_AGAIN = (30 * SECOND) as Millis;

export class Branches {
  readonly #replica: Replica;
  /** By chain, what was missing when it was asked for here, and when that was. */
  readonly #asked = new Map<string, { readonly missing: string; readonly at: Millis }>();

  constructor(replica: Replica) {
    this.#replica = replica;
  }

  /** What counts as held of a chain when more of it is looked for. */
  spans(chain: ChainId, key: string): readonly Span[] {
    const { view } = this.#replica;
    const held = this.#replica.held.get(key)?.spans ?? [];
    if (held.length === 0 || view?.devices.get(chain.device)?.isFrozen !== true) return held;
    const missing = this.#replica.chainsOf(chain.scope).missing().join();
    const now = this.#replica.context.clock.now();
    const before = this.#asked.get(key);
    const isSoon = before?.missing === missing && Math.abs(now - before.at) < ASK_AGAIN;
    if (missing === '' || isSoon) return held;
    this.#asked.set(key, { missing, at: now });
    return [];
  }
}
