// Which grants an op cites: a membership, the binding of the signing key, roles (charter/SPEC.md §4.1).

import type { DeviceId, GrantId, OpId } from './ids.ts';
import { bytesOfId, grantIdOf } from './op.ts';
import { isIn, type Log, type Past, type Placed } from './past.ts';

/** Grants with a higher index bind a recovery key. */
export const RECOVERY_INDEX = 128;

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
    readMembership(membership, past, log),
    readBinding({ membership, binding, device: citing.device }, past, log),
    // No type known here grants a role, so a role can only come from an op of a newer version.
    ...roles.map((role): Reading => (grantOp(role, past, log)?.isUninterpreted === true ? 'uninterpreted' : 'bad')),
  ];
  if (readings.includes('bad')) return 'bad';
  return readings.includes('uninterpreted') ? 'uninterpreted' : 'known';
}

function readUnder(under: OpId, past: Past, log: Log): Reading {
  const op = log.ops.get(under);
  if (op === undefined || !isIn(past, op)) return 'bad';
  if (op.isUninterpreted) return 'uninterpreted';
  return op.signed.op.body.type === 'genesis' ? 'known' : 'bad';
}

/** The op that made a grant, when it lies in the past. */
function grantOp(grant: GrantId, past: Past, log: Log): Placed | undefined {
  const op = log.ops.get(grant.slice(0, 64) as OpId);
  return op !== undefined && isIn(past, op) ? op : undefined;
}

function indexOf(grant: GrantId): number {
  return bytesOfId(grant.slice(64))[0]!;
}

function readMembership(membership: GrantId, past: Past, log: Log): Reading {
  const op = grantOp(membership, past, log);
  if (op === undefined) return 'bad';
  if (op.isUninterpreted) return 'uninterpreted';
  const body = op.signed.op.body;
  return body.type === 'genesis' && indexOf(membership) < body.founders.length ? 'known' : 'bad';
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

/** Whether the grant `binding`, made by `op`, binds this key to this member. */
export function isBoundBy(op: Placed, { membership, binding, device }: Claim): boolean {
  const body = op.signed.op.body;
  const index = indexOf(binding);
  const isRecovery = index >= RECOVERY_INDEX;
  if (body.type === 'genesis') {
    const founder = body.founders[index % RECOVERY_INDEX];
    if (founder === undefined || grantIdOf(op.id, index % RECOVERY_INDEX) !== membership) return false;
    return (isRecovery ? founder.recovery : founder.device) === device;
  }
  if (body.type !== 'device' || body.act !== 'add' || op.principal !== membership) return false;
  return index % RECOVERY_INDEX === 0 && (isRecovery ? body.recovery : body.device) === device;
}

/** Whether a binding is that of a recovery key. */
export function isRecoveryGrant(binding: GrantId): boolean {
  return indexOf(binding) >= RECOVERY_INDEX;
}
