// A device's own sealing keys: a fresh one after each opened wrap, old ones erased soon (keys/SPEC.md §9).

import type { SealingKeyId } from '../charter/ids.ts';
import { DAY, type Millis } from '../ports.ts';
import type { OpenerKey } from './wrap.ts';

export interface LeafKey extends OpenerKey {
  readonly id: SealingKeyId;
}

/** Plain values, stored with strict durability before the record with `current` is published. */
export interface Leaf {
  /** Number of the record that published `current`. */
  readonly number: number;
  readonly current: LeafKey;
  /** Replaced ones, oldest first, with when to erase each at the latest. */
  readonly former: readonly FormerLeafKey[];
}

export interface FormerLeafKey extends LeafKey {
  readonly eraseAt: Millis;
}

/** For wraps that were on their way while the key was replaced. */
export const FORMER_KEPT = (7 * DAY) as Millis;

export function newLeaf(key: LeafKey): Leaf {
  return { number: 0, current: key, former: [] };
}

/** After a wrap was opened: publish a record with this key and number. */
export function refreshLeaf(leaf: Leaf, fresh: LeafKey, now: Millis): Leaf {
  const replaced = { ...leaf.current, eraseAt: (now + FORMER_KEPT) as Millis };
  return { number: leaf.number + 1, current: fresh, former: [...leaf.former, replaced] };
}

/**
 * A rotation named `to` as our sealing key: keys before it are not needed any more. Erases what is overdue, too.
 * Give `undefined` when only time has passed.
 */
export function eraseFormer(leaf: Leaf, to: SealingKeyId | undefined, now: Millis): Leaf {
  const named = leaf.former.findIndex(({ id }) => id === to);
  const needed = to === leaf.current.id ? [] : leaf.former.slice(Math.max(named, 0));
  const former = needed.filter(({ eraseAt }) => eraseAt > now);
  return former.length === leaf.former.length ? leaf : { ...leaf, former };
}

/** The private key a wrap was sealed for. */
export function leafKeyFor(leaf: Leaf, id: SealingKeyId): LeafKey | undefined {
  return leaf.current.id === id ? leaf.current : leaf.former.find((key) => key.id === id);
}
