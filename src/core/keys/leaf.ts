// A device's own sealing keys: a fresh one after each opened wrap, old ones erased soon (keys/SPEC.md §9).

import type { SealingKeyId } from '../charter/ids.ts';
import type { Millis } from '../ports.ts';
import type { OpenerKey } from './wrap.ts';

export interface LeafKey extends OpenerKey {
  readonly id: SealingKeyId;
}

export interface Leaf {
  /** Number of the record that published `current`. */
  readonly number: number;
  readonly current: LeafKey;
  /** Replaced ones, with when to erase each at the latest. */
  readonly former: readonly (LeafKey & { readonly eraseAt: Millis })[];
}

export declare function newLeaf(key: LeafKey): Leaf;
/** After a wrap was opened: publish a record with this key and number. */
export declare function refreshLeaf(leaf: Leaf, fresh: LeafKey, now: Millis): Leaf;
/** A rotation named `to` as our sealing key: older ones are not needed any more. Also erases what is overdue. */
export declare function eraseFormer(leaf: Leaf, to: SealingKeyId | undefined, now: Millis): Leaf;
/** The private key a wrap was sealed for. */
export declare function leafKeyFor(leaf: Leaf, id: SealingKeyId): LeafKey | undefined;
