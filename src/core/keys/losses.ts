// Who read a scope once and does not any more, and by which ops (keys/SPEC.md §6): a key made without knowing of them may
// have come into their hands by other ways than its rotation's wraps.

import { EVERYONE, type OpId, type PrincipalId, type Scope } from '../charter/ids.ts';
import type { RoleId } from '../charter/rules.ts';
import type { CharterView, DeviceFacts } from '../charter/view.ts';
import { readersOf } from './readers.ts';

/**
 * How one device lost a scope: each way alone is enough. A way is a list of things that all had to be ended (the grants of
 * a role), each by any of some ops.
 */
export type Loss = readonly (readonly (readonly OpId[])[])[];

const known = new WeakMap<CharterView, Map<Scope, readonly Loss[]>>();

/**
 * Of devices whose coming, or whose role, crossed with an act by which it is void: a welcome or a share had given them keys
 * all the same. What counts as their end is any act that felled it.
 */
export function fallenLossesOf(view: CharterView, scope: Scope): readonly Loss[] {
  const readers = readersOf(view, scope);
  return view.fallen().flatMap(({ device, on, by }) => {
    const isReader = device === undefined || readers.has(device) || !mightRead(view, on, scope);
    return isReader ? [] : [[[by]]];
  });
}

function mightRead(view: CharterView, on: PrincipalId, scope: Scope): boolean {
  return scope === EVERYONE || roleGrants(view, on, scope).length > 0;
}

/** Of devices that are or were of a member. */
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

function lossOf(view: CharterView, { principal, ends }: DeviceFacts, scope: Scope): Loss {
  const grants = scope === EVERYONE ? undefined : roleGrants(view, principal, scope);
  if (grants?.length === 0) return [];
  const member = view.group?.members.get(principal)?.ends ?? [];
  const ways = [[opsOf(ends)], [opsOf(member)], ...(grants === undefined ? [] : [grants])];
  return ways.filter((way) => way.every((by) => by.length > 0));
}

function roleGrants(view: CharterView, on: PrincipalId, scope: Scope): readonly (readonly OpId[])[] {
  const isMeant = (grant: { readonly on: PrincipalId; readonly role: RoleId | undefined }): boolean => {
    return grant.on === on && (grant.role as string | undefined) === scope;
  };
  const grants = [...(view.group?.grants.values() ?? [])].filter(isMeant).map(({ ends }) => opsOf(ends));
  const fallen = view
    .fallen()
    .filter(isMeant)
    .map(({ by }) => by);
  return [...grants, ...fallen];
}

function opsOf(ends: readonly { readonly op: OpId }[]): readonly OpId[] {
  return ends.map(({ op }) => op);
}
