// What a revocation says of what was said so far: how far the chains of who is ended stand, as this device knows them.

import type { DeviceCut } from '#core/charter/body-parts.ts';
import type { DeviceId, GrantId, PrincipalId, Scope } from '#core/charter/ids.ts';
import type { FrontierOp, Revoke } from '#core/charter/member-body.ts';
import { frontierOf } from '#core/chain/evidence.ts';
import type { Replica } from './replica.ts';

/**
 * The body that ends a membership, a role or an invitation; right for `propose` as well. Its frontier speaks of the
 * scopes that are lost and that this device reads.
 */
export function revokeBody(replica: Replica, grant: GrantId, cascade = false): Revoke {
  const facts = replica.view?.group?.grants.get(grant);
  if (facts === undefined) return { type: 'revoke', grant, frontier: [], cascade };
  const scopes = facts.role === undefined ? replica.scopes() : [facts.role as string as Scope];
  // What falls with it may be anybody's.
  const of = cascade ? undefined : facts.on;
  return { type: 'revoke', grant, frontier: cutsOf(replica, scopes, of), cascade };
}

/** Frontiers for revocations whose authors did not read a scope that this device reads. */
export function completionsDue(replica: Replica): readonly FrontierOp[] {
  const due = (replica.view?.group?.incomplete ?? []).filter(({ scope }) => replica.reads(scope));
  const bodies = due.map(({ revoke, on, scope }): FrontierOp => {
    return { type: 'frontier', revoke, frontier: cutsOf(replica, [scope], on) };
  });
  return bodies.filter(({ frontier }) => frontier.length > 0);
}

function cutsOf(replica: Replica, scopes: readonly Scope[], of: PrincipalId | undefined): readonly DeviceCut[] {
  const isTheirs = (device: DeviceId): boolean => {
    return of === undefined ? !replica.isMine(device) : replica.principalOf(device) === of;
  };
  const sets = scopes.filter((scope) => replica.reads(scope)).map((scope) => replica.chainsOf(scope));
  return frontierOf(sets, ({ device }) => isTheirs(device));
}
