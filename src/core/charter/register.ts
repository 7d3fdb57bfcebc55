// The rules in force: of all changes of rules that stand, the one that wins (charter/SPEC.md §4.5).

import { actOf, bySeniority } from './grants.ts';
import type { OpId } from './ids.ts';
import { byOrder, isIn, type Log, type Placed } from './past.ts';
import type { Rules } from './rules.ts';

/** The rules that an op made: the genesis, a change of rules, or the vote for one. */
export function rulesOf(charter: OpId, log: Log): Rules {
  return rulesBy(log.ops.get(charter));
}

export function rulesBy(charter: Placed | undefined): Rules {
  const act = charter === undefined ? undefined : actOf(charter);
  if (act?.type === 'charter') return act.rules;
  if (act?.type === 'genesis' && act.kind === 'group') return act.rules;
  throw new Error('not the rules of a group');
}

/**
 * The charter in force, from those that stand. A vote that was completed more than once is one charter: whoever has
 * seen one completion has seen it.
 */
export function inForce(standing: readonly Placed[]): Placed {
  const charters = [...standing].sort(byOrder);
  const same = Map.groupBy(charters, (op) => op.vote?.proposal ?? op);
  return [...same.values()].reduce((current, next) =>
    hasSeen(next[0]!, current) || beats(next[0]!, current[0]!) ? next : current,
  )[0]!;
}

function hasSeen(later: Placed, completions: readonly Placed[]): boolean {
  return completions.some((op) => isIn(later.past, op));
}

/** Of two concurrent ones a vote beats a single author, then more signers win, then the more senior authority. */
export function beats(a: Placed, b: Placed): boolean {
  if ((a.vote === undefined) !== (b.vote === undefined)) return a.vote !== undefined;
  const votes = (a.vote?.signers ?? 0) - (b.vote?.signers ?? 0);
  if (votes !== 0) return votes > 0;
  return bySeniority(a.authority, b.authority) < 0;
}
