// Grants that were good by what their makers had seen, and are not, because of acts that crossed with them (charter/SPEC.md
// §6). No op ends them; what counts as their end is whatever felled the op that made them, or what that rests on.

import { bindingsOf } from './grants.ts';
import type { DeviceId, GrantId, OpId, PrincipalId } from './ids.ts';
import { byOrder, type Log, type Placed } from './past.ts';
import type { RoleId } from './rules.ts';
import type { Standing } from './standing.ts';

export interface FallenFacts {
  /** A membership, a role, or the binding of a device. */
  readonly grant: GrantId;
  readonly op: OpId;
  readonly on: PrincipalId;
  readonly role: RoleId | undefined;
  /** Of a binding. */
  readonly device: DeviceId | undefined;
  /** Each alone was enough. Of a vote that does not count, where no single act is the cause, what completed it. */
  readonly by: readonly OpId[];
}

export interface WhereFallen {
  readonly log: Log;
  readonly standing: Standing;
  readonly has: (op: Placed) => boolean;
}

export function fallenIn(where: WhereFallen): readonly FallenFacts[] {
  const { log, standing, has } = where;
  const makers = new Set([...log.course.binders, ...[...log.course.byHolder.values()].flat()]);
  const fallen = [...makers].filter((op) => has(op) && op.isLegal && !standing.grants(op)).sort(byOrder);
  return fallen.flatMap((op) => {
    const causes = [...causesOf(op, where)].sort();
    const by = causes.length === 0 ? [op.id] : causes;
    const grants = op.grants.filter(({ kind }) => kind !== 'invitation');
    const made = grants.map(({ id, on, role }) => ({ grant: id, op: op.id, on, role, device: undefined, by }));
    const bound = bindingsOf(op).map(({ binding, principal, device }) => {
      return { grant: binding, op: op.id, on: principal, role: undefined, device, by };
    });
    return [...made, ...bound];
  });
}

/** A list, not recursion: chains of grants may be long. */
function causesOf(op: Placed, { standing, has }: WhereFallen): ReadonlySet<OpId> {
  const causes = new Set<OpId>();
  const looked = new Set<Placed>([op]);
  // A set hands out what is added while it is read.
  for (const at of looked) {
    const { why, by } = standing.whyVoid(at);
    if (by !== undefined && why !== 'rests-on-void') causes.add(by.id);
    for (const felling of standing.felledBy(at)) if (has(felling)) causes.add(felling.id);
    for (const made of at.rests) if (!standing.grants(made)) looked.add(made);
  }
  return causes;
}
