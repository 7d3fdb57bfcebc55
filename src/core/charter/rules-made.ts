// Which rules an op made (charter/SPEC.md §3.1): who wrote under an older one is judged by it.

import type { Charter } from './charter.ts';
import type { OpId } from './ids.ts';
import type { Rules } from './rules.ts';

/** The rules that an op made: the genesis, a change, or the endorsement that completed a vote on one. */
export function rulesMadeBy(charter: Charter, op: OpId): Rules | undefined {
  const placed = charter.ops.get(op);
  const body = placed?.signed.op.body;
  if (body?.type === 'genesis') return body.kind === 'group' ? body.rules : undefined;
  if (body?.type === 'charter') return body.rules;
  const act = placed?.vote?.proposal.signed.op.body;
  return act?.type === 'propose' && act.act.type === 'charter' ? act.act.rules : undefined;
}

/** Rules and those they took the place of, newest first: each was made under the ones before it. */
export function* lineageOf(charter: Charter, from: OpId): Generator<OpId> {
  for (let op: OpId | undefined = from; op !== undefined; op = charter.ops.get(op)?.signed.op.under) yield op;
}
