// Who read a scope once and does not any more, and by which ops (keys/SPEC.md §6): a key made without knowing of them may
// have come into their hands by other ways than its rotation's wraps.

import { EVERYONE, type OpId, type PrincipalId, type Scope } from '../charter/ids.ts';
import type { CharterView, DeviceFacts } from '../charter/view.ts';
import { readersOf } from './readers.ts';

/**
 * How one device lost a scope: each way alone is enough. A way is a list of things that all had to be ended (the grants of
 * a role), each by any of some ops.
 */
export type Loss = readonly (readonly (readonly OpId[])[])[];

const known = new WeakMap<CharterView, Map<Scope, readonly Loss[]>>();

/** What went without an op that ended it (a grant that never stood) is not among them. */
export function lossesOf(view: CharterView, scope: Scope): readonly Loss[] {
  const scopes = known.get(view) ?? new Map<Scope, readonly Loss[]>();
  known.set(view, scopes);
  let losses = scopes.get(scope);
  if (losses === undefined) scopes.set(scope, (losses = findLosses(view, scope)));
  return losses;
}

function findLosses(view: CharterView, scope: Scope): readonly Loss[] {
  const readers = readersOf(view, scope);
  return [...view.devices.values()].flatMap((facts) => {
    if (readers.has(facts.device)) return [];
    const loss = lossOf(view, facts, scope);
    return loss.length === 0 ? [] : [loss];
  });
}

function lossOf({ group }: CharterView, { principal, ends }: DeviceFacts, scope: Scope): Loss {
  const grants = scope === EVERYONE ? undefined : roleGrants(group, principal, scope);
  if (grants?.length === 0) return [];
  const member = group?.members.get(principal)?.ends ?? [];
  const ways = [[opsOf(ends)], [opsOf(member)], ...(grants === undefined ? [] : [grants])];
  return ways.filter((way) => way.every((by) => by.length > 0));
}

function roleGrants(group: CharterView['group'], on: PrincipalId, scope: Scope): readonly (readonly OpId[])[] {
  const grants = [...(group?.grants.values() ?? [])];
  return grants
    .filter((grant) => grant.on === on && (grant.role as string | undefined) === scope)
    .map((grant) => opsOf(grant.ends));
}

function opsOf(ends: readonly { readonly op: OpId }[]): readonly OpId[] {
  return ends.map(({ op }) => op);
}
