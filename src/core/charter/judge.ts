// What follows from an op's past alone: whether it is legal, and what it makes and ends (charter/SPEC.md §4.2).

import { grantNamed } from './grants.ts';
import { judgeInGroup } from './group-legality.ts';
import type { OpId } from './ids.ts';
import { endsOf, illegalityOf, MAX_DEVICES } from './legality.ts';
import type { Log, Placed } from './past.ts';

/** The op with all that follows from its past: whether it is legal, by what authority, what it makes and ends. */
export function judge(log: Log, op: Placed): Placed {
  const genesis = log.ops.get(log.space as string as OpId)?.signed.op.body;
  if (genesis?.type === 'genesis' && genesis.kind === 'group') return judgeInGroup(log, op);
  if (op.isUninterpreted) return op;
  const illegality = illegalityOf(log, op, MAX_DEVICES);
  const authority = grantNamed(op.principal, log)!.seniority;
  return { ...op, isLegal: illegality === undefined, illegality, authority, ...endsOf(op, log) };
}
