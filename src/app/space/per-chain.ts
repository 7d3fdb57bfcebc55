// Something of each chain, found again without making up the chain's key: one look asks for it ten thousand times.

import type { Incarnation } from '#core/charter/ids.ts';
import type { ChainId } from '#core/sync/held.ts';

interface Kept<T> {
  readonly chain: ChainId;
  readonly value: T;
}

export class PerChain<T> {
  /** An incarnation has one chain in each scope. */
  readonly #kept = new Map<Incarnation, Kept<T>[]>();
  /** Messages of one chain mostly stand together. */
  #last: Kept<T> | undefined;

  /** What is kept of a chain; made where there is nothing yet. */
  of({ device, incarnation, scope }: ChainId, make: (chain: ChainId) => T): T {
    const isMeant = ({ chain }: Kept<T>): boolean =>
      chain.incarnation === incarnation && chain.device === device && chain.scope === scope;
    if (this.#last !== undefined && isMeant(this.#last)) return this.#last.value;
    let kept = this.#kept.get(incarnation);
    if (kept === undefined) this.#kept.set(incarnation, (kept = []));
    let found = kept.find(isMeant);
    if (found === undefined) {
      const chain = { device, incarnation, scope };
      found = { chain, value: make(chain) };
      kept.push(found);
    }
    this.#last = found;
    return found.value;
  }
}
