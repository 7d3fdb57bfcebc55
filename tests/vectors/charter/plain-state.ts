// What every implementation must make of a set of ops, as plain values (charter/SPEC.md §4.5).
import type { Charter } from '#core/charter/charter.ts';
import { viewOf } from '#core/charter/view.ts';

export interface PlainState {
  /** Ops that are kept; the others are structurally bad, or wait for a parent. */
  readonly kept: readonly string[];
  readonly illegal: readonly string[];
  /** Of completing endorsements: those whose vote counts. */
  readonly standing: readonly string[];
  readonly members: readonly string[];
  /** Live role grants: [principal, role, grant]. */
  readonly roles: readonly (readonly [string, string, string])[];
  /** Live devices: [device, principal]. */
  readonly devices: readonly (readonly [string, string])[];
  readonly charter: string;
  readonly relays: readonly string[];
  readonly rotations: readonly string[];
  readonly needsNewerVersion: boolean;
}

export function plainState(charter: Charter): PlainState {
  const view = viewOf(charter);
  const group = view?.group;
  if (view === undefined || group === undefined) throw new Error('not a group');
  const ops = [...charter.ops.values()];
  const live = [...group.members.values()].filter(({ isLive }) => isLive);
  return {
    kept: ops.map(({ id }) => id).sort(),
    illegal: ops
      .filter(({ isLegal, isUninterpreted }) => !isLegal && !isUninterpreted)
      .map(({ id }) => id)
      .sort(),
    standing: ops
      .map(({ id }) => id)
      .filter((id) => view.stands(id))
      .sort(),
    members: live.map(({ id }) => id).sort(),
    roles: live
      .flatMap(({ id, roles }) => roles.map((grant) => [id, group.grants.get(grant)!.role!, grant] as const))
      .sort(),
    devices: [...view.devices.values()]
      .filter(({ isLive }) => isLive)
      .map(({ device, principal }) => [device, principal] as const)
      .sort(),
    charter: group.charter,
    relays: view.relays,
    rotations: view.rotations.map(({ op }) => op),
    needsNewerVersion: view.needsNewerVersion,
  };
}
