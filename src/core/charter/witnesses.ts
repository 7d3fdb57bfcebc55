// Who can bear witness that something was done before its author ended themself (charter/SPEC.md §4.4).

import { isIn, type Placed } from './past.ts';
import type { Sight } from './sight.ts';
import type { End } from './targets.ts';

/** Depends on the set of ops alone, and a set is looked at with many sets of ends. */
const candidates = new WeakMap<Sight, Map<string, readonly Placed[]>>();

/**
 * Ops of others that lack an end, and have something in their past which only such an op can spare. Mostly none: what
 * an ended device did lies in the past of its end.
 */
export function witnessesOf(sight: Sight, { by, target }: End): readonly Placed[] {
  const known = candidates.get(sight) ?? new Map<string, readonly Placed[]>();
  candidates.set(sight, known);
  const key = by.id + target;
  let witnesses = known.get(key);
  if (witnesses === undefined) {
    const lost = opsBeyond(sight, by, target);
    witnesses = lost.length === 0 ? [] : othersWith(sight, by, lost);
    known.set(key, witnesses);
  }
  return witnesses;
}

/** Ops resting on what is ended that the end has not seen, and that have not seen it. */
export function opsBeyond(sight: Sight, by: Placed, target: string): readonly Placed[] {
  const citing = sight.log.course.byTarget.get(target) ?? [];
  return citing.filter((op) => sight.has(op) && !isIn(by.past, op) && !isIn(op.past, by));
}

/** The earliest of the lost ops decides whether anything of them can be in somebody's past. */
function othersWith(sight: Sight, by: Placed, lost: readonly Placed[]): readonly Placed[] {
  const first = Math.min(...lost.map(({ depth }) => depth));
  const others: Placed[] = [];
  for (const op of sight.all()) {
    if (op.principal === by.principal || op.depth <= first || isIn(op.past, by)) continue;
    if (lost.some((early) => isIn(op.past, early))) others.push(op);
  }
  return others;
}
