// What a revocation says of what was said so far: how far the chains of who is ended stand, as this device knows them.

import { MAX_FRONTIER, type DeviceCut } from '#core/charter/body-parts.ts';
import type { CharterChange } from '#core/charter/decision-body.ts';
import type { DeviceId, GrantId, PrincipalId, Scope } from '#core/charter/ids.ts';
import type { Revoke } from '#core/charter/member-body.ts';
import type { Rules } from '#core/charter/rules.ts';
import type { ChainSet } from '#core/chain/chain-set.ts';
import { frontierOf, seenIn } from '#core/chain/evidence.ts';
import type { Replica } from './replica.ts';

/**
 * The body that ends a membership, a role or an invitation; right for `propose` as well. Its frontier speaks of the
 * scopes that are lost and that this device reads; and where rights of a role may have been used, of all it has seen.
 */
export function revokeBody(replica: Replica, grant: GrantId, cascade = false): Revoke {
  const facts = replica.view?.group?.grants.get(grant);
  if (facts === undefined) return { type: 'revoke', grant, frontier: [], cascade };
  // What falls with it may be anybody's.
  const of = cascade ? undefined : facts.on;
  const isAll = facts.role === undefined || cascade;
  const lost = isAll ? replica.scopes() : [facts.role as string as Scope];
  const besides = replica.scopes().filter((scope) => !lost.includes(scope));
  const frontier = [...cutsOf(replica, lost, of), ...seenIn(setsOf(replica, besides))].slice(0, MAX_FRONTIER);
  return { type: 'revoke', grant, frontier, cascade };
}

/** New rules, with what was seen under those they take the place of: whoever loses a right had it up to there. */
export function rulesBody(replica: Replica, rules: Rules): CharterChange {
  return { type: 'charter', rules, frontier: seenIn(setsOf(replica, replica.scopes())) };
}

/** How far the chains of who loses scopes stand; of everybody else where it is not said whose. */
export function cutsOf(replica: Replica, scopes: readonly Scope[], of: PrincipalId | undefined): readonly DeviceCut[] {
  const isTheirs = (device: DeviceId): boolean => {
    return of === undefined ? !replica.isMine(device) : replica.principalOf(device) === of;
  };
  return frontierOf(setsOf(replica, scopes), ({ device }) => isTheirs(device));
}

export function setsOf(replica: Replica, scopes: readonly Scope[]): readonly ChainSet[] {
  return scopes.filter((scope) => replica.reads(scope)).map((scope) => replica.chainsOf(scope));
}
