// Structure of an op: what must hold of it and its past alone (charter/SPEC.md §4.1).

import type { VerifiedOp } from './op.ts';

/** An op in its place: its depth is computed and never claimed. */
export interface Placed {
  readonly signed: VerifiedOp;
  /** Longest path from the genesis. */
  readonly depth: number;
}
