// Which rights an act uses, and which of the grants that its author cites carry them (charter/SPEC.md §4.2).

import { bySeniority, grantNamed, makerOf } from './grants.ts';
import type { OpBody } from './op-body.ts';
import { isIn, type Grant, type Log, type Placed } from './past.ts';
import { isPower, powerfulRoles, roleOf, type MemberRight, type Right, type RoleId, type Rules } from './rules.ts';

/** Any one of them will do. */
export type AnyOf = readonly Right[];

/** All that an act needs; nothing for what everybody may do for themselves. */
export function rightsUsedBy(op: Placed, log: Log): readonly AnyOf[] {
  const { body } = op.signed.op;
  if (body.type !== 'revoke') return rightsFor(body);
  // What is not in its past is nothing to it, whether it has arrived or not.
  const maker = makerOf(body.grant, log);
  const isKnown = maker !== undefined && isIn(op.past, maker);
  const isOwn = isKnown && grantNamed(body.grant, log)?.on === op.principal;
  return isOwn ? NOTHING : rightsFor(body);
}

const NOTHING: readonly AnyOf[] = [];

/** What a kind of act needs when it is done to others. */
export function rightsFor(body: OpBody): readonly AnyOf[] {
  switch (body.type) {
    case 'endorse':
      return [['vote']];
    case 'propose':
      return [['propose', 'vote']];
    case 'revoke':
      return [['revoke']];
    case 'invite':
      return [['invite'], ...givingOf(body.role === undefined ? [] : [body.role])];
    case 'grant':
      return body.act === 'role' ? givingOf([body.role]) : [['admit'], ...givingOf(body.roles)];
    case 'charter':
    case 'relays':
    case 'card':
      return [[body.type]];
    default:
      return NOTHING;
  }
}

function givingOf(roles: readonly RoleId[]): readonly AnyOf[] {
  return roles.map((role): AnyOf => [`grant:${role}`]);
}

/** The grants cited by an op that carry one of some rights under given rules. */
export function carriersOf({ named }: Placed, anyOf: AnyOf, rules: Rules): readonly Grant[] {
  return named.filter((grant) => anyOf.some((right) => carries(grant, right, rules)));
}

export function carries(grant: Grant, right: Right, rules: Rules): boolean {
  if (grant.kind === 'membership') return rules.members.includes(right as MemberRight);
  if (grant.role === undefined || (grant.isInvited && isPower(right, powerfulRoles(rules)))) return false;
  return roleOf(rules, grant.role)?.can.includes(right) === true;
}

/**
 * The most senior cited grant that carries the right used; where several rights are used, the least senior of those.
 * What needs no right is done with all one has. `undefined`: a right is not carried.
 */
export function authorityFor(op: Placed, rules: Rules, log: Log): Grant | undefined {
  const used = rightsUsedBy(op, log);
  if (used.length === 0) return mostSenior(op.named);
  let authority: Grant | undefined;
  for (const anyOf of used) {
    const carrier = mostSenior(carriersOf(op, anyOf, rules));
    if (carrier === undefined) return undefined;
    if (authority === undefined || bySeniority(authority.seniority, carrier.seniority) < 0) authority = carrier;
  }
  return authority;
}

export function mostSenior(grants: readonly Grant[]): Grant | undefined {
  let best: Grant | undefined;
  for (const grant of grants) {
    if (best === undefined || bySeniority(grant.seniority, best.seniority) < 0) best = grant;
  }
  return best;
}
