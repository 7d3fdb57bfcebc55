// The past of an op as each device's newest op in it (charter/SPEC.md §4.1). Nothing here knows what became effective
// later.

import type { DeviceId, GrantId, OpId, PrincipalId, SpaceId } from './ids.ts';
import type { VerifiedOp } from './op.ts';
import type { Illegality } from './refusal.ts';
import type { Seniority } from './group-facts.ts';
import type { RoleId } from './rules.ts';

/**
 * The past of an op, itself included: for each device the newest of its ops. Devices write one chain, so these few
 * stand for all; only a device that forked has more than one.
 */
export type Past = ReadonlyMap<DeviceId, readonly Placed[]>;

/** An op in its place. Everything here follows from its past and never changes. */
export interface Placed {
  readonly id: OpId;
  readonly signed: VerifiedOp;
  /** Longest path from the genesis, computed and never claimed. */
  readonly depth: number;
  readonly past: Past;
  /** The previous op of the device, and one further back, so that far ones are found in few steps. */
  readonly own: Placed | undefined;
  readonly jump: Placed | undefined;
  /** Whose op it is. */
  readonly principal: PrincipalId;
  /** A newer version, an unknown type, or resting on such an op: kept, forwarded, without effect here. */
  readonly isUninterpreted: boolean;
  /** Whether its author may do this at all, judged by its past. An illegal op stays, without effect. */
  readonly isLegal: boolean;
  readonly illegality: Illegality | undefined;
  /** The authority it was done with; decides between acts that cross. */
  readonly authority: Seniority;
  /** Memberships, roles and invitations it makes, if it stands. */
  readonly grants: readonly Grant[];
  /** What it ends, if it becomes effective. */
  readonly targets: readonly string[];
  /** Ends what its author holds: spares what others had seen. */
  readonly isOwnEnd: boolean;
  /** Of an endorsement that completes a proposal. */
  readonly vote: Vote | undefined;
}

/** A membership, a role, or an invitation. */
export interface Grant {
  readonly id: GrantId;
  readonly op: OpId;
  readonly kind: 'membership' | 'role' | 'invitation';
  /** What an end of it is aimed at: itself, or whatever the same vote made, however often it was completed. */
  readonly target: string;
  /** Who holds it; for an invitation who made it. */
  readonly on: PrincipalId;
  readonly role: RoleId | undefined;
  readonly seniority: Seniority;
  /** The grant by whose authority it was made. */
  readonly from: GrantId | undefined;
  readonly isVoted: boolean;
  /** Given by an invitation: carries no power over others, whatever its role says. */
  readonly isInvited: boolean;
}

/** What completes a proposal, and by whose signatures. */
export interface Vote {
  readonly proposal: Placed;
  /** Proposal, counted endorsements and the completing one, as far as they are signatures of voters. */
  readonly signatures: readonly Placed[];
  /** Principals that count, in both electorates. */
  readonly signers: number;
  /** So many are needed. */
  readonly needed: number;
}

export interface Log {
  readonly space: SpaceId;
  readonly ops: ReadonlyMap<OpId, Placed>;
  /** Those that change who is in; few, also in a long log. */
  readonly notable: readonly Placed[];
}

/** Whether a log is that of a group. */
export function isGroupSpace(log: Log): boolean {
  const genesis = log.ops.get(log.space as string as OpId)?.signed.op.body;
  return genesis?.type === 'genesis' && genesis.kind === 'group';
}

/** Whether an op may change who is in or by what rules. Rotations and relays fill a log, and do not. */
export function isNotable({ signed }: Placed): boolean {
  const { body } = signed.op;
  if (body.type === 'rotate') return body.admits.length > 0;
  return body.type !== 'relays' && body.type !== 'card' && body.type !== 'frontier';
}

/** Whether `op` lies in a past. */
export function isIn(past: Past, op: Placed): boolean {
  const newest = past.get(op.signed.op.device);
  return newest !== undefined && newest.some((tip) => ancestorAt(tip, op.signed.op.seq) === op);
}

/** The op of the same chain with that number. */
function ancestorAt(tip: Placed, seq: number): Placed | undefined {
  let at: Placed | undefined = tip;
  while (at !== undefined && at.signed.op.seq > seq) {
    at = at.jump !== undefined && at.jump.signed.op.seq >= seq ? at.jump : at.own;
  }
  return at !== undefined && at.signed.op.seq === seq ? at : undefined;
}

/** Skew-binary jump pointers: any earlier op of a chain is reached in logarithmically many steps. */
export function jumpOver(own: Placed | undefined): Placed | undefined {
  const near = own?.jump;
  const far = near?.jump;
  if (own === undefined || near === undefined || far === undefined) return own;
  const seq = (op: Placed) => op.signed.op.seq;
  return seq(own) - seq(near) === seq(near) - seq(far) ? far : own;
}

/**
 * Branches of one device's chain that a past may hold. An honest device has one; without a limit a forger could make
 * everybody else's ops costly to place. Whoever writes leaves out heads that would exceed it.
 */
export const MAX_BRANCHES = 16;

/** The union of some pasts. */
export function joinPasts(parents: readonly Placed[]): Past {
  const past = new Map<DeviceId, readonly Placed[]>();
  for (const parent of parents) {
    for (const [device, newest] of parent.past) {
      const held = past.get(device);
      if (held !== newest) past.set(device, held === undefined ? newest : newestOf([...held, ...newest]));
    }
  }
  return past;
}

/** Whether no device has more branches in a past than it may. */
export function isWithinBranches(past: Past): boolean {
  for (const newest of past.values()) if (newest.length > MAX_BRANCHES) return false;
  return true;
}

/** Leaves out ops that another one has in its chain. */
function newestOf(ops: readonly Placed[]): readonly Placed[] {
  const different = [...new Set(ops)];
  if (different.length === 1) return different;
  return different.filter(
    (op) => !different.some((other) => other !== op && ancestorAt(other, op.signed.op.seq) === op),
  );
}

/** (depth, id): the order in which standing ops take effect. */
export function byOrder(a: Placed, b: Placed): number {
  if (a.depth !== b.depth) return a.depth - b.depth;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
