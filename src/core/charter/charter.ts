// The charter log: a set of verified ops, of which everything else is a pure function (charter/SPEC.md §4).

import type { OpId } from './ids.ts';
import type { VerifiedOp } from './op.ts';
import type { Placed } from './structure.ts';

/** Immutable. Equal sets of ops give equal logs, whatever the order of arrival. */
export interface Charter {
  readonly genesis: OpId | undefined;
  /** Ops whose whole past is here and which are structurally sound. */
  readonly ops: ReadonlyMap<OpId, Placed>;
  /** Ops nothing else names yet, ascending. */
  readonly heads: readonly OpId[];
  /** Ops that wait for a parent. */
  readonly waiting: ReadonlyMap<OpId, VerifiedOp>;
}

export type OpOutcome = 'added' | 'waiting' | 'known' | 'refused';

export declare const EMPTY_CHARTER: Charter;
/** A charter whose genesis is `space` and no other. */
export declare function emptyCharter(space: import('./ids.ts').SpaceId): Charter;
export declare function addOp(
  charter: Charter,
  op: VerifiedOp,
): { readonly charter: Charter; readonly outcome: OpOutcome };
/** Many at once: much cheaper than one by one. */
export declare function addOps(
  charter: Charter,
  ops: readonly VerifiedOp[],
): { readonly charter: Charter; readonly outcomes: readonly OpOutcome[] };
/** Parents that waiting ops name and nobody sent yet. */
export declare function missingParents(charter: Charter): readonly OpId[];
/** Ops in an order in which each comes after its parents. */
export declare function orderedOps(charter: Charter): readonly VerifiedOp[];
/** Whether `ancestor` is in the past of `op` or is it. */
export declare function isInPast(charter: Charter, ancestor: OpId, op: OpId): boolean;
