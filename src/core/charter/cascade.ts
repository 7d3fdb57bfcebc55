// What a revocation ends: its target, and with `cascade` what was granted by way of it (charter/SPEC.md §4.2).

import { bySeniority, grantNamed, targetOf } from './grants.ts';
import type { GrantId } from './ids.ts';
import type { Revoke } from './member-body.ts';
import { isIn, type Log, type Placed, type Grant } from './past.ts';
import type { Situation } from './held.ts';

export interface Revoking {
  readonly log: Log;
  readonly op: Placed;
  readonly before: Situation;
  readonly isVoted: boolean;
}

export function revokedBy(body: Revoke, { log, op, before, isVoted }: Revoking): Pick<Placed, 'targets' | 'isOwnEnd'> {
  const target = grantNamed(body.grant, log);
  if (target === undefined) return { targets: [], isOwnEnd: false };
  // Withdrawing an invitation of one's own is aimed at who has the link, not at oneself.
  const isOwnEnd = !isVoted && target.on === op.principal && target.kind !== 'invitation';
  if (!body.cascade) return { targets: [target.target], isOwnEnd };
  const may = (grant: Grant): boolean =>
    isVoted || before.stewardGrantsOf(grant.on).every(({ seniority }) => bySeniority(op.authority, seniority) < 0);
  const falling = cascadeFrom(target, { log, op, may });
  return { targets: [...falling].map((grant) => targetOf(grant, log)), isOwnEnd };
}

interface Cascading {
  readonly log: Log;
  readonly op: Placed;
  readonly may: (grant: Grant) => boolean;
}

/**
 * Grants in the past of the revocation that were made by ops citing the target, or one that falls with it; a join
 * counts as citing its invitation and what that cites. Votes are nobody's; seniors and oneself are left alone.
 */
function cascadeFrom(target: Grant, { log, op, may }: Cascading): ReadonlySet<GrantId> {
  const falling = new Set<GrantId>([target.id]);
  const earlier = log.notable.filter((made) => made.isLegal && made.grants.length > 0 && isIn(op.past, made));
  earlier.sort((a, b) => a.depth - b.depth);
  for (const made of earlier) {
    if (made.vote !== undefined || !citedBy(made, log).some((grant) => falling.has(grant))) continue;
    for (const grant of made.grants) if (grant.on !== op.principal && may(grant)) falling.add(grant.id);
  }
  return falling;
}

function citedBy(made: Placed, log: Log): readonly GrantId[] {
  const { auth, body } = made.signed.op;
  if (body.type !== 'join') return auth;
  const invite = log.ops.get(body.invite);
  return invite === undefined ? [] : [...invite.grants.map(({ id }) => id), ...invite.signed.op.auth];
}
