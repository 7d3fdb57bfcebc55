// How things stood for a set of ops: who held what, under which rules (charter/SPEC.md §4.2).

import { settleContests, type Settled } from './contests.ts';
import { actOf, grantNamed, makerOf } from './grants.ts';
import { EVERYONE, type DeviceId, type GrantId, type OpId, type PrincipalId, type Scope } from './ids.ts';
import { type Log, type Past, type Placed, type Grant } from './past.ts';
import { inForce, rulesOf } from './register.ts';
import { carries } from './rights.ts';
import { isStewardRole, roleOf, type RoleId, type Rules } from './rules.ts';
import { pastSight, type Sight } from './sight.ts';
import type { Standing } from './standing.ts';
import { citedTargets, deviceTarget } from './targets.ts';

/** Of a group: what its ops say when nothing but these were there. */
export class Situation {
  readonly sight: Sight;
  readonly settled: Settled;
  readonly #log: Log;
  #charter: Placed | undefined;
  #roles: ReadonlyMap<PrincipalId, readonly Grant[]> | undefined;

  constructor(sight: Sight) {
    this.sight = sight;
    this.#log = sight.log;
    this.settled = settleContests(sight);
  }

  get standing(): Standing {
    return this.settled.standing;
  }

  /** The op that made the rules in force. */
  get charter(): Placed {
    this.#charter ??= inForce(
      this.sight.notable().filter((op) => ['genesis', 'charter'].includes(actOf(op).type) && this.standing.grants(op)),
    );
    return this.#charter;
  }

  get rules(): Rules {
    return rulesOf(this.charter.id, this.#log);
  }

  /** Whether a membership, role or invitation was made and not ended. */
  #isOpen(grant: Grant): boolean {
    const maker = makerOf(grant.id, this.#log);
    return maker !== undefined && this.standing.grants(maker) && this.standing.endsOf(grant.target).length === 0;
  }

  isMember(principal: PrincipalId): boolean {
    const grant = grantNamed(principal, this.#log);
    const maker = makerOf(principal, this.#log);
    return grant?.kind === 'membership' && this.sight.has(maker!) && this.#isOpen(grant);
  }

  /** Role grants that a member holds, of roles that the rules in force know. */
  rolesOf(principal: PrincipalId): readonly Grant[] {
    this.#roles ??= this.#heldRoles();
    return this.#roles.get(principal) ?? [];
  }

  holds(principal: PrincipalId, role: RoleId): boolean {
    return this.rolesOf(principal).some((grant) => grant.role === role);
  }

  /** Grants of a member that decide over others. */
  stewardGrantsOf(principal: PrincipalId): readonly Grant[] {
    return this.rolesOf(principal).filter(
      (grant) => !grant.isInvited && isStewardRole(roleOf(this.rules, grant.role!)),
    );
  }

  /** Whether something was done that had been proposed. */
  isDone(proposal: Placed): boolean {
    return this.sight.notable().some((op) => op.vote?.proposal === proposal && this.standing.isCounted(op));
  }

  /** Every principal who holds a role. */
  holders(): readonly PrincipalId[] {
    this.#roles ??= this.#heldRoles();
    return [...this.#roles.keys()];
  }

  /** Whether a member reads a scope: everyone's, or that of a role they hold. */
  isReader(principal: PrincipalId, scope: Scope): boolean {
    if (scope === EVERYONE) return this.isMember(principal);
    return this.holds(principal, scope as string as RoleId);
  }

  /** Every principal who may vote. */
  electorate(): ReadonlySet<PrincipalId> {
    this.#roles ??= this.#heldRoles();
    const voters = [...this.#roles].filter(([, grants]) => grants.some((grant) => carries(grant, 'vote', this.rules)));
    return new Set(voters.map(([principal]) => principal));
  }

  /** Whether who has this invitation may come in: not withdrawn, and its maker not ended in any way. */
  isInviting(invite: Placed): boolean {
    const [grant] = invite.grants;
    if (grant?.kind !== 'invitation' || !this.#isOpen(grant)) return false;
    return citedTargets(invite, this.#log).every((target) => this.standing.endsOf(target).length === 0);
  }

  isEnded(binding: GrantId, device: DeviceId): boolean {
    return this.standing.endsOf(deviceTarget(binding, device)).length > 0;
  }

  #heldRoles(): ReadonlyMap<PrincipalId, readonly Grant[]> {
    const held = new Map<PrincipalId, Grant[]>();
    for (const op of this.sight.notable()) {
      for (const grant of op.grants) {
        if (grant.kind !== 'role' || roleOf(this.rules, grant.role!) === undefined) continue;
        if (!this.#isOpen(grant) || !this.isMember(grant.on)) continue;
        const roles = held.get(grant.on) ?? [];
        roles.push(grant);
        held.set(grant.on, roles);
      }
    }
    return held;
  }
}

/** Situations by what was seen: the ops that all else in a past is the past of. */
const known = new WeakMap<Placed, Map<string, Situation>>();

/** How things stood in a past. Fixed for ever, since a past is. */
export function situationIn(log: Log, past: Past): Situation {
  const genesis = log.ops.get(log.space as string as OpId)!;
  const situations = known.get(genesis) ?? new Map<string, Situation>();
  known.set(genesis, situations);
  const key = keyOf(past);
  const situation = situations.get(key) ?? new Situation(pastSight(log, past));
  situations.set(key, situation);
  return situation;
}

/** A past is named by each device's newest ops in it. */
function keyOf(past: Past): string {
  return [...past.values()]
    .flat()
    .map(({ id }) => id)
    .sort()
    .join();
}
