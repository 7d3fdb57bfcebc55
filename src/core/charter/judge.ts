// What follows from an op's past alone: whether it is legal, and what it makes and ends (charter/SPEC.md §4.2).

import { grantNamed } from './grants.ts';
import { judgeInGroup } from './group-legality.ts';
import { endsOf, illegalityOf, MAX_DEVICES } from './legality.ts';
import { isGroupSpace, type Draft, type Log } from './past.ts';

/** Writes into an op all that follows from its past: whether it is legal, by what authority, what it makes and ends. */
export function judge(log: Log, op: Draft): void {
  if (isGroupSpace(log)) {
    judgeInGroup(log, op);
    return;
  }
  if (op.isUninterpreted) return;
  op.illegality = illegalityOf(log, op, MAX_DEVICES);
  op.isLegal = op.illegality === undefined;
  op.authority = grantNamed(op.principal, log)!.seniority;
  ({ targets: op.targets, isOwnEnd: op.isOwnEnd } = endsOf(op, log));
}
