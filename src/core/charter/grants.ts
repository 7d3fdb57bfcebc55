// Which grants ops make and cite: memberships, bindings of keys, roles, invitations (charter/SPEC.md §4.1).

import type { Genesis } from './genesis-body.ts';
import type { Seniority } from './group-facts.ts';
import type { DeviceId, GrantId, OpId, PrincipalId } from './ids.ts';
import type { OpBody } from './op-body.ts';
import { grantIdOf } from './op.ts';
import { byOrder, isIn, type Grant, type Log, type Past, type Placed } from './past.ts';
import type { RoleId } from './rules.ts';

/** Grants with a higher index bind a recovery key. */
export const RECOVERY_INDEX = 128;
/** Where the roles of founders begin, and how many indices each founder has. */
const FOUNDING_ROLES_FROM = 16;
const FOUNDING_ROLES_EACH = 7;

/** Where grants are looked up. */
type Known = Pick<Log, 'ops' | 'course'>;

/** What an op or a header cites. */
export interface Citing {
  readonly under: OpId;
  readonly auth: readonly GrantId[];
  readonly device: DeviceId;
}

export type Reading = 'known' | 'uninterpreted' | 'bad';

/** `under` and `auth`: in the op's past, of the right kinds, and all of one principal. */
export function readGrants(citing: Citing, past: Past, log: Log): Reading {
  const [membership, binding, ...roles] = citing.auth as [GrantId, GrantId, ...GrantId[]];
  const readings: Reading[] = [
    readUnder(citing.under, past, log),
    readGrant(membership, { kind: 'membership', on: membership }, past, log),
    readBinding({ membership, binding, device: citing.device }, past, log),
    ...roles.map((role) => readGrant(role, { kind: 'role', on: membership }, past, log)),
  ];
  if (readings.includes('bad')) return 'bad';
  return readings.includes('uninterpreted') ? 'uninterpreted' : 'known';
}

/** A charter: the genesis, a change of rules, or the vote that made one. */
export function readUnder(under: OpId, past: Past, log: Log): Reading {
  const op = log.ops.get(under);
  if (op === undefined || !isIn(past, op)) return 'bad';
  if (op.isUninterpreted) return 'uninterpreted';
  return actOf(op).type === 'genesis' || actOf(op).type === 'charter' ? 'known' : 'bad';
}

/** What an op does: for an endorsement that completes a proposal, what was proposed. */
export function actOf(op: Placed): OpBody {
  if (op.vote === undefined) return op.signed.op.body;
  const { body } = op.vote.proposal.signed.op;
  return body.type === 'propose' ? body.act : op.signed.op.body;
}

/** What an end of a grant is aimed at. */
export function targetOf(grant: GrantId, log: Known): string {
  return grantNamed(grant, log)?.target ?? grant;
}

/** The op that made a grant, when it lies in the past. */
function grantOp(grant: GrantId, past: Past, log: Log): Placed | undefined {
  const op = makerOf(grant, log);
  return op !== undefined && isIn(past, op) ? op : undefined;
}

export function makerOf(grant: GrantId, log: Known): Placed | undefined {
  return log.course.makers.get(grant) ?? log.ops.get(grant.slice(0, 64) as OpId);
}

export function grantNamed(grant: GrantId, log: Known): Grant | undefined {
  return makerOf(grant, log)?.grants.find(({ id }) => id === grant);
}

export function indexOf(grant: GrantId): number {
  return Number.parseInt(grant.slice(64), 16);
}

function readGrant(id: GrantId, wanted: Pick<Grant, 'kind' | 'on'>, past: Past, log: Log): Reading {
  const op = grantOp(id, past, log);
  if (op === undefined) return 'bad';
  if (op.isUninterpreted) return 'uninterpreted';
  const grant = op.grants.find((made) => made.id === id);
  return grant?.kind === wanted.kind && grant.on === wanted.on ? 'known' : 'bad';
}

interface Claim {
  readonly membership: GrantId;
  readonly binding: GrantId;
  readonly device: DeviceId;
}

function readBinding({ membership, binding, device }: Claim, past: Past, log: Log): Reading {
  const op = grantOp(binding, past, log);
  if (op === undefined) return 'bad';
  if (op.isUninterpreted) return 'uninterpreted';
  return isBoundBy(op, { membership, binding, device }) ? 'known' : 'bad';
}

/** A key that an op binds to a principal. */
export interface Binding {
  readonly binding: GrantId;
  readonly principal: PrincipalId;
  readonly device: DeviceId;
  readonly recovery: DeviceId | undefined;
}

const BINDING: ReadonlySet<OpBody['type']> = new Set(['genesis', 'device', 'join', 'grant']);
const NO_BINDINGS: readonly Binding[] = [];

/** The keys an op binds. */
export function bindingsOf(op: Placed): readonly Binding[] {
  const body = actOf(op);
  // Most ops bind none; this is asked of every one.
  if (!BINDING.has(body.type)) return NO_BINDINGS;
  const own = grantIdOf(op.id, 0);
  switch (body.type) {
    case 'genesis':
      return body.founders.map(({ device, recovery }, index) => {
        const binding = grantIdOf(op.id, index);
        return { binding, principal: binding, device, recovery };
      });
    case 'device':
      return body.act === 'end' ? [] : [{ ...body, binding: own, principal: op.principal }];
    case 'join':
      return [{ binding: own, principal: own, device: op.signed.op.device, recovery: body.recovery }];
    case 'grant':
      return body.act === 'role' ? [] : [{ ...body, binding: own, principal: own }];
    default:
      return [];
  }
}

/** The device that an op makes a member of; the genesis makes several, which are sure to differ. */
export function newMemberKey(op: Placed): DeviceId | undefined {
  const body = actOf(op);
  if (body.type === 'join') return op.signed.op.device;
  return body.type === 'grant' && body.act === 'admit' ? body.device : undefined;
}

/** Whether the grant `binding`, made by `op`, binds this key to this member. */
export function isBoundBy(op: Placed, { membership, binding, device }: Claim): boolean {
  const index = indexOf(binding);
  const bound = bindingsOf(op).find((made) => made.binding === grantIdOf(op.id, index % RECOVERY_INDEX));
  if (bound?.principal !== membership) return false;
  return (index >= RECOVERY_INDEX ? bound.recovery : bound.device) === device;
}

/** The binding of the recovery key named beside a device. */
export function recoveryOf(binding: GrantId): GrantId {
  return grantIdOf(binding.slice(0, 64) as OpId, RECOVERY_INDEX + indexOf(binding));
}

/** Whether a binding is that of a recovery key. */
export function isRecoveryGrant(binding: GrantId): boolean {
  return indexOf(binding) >= RECOVERY_INDEX;
}

/** What an op grants, and by whose authority. */
interface Granting {
  readonly id: OpId;
  readonly depth: number;
  readonly principal: PrincipalId;
  /** Delegation of what it grants. */
  readonly delegation: number;
  readonly from: GrantId | undefined;
  /** The proposal, of what is granted by vote. */
  readonly proposal: OpId | undefined;
  /** The role of the invitation that a join names. */
  readonly invited: RoleId | undefined;
}

const GRANTING: ReadonlySet<OpBody['type']> = new Set(['genesis', 'invite', 'join', 'grant']);
const NO_GRANTS: readonly Grant[] = [];

/** Whether an act makes grants: few in a log do. */
export function isGranting({ type }: OpBody): boolean {
  return GRANTING.has(type);
}

/** The grants that an act makes. */
export function grantsOf(body: OpBody, by: Granting): readonly Grant[] {
  if (!isGranting(body)) return NO_GRANTS;
  const { id: op, depth, delegation, from, proposal } = by;
  const grant = (index: number, made: Pick<Grant, 'kind' | 'on' | 'role'>): Grant => {
    const id = grantIdOf(op, index);
    const target = grantIdOf(proposal ?? op, index);
    const [isVoted, isInvited] = [proposal !== undefined, body.type === 'join'];
    return { ...made, id, target, op, seniority: { delegation, depth, id }, from, isVoted, isInvited };
  };
  const own = grantIdOf(op, 0);
  const membership = grant(0, { kind: 'membership', on: own, role: undefined });
  switch (body.type) {
    case 'genesis':
      return foundingGrants(body, grant, op);
    case 'invite':
      return [grant(0, { kind: 'invitation', on: by.principal, role: body.role })];
    case 'join':
      return by.invited === undefined
        ? [membership]
        : [membership, grant(1, { kind: 'role', on: own, role: by.invited })];
    case 'grant':
      if (body.act === 'role') return [grant(1, { kind: 'role', on: body.on, role: body.role })];
      return [membership, ...body.roles.map((role, index) => grant(1 + index, { kind: 'role', on: own, role }))];
    default:
      return [];
  }
}

function foundingGrants(
  { founders, kind }: Genesis,
  grant: (index: number, made: Pick<Grant, 'kind' | 'on' | 'role'>) => Grant,
  op: OpId,
): readonly Grant[] {
  const memberships = founders.map((_, index) =>
    grant(index, { kind: 'membership', on: grantIdOf(op, index), role: undefined }),
  );
  if (kind !== 'group') return memberships;
  const roles = founders.flatMap((founder, index) =>
    founder.roles.map((role, at) =>
      grant(foundingRoleIndex(index, at), { kind: 'role', on: grantIdOf(op, index), role }),
    ),
  );
  return [...memberships, ...roles];
}

/** Index of a founder's role grant: 16 + 7 × founder + role. */
export function foundingRoleIndex(founder: number, role: number): number {
  return FOUNDING_ROLES_FROM + FOUNDING_ROLES_EACH * founder + role;
}

/** More senior first. */
export function bySeniority(a: Seniority, b: Seniority): number {
  if (a.delegation !== b.delegation) return a.delegation - b.delegation;
  if (a.depth !== b.depth) return a.depth - b.depth;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** Seniority of the authority used, then order. */
export function byRank(a: Placed, b: Placed): number {
  return bySeniority(a.authority, b.authority) || byOrder(a, b);
}
