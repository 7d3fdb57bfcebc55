// Who is in, and how they came and went: devices, leaving, invitations, joining, grants, revocations (SPEC.md §3).

import type { Signature } from '../crypto/suite.ts';
import type { Encodable } from '../wire/cbor.ts';
import type { Fields } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';
import {
  raw,
  readDeviceFrontier,
  readFrontier,
  readRecovery,
  spellDeviceFrontier,
  spellFrontier,
  spellRecovery,
  type BodyFormat,
  type Cut,
  type DeviceCut,
} from './body-parts.ts';
import type { DeviceId, GrantId, InvitationKey, OpId, PrincipalId } from './ids.ts';
import { roleIdOf, type RoleId } from './rules.ts';

/** Binds a further device to its author's principal; may name that principal's recovery key if it has none. */
export interface DeviceAdd {
  readonly type: 'device';
  readonly act: 'add';
  readonly device: DeviceId;
  /** By the new device over space ‖ membership: nobody binds a key that is not theirs. */
  readonly proof: Signature;
  readonly recovery: DeviceId | undefined;
}

/** Ends a device: by itself, or by the recovery key of its principal. */
export interface DeviceEnd {
  readonly type: 'device';
  readonly act: 'end';
  readonly binding: GrantId;
  readonly device: DeviceId;
  readonly frontier: readonly Cut[];
}

/** Gives up one's membership, or one role. */
export interface Leave {
  readonly type: 'leave';
  /** A role grant of one's own; absent: the membership. */
  readonly role?: GrantId;
}

/** The recovery key undoes a leave its principal did not mean. */
export interface Unleave {
  readonly type: 'unleave';
  readonly leave: OpId;
}

/** Lets people in by a one-time secret. Its grant id has index 0. */
export interface Invite {
  readonly type: 'invite';
  /** Public key of the pair that the secret gives. */
  readonly key: InvitationKey;
  /** What a newcomer gets besides membership: never a role that decides over others. */
  readonly role?: RoleId;
  readonly uses: number;
}

/**
 * By a newcomer, who signs with the device it makes a member: membership and binding are grant 0, the recovery key
 * grant 128, the invitation's role grant 1. It cites nothing in `auth`.
 */
export interface Join {
  readonly type: 'join';
  readonly invite: OpId;
  /** The invitation's key, so that the proof can be checked before the invitation is here. */
  readonly key: InvitationKey;
  /** By the invitation key over space ‖ invitation ‖ device ‖ recovery key: nobody else can use it up. */
  readonly proof: Signature;
  readonly recovery: DeviceId | undefined;
}

/** Makes somebody who asked a member: membership and binding are grant 0, recovery 128, roles 1 and on. */
export interface Admit {
  readonly type: 'grant';
  readonly act: 'admit';
  readonly device: DeviceId;
  /** By that device over space ‖ device ‖ recovery key: nobody is made a member unasked. */
  readonly proof: Signature;
  readonly recovery: DeviceId | undefined;
  readonly roles: readonly RoleId[];
}

/** Gives a member a role: grant 1. */
export interface GrantRole {
  readonly type: 'grant';
  readonly act: 'role';
  readonly on: PrincipalId;
  readonly role: RoleId;
}

/** Ends a membership, a role or an invitation, as of what its author had seen. */
export interface Revoke {
  readonly type: 'revoke';
  readonly grant: GrantId;
  /** How far chains of the one who loses it stand, in the scopes that the author holds. */
  readonly frontier: readonly DeviceCut[];
  /** Also what was granted by way of it, and by way of that. */
  readonly cascade: boolean;
}

/** Completes a revocation for scopes its author did not hold. */
export interface FrontierOp {
  readonly type: 'frontier';
  readonly revoke: OpId;
  readonly frontier: readonly DeviceCut[];
}

const MAX_USES = 10_000;
const MAX_ADMITTED_ROLES = 8;

export const DEVICE: BodyFormat<DeviceAdd | DeviceEnd> = { read: readDevice, spell: spellDevice };

export const LEAVE: BodyFormat<Leave> = {
  read: (map) => (map.has('role') ? { type: 'leave', role: map.id('role', 33) } : { type: 'leave' }),
  spell: ({ role }) => (role === undefined ? {} : { role: raw(role) }),
};

export const UNLEAVE: BodyFormat<Unleave> = {
  read: (map) => ({ type: 'unleave', leave: map.id('leave', 32) }),
  spell: (body) => ({ leave: raw(body.leave) }),
};

export const INVITE: BodyFormat<Invite> = {
  read: (map) => {
    const uses = map.uint('uses', MAX_USES);
    if (uses === 0) throw new WireError('bad-field', 'invite');
    const role = map.has('role') ? { role: roleIdOf(map.value('role')) } : {};
    return { type: 'invite', key: map.id('key', 32), uses, ...role };
  },
  spell: ({ key, role, uses }) => ({ key: raw(key), uses, ...(role === undefined ? {} : { role }) }),
};

export const JOIN: BodyFormat<Join> = {
  read: (map) => ({
    type: 'join',
    invite: map.id('invite', 32),
    key: map.id('key', 32),
    proof: map.bytes('proof', 64) as Signature,
    recovery: readRecovery(map),
  }),
  spell: ({ invite, key, proof, recovery }) => ({
    invite: raw(invite),
    key: raw(key),
    proof,
    ...spellRecovery(recovery),
  }),
};

export const GRANT: BodyFormat<Admit | GrantRole> = { read: readGrant, spell: spellGrant };

export const REVOKE: BodyFormat<Revoke> = {
  read: (map) => ({
    type: 'revoke',
    grant: map.id('grant', 33),
    frontier: readDeviceFrontier(map),
    cascade: map.bool('cascade'),
  }),
  spell: ({ grant, frontier, cascade }) => ({ grant: raw(grant), frontier: spellDeviceFrontier(frontier), cascade }),
};

export const FRONTIER: BodyFormat<FrontierOp> = {
  read: (map) => ({ type: 'frontier', revoke: map.id('revoke', 32), frontier: readDeviceFrontier(map) }),
  spell: ({ revoke, frontier }) => ({ revoke: raw(revoke), frontier: spellDeviceFrontier(frontier) }),
};

function readDevice(map: Fields): DeviceAdd | DeviceEnd {
  const act = map.oneOf('act', ['add', 'end']);
  const device = map.id<DeviceId>('device', 32);
  if (act === 'add') {
    return { type: 'device', act, device, proof: map.bytes('proof', 64) as Signature, recovery: readRecovery(map) };
  }
  return { type: 'device', act, device, binding: map.id('binding', 33), frontier: readFrontier(map) };
}

function spellDevice(body: DeviceAdd | DeviceEnd): Encodable {
  const common = { act: body.act, device: raw(body.device) };
  if (body.act === 'end') return { ...common, binding: raw(body.binding), frontier: spellFrontier(body.frontier) };
  return { ...common, proof: body.proof, ...spellRecovery(body.recovery) };
}

function readGrant(map: Fields): Admit | GrantRole {
  const act = map.oneOf('act', ['admit', 'role']);
  if (act === 'role') return { type: 'grant', act, on: map.id('on', 33), role: roleIdOf(map.value('role')) };
  const roles = map.list('roles', MAX_ADMITTED_ROLES).map(roleIdOf);
  if (new Set(roles).size !== roles.length) throw new WireError('bad-field', 'grant');
  const device = map.id<DeviceId>('device', 32);
  return { type: 'grant', act, device, proof: map.bytes('proof', 64) as Signature, recovery: readRecovery(map), roles };
}

function spellGrant(body: Admit | GrantRole): Encodable {
  if (body.act === 'role') return { act: body.act, on: raw(body.on), role: body.role };
  const { act, device, proof, recovery, roles } = body;
  return { act, device: raw(device), proof, ...spellRecovery(recovery), roles: [...roles] };
}
