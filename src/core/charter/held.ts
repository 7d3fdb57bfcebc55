// How things stood for a set of ops: who held what, under which rules (charter/SPEC.md §4.2).

import type { Settled } from './contests.ts';
import { makerOf } from './grants.ts';
import { EVERYONE, type DeviceId, type GrantId, type PrincipalId, type Scope } from './ids.ts';
import type { Grant, Log, Placed } from './past.ts';
import { inForce, rulesBy } from './register.ts';
import { carries } from './rights.ts';
import { isStewardRole, roleOf, type RoleId, type Rules } from './rules.ts';
import type { Standing } from './standing.ts';
import { deviceTarget, type End } from './targets.ts';

/**
 * Of a group: what a set of ops says, when nothing but these were there. The contests may be those of a larger set,
 * if the larger set is known to come to the same about these (`situation.ts`).
 */
export class Situation {
  readonly settled: Settled;
  readonly #log: Log;
  readonly #has: (op: Placed) => boolean;
  #charter: Placed | undefined;
  #rules: Rules | undefined;
  #electorate: ReadonlySet<PrincipalId> | undefined;

  constructor(log: Log, settled: Settled, has: (op: Placed) => boolean) {
    this.settled = settled;
    this.#log = log;
    this.#has = has;
  }

  get standing(): Standing {
    return this.settled.standing;
  }

  /** The op that made the rules in force. */
  get charter(): Placed {
    this.#charter ??= this.#inForce();
    return this.#charter;
  }

  #inForce(): Placed {
    const { charters } = this.#log.course;
    // The genesis stands in any case, and most groups never change their rules.
    if (charters.length === 1) return charters[0]!;
    return inForce(charters.filter((op) => this.#has(op) && this.standing.grants(op)));
  }

  get rules(): Rules {
    this.#rules ??= rulesBy(this.charter);
    return this.#rules;
  }

  has(op: Placed): boolean {
    return this.#has(op);
  }

  /** The effective ends of a target. */
  endsOf(target: string): readonly End[] {
    return this.standing.endsOf(target).filter(({ by }) => this.#has(by));
  }

  isEnded(target: string): boolean {
    const ends = this.standing.endsOf(target);
    return ends.length > 0 && ends.some(({ by }) => this.#has(by));
  }

  /** Whether a membership, role or invitation was made and not ended. */
  #isOpen(grant: Grant, maker: Placed): boolean {
    return this.#has(maker) && maker.isLegal && this.standing.grants(maker) && !this.isEnded(grant.target);
  }

  isMember(principal: PrincipalId): boolean {
    const maker = makerOf(principal, this.#log);
    const grant = maker?.grants.find(({ id }) => id === principal);
    return grant?.kind === 'membership' && this.#isOpen(grant, maker!);
  }

  /** Whether a device is bound by a grant, and neither ended nor frozen. */
  isBound(binding: GrantId, device: DeviceId): boolean {
    const maker = makerOf(binding, this.#log);
    if (maker === undefined || !this.#has(maker) || !maker.isLegal || !this.standing.grants(maker)) return false;
    return !this.isEnded(deviceTarget(binding, device));
  }

  /** Role grants that a member holds, of roles that the rules in force know. */
  rolesOf(principal: PrincipalId): readonly Grant[] {
    const makers = this.#log.course.byHolder.get(principal);
    if (makers === undefined || !this.isMember(principal)) return [];
    return makers.flatMap((maker) => maker.grants.filter((grant) => this.#isHeld(grant, maker, principal)));
  }

  #isHeld(grant: Grant, maker: Placed, principal: PrincipalId): boolean {
    if (grant.kind !== 'role' || grant.on !== principal || !this.#isOpen(grant, maker)) return false;
    return roleOf(this.rules, grant.role!) !== undefined;
  }

  holds(principal: PrincipalId, role: RoleId): boolean {
    return this.rolesOf(principal).some((grant) => grant.role === role);
  }

  /** Grants of a member that decide over others. */
  stewardGrantsOf(principal: PrincipalId): readonly Grant[] {
    const makers = this.#log.course.byHolder.get(principal) ?? [];
    const isSteward = ({ kind, role, isInvited }: Grant): boolean =>
      kind === 'role' && !isInvited && isStewardRole(roleOf(this.rules, role!));
    // Few of many roles decide over others: whether they are held is asked last.
    const held = makers.flatMap((maker) =>
      maker.grants.filter((grant) => isSteward(grant) && this.#isHeld(grant, maker, principal)),
    );
    return held.length > 0 && this.isMember(principal) ? held : [];
  }

  /** Whether something was done that had been proposed. */
  isDone(proposal: Placed): boolean {
    const completions = this.#log.course.completions.get(proposal) ?? [];
    return completions.some((op) => this.#has(op) && this.standing.isCounted(op));
  }

  /** Every principal who was ever granted a role. */
  holders(): Iterable<PrincipalId> {
    return this.#log.course.byHolder.keys();
  }

  /** Whether a member reads a scope: everyone's, or that of a role they hold. */
  isReader(principal: PrincipalId, scope: Scope): boolean {
    if (scope === EVERYONE) return this.isMember(principal);
    return this.holds(principal, scope as string as RoleId);
  }

  /** Every principal who may vote. */
  electorate(): ReadonlySet<PrincipalId> {
    this.#electorate ??= new Set(
      [...this.holders()].filter((id) => this.rolesOf(id).some((grant) => carries(grant, 'vote', this.rules))),
    );
    return this.#electorate;
  }

  /** Whether who has this invitation may come in: not withdrawn, and its maker not ended in any way. */
  isInviting(invite: Placed): boolean {
    const [grant] = invite.grants;
    if (grant?.kind !== 'invitation' || !this.#isOpen(grant, invite)) return false;
    return invite.cited.every((target) => !this.isEnded(target));
  }
}
