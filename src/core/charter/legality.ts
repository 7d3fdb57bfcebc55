// Whether an op's author may do what it says, judged by the op's past alone (charter/SPEC.md §4.2). What they may do
// for themselves is here, and all of pair and self spaces; what needs a right is in group-legality.ts.

import { isProof, isSecondAnswer } from './evidence.ts';
import { bindingsOf, grantNamed, isBoundBy, isRecoveryGrant, makerOf, targetOf } from './grants.ts';
import type { DeviceId, PrincipalId } from './ids.ts';
import type { DeviceAdd, DeviceEnd, Leave, Unleave } from './member-body.ts';
import { isIn, type Log, type Placed } from './past.ts';
import type { Illegality } from './refusal.ts';
import { deviceTarget } from './targets.ts';

/** Devices one principal may have at a time. Backups add spares; ended ones do not count. */
export const MAX_DEVICES = 250;

/** What an act against oneself or against a forger ends. */
export function endsOf({ principal, signed }: Placed, log: Log): Pick<Placed, 'targets' | 'isOwnEnd'> {
  const { body } = signed.op;
  switch (body.type) {
    case 'leave':
      return { targets: [targetOf(body.role ?? principal, log)], isOwnEnd: true };
    case 'equivocation':
      return { targets: [deviceTarget(body.binding, body.device)], isOwnEnd: false };
    case 'device':
      return body.act === 'add' ? NO_ENDS : { targets: [deviceTarget(body.binding, body.device)], isOwnEnd: true };
    default:
      return NO_ENDS;
  }
}

const NO_ENDS: Pick<Placed, 'targets' | 'isOwnEnd'> = { targets: [], isOwnEnd: false };

/** For the types that every kind of space has. Types that are missing here have no meaning outside groups. */
export function illegalityOf(log: Log, op: Placed, deviceCap: number): Illegality | undefined {
  const { body } = op.signed.op;
  const byRecovery = isByRecovery(op);
  switch (body.type) {
    case 'device':
      return body.act === 'add' ? whyNotAdd(log, op, body, deviceCap) : whyNotEnd(log, op, body);
    case 'leave':
      return byRecovery ? 'wrong-key' : whyNotLeave(log, op, body);
    case 'unleave':
      return byRecovery ? whyNotUnleave(log, op, body) : 'wrong-key';
    case 'rotate':
      if (byRecovery) return 'wrong-key';
      return body.scopes.every(({ scope }) => scope === 'everyone') ? undefined : 'not-a-reader';
    case 'relays':
      return byRecovery ? 'wrong-key' : undefined;
    case 'equivocation':
      return isProof(log, op, body) ? undefined : 'no-proof';
    case 'void':
      return isSecondAnswer(log, op, body) ? undefined : 'no-proof';
    default:
      return 'not-here';
  }
}

export function isByRecovery(op: Placed): boolean {
  const binding = op.signed.op.auth[1];
  return binding !== undefined && isRecoveryGrant(binding);
}

/** A device or the recovery key adds; a key once bound is never bound again, ended or not. */
function whyNotAdd(log: Log, op: Placed, body: DeviceAdd, deviceCap: number): Illegality | undefined {
  const { devices, recovery, ended } = bindings(log, op, op.principal);
  if (devices.has(body.device) || recovery.has(body.device)) return 'key-known';
  if (body.recovery !== undefined && (recovery.size > 0 || body.recovery === body.device)) return 'key-known';
  return devices.size - ended < deviceCap ? undefined : 'too-many-devices';
}

/** A device ends itself, or the recovery key ends it; devices of one principal cannot end each other. */
function whyNotEnd(log: Log, op: Placed, body: DeviceEnd): Illegality | undefined {
  const bound = makerOf(body.binding, log);
  if (bound === undefined || !isIn(op.past, bound) || isRecoveryGrant(body.binding)) return 'no-target';
  if (!isBoundBy(bound, { membership: op.principal, binding: body.binding, device: body.device })) return 'no-target';
  return isByRecovery(op) || body.device === op.signed.op.device ? undefined : 'wrong-key';
}

function whyNotLeave(log: Log, op: Placed, { role }: Leave): Illegality | undefined {
  if (role === undefined) return undefined;
  const grant = grantNamed(role, log);
  const isOwn = grant?.kind === 'role' && grant.on === op.principal && isIn(op.past, makerOf(role, log)!);
  return isOwn ? undefined : 'no-target';
}

function whyNotUnleave(log: Log, op: Placed, body: Unleave): Illegality | undefined {
  const leave = log.ops.get(body.leave);
  if (leave === undefined || !isIn(op.past, leave) || leave.signed.op.body.type !== 'leave') return 'no-target';
  return leave.principal === op.principal ? undefined : 'no-target';
}

/** Keys bound to a principal in an op's past. */
function bindings(log: Log, op: Placed, principal: PrincipalId) {
  const devices = new Set<DeviceId>();
  const recovery = new Set<DeviceId>();
  const ended = new Set<DeviceId>();
  for (const earlier of log.course.byPrincipal.get(principal) ?? []) {
    if (!isIn(op.past, earlier)) continue;
    const { body } = earlier.signed.op;
    if (body.type === 'device' && body.act === 'end') ended.add(body.device);
    for (const bound of bindingsOf(earlier)) {
      if (bound.principal !== principal) continue;
      devices.add(bound.device);
      if (bound.recovery !== undefined) recovery.add(bound.recovery);
    }
  }
  return { devices, recovery, ended: ended.size };
}

/** Whether a key was bound in an op's past, to anybody. */
export function isKeyKnown(log: Log, op: Placed, key: DeviceId): boolean {
  return (log.course.byKey.get(key) ?? []).some((earlier) => isIn(op.past, earlier));
}
