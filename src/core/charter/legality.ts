// Whether an op's author may do what it says, judged by the op's past alone (charter/SPEC.md §4.2). One row per type.

import { equal } from '../bytes/bytes.ts';
import { WireError } from '../wire/wire-error.ts';
import { decodeHeader, type Header } from './header.ts';
import type { DeviceId, GrantId, PrincipalId } from './ids.ts';
import type { DeviceAdd, DeviceEnd, Equivocation, HeaderProof, OpBody, VoidPair } from './op-body.ts';
import { decodeSignedOp } from './op.ts';
import { isBoundBy, isRecoveryGrant } from './grants.ts';
import { isIn, type Log, type Placed } from './past.ts';

/** Devices one principal may have at a time. Backups add spares; ended ones do not count. */
export const MAX_DEVICES = 250;

type Rules = { readonly [T in OpBody['type']]?: (log: Log, op: Placed, body: Extract<OpBody, { type: T }>) => boolean };

/** Types that are missing here are never legal. */
const RULES: Rules = {
  device: (log, op, body) => (body.act === 'add' ? mayAdd(log, op, body) : mayEnd(log, op, body)),
  leave: (_log, op) => !isByRecovery(op),
  unleave: mayUnleave,
  rotate: (_log, op, body) => !isByRecovery(op) && body.scopes.every(({ scope }) => scope === 'everyone'),
  relays: (_log, op) => !isByRecovery(op),
  equivocation: isProof,
  void: isSecondAnswer,
};

export function isLegal(log: Log, op: Placed): boolean {
  const body = op.signed.op.body;
  const rule = RULES[body.type] as ((log: Log, op: Placed, body: OpBody) => boolean) | undefined;
  return rule !== undefined && rule(log, op, body);
}

function isByRecovery(op: Placed): boolean {
  return isRecoveryGrant(op.signed.op.auth[1]!);
}

/** A device or the recovery key adds; a key once bound is never bound again, ended or not. */
function mayAdd(log: Log, op: Placed, body: DeviceAdd): boolean {
  const { devices, recovery, ended } = bindings(log, op, op.principal);
  if (devices.has(body.device) || recovery.has(body.device)) return false;
  if (body.recovery !== undefined && (recovery.size > 0 || body.recovery === body.device)) return false;
  return devices.size - ended < MAX_DEVICES;
}

/** A device ends itself, or the recovery key ends it; devices of one principal cannot end each other. */
function mayEnd(log: Log, op: Placed, body: DeviceEnd): boolean {
  const bound = log.ops.get(body.binding.slice(0, 64) as Placed['id']);
  if (bound === undefined || !isIn(op.past, bound) || isRecoveryGrant(body.binding)) return false;
  if (!isBoundBy(bound, { membership: op.principal, binding: body.binding, device: body.device })) return false;
  return isByRecovery(op) || body.device === op.signed.op.device;
}

function mayUnleave(log: Log, op: Placed, body: Extract<OpBody, { type: 'unleave' }>): boolean {
  const leave = log.ops.get(body.leave);
  if (leave === undefined || !isIn(op.past, leave) || leave.signed.op.body.type !== 'leave') return false;
  return leave.principal === op.principal && isByRecovery(op);
}

/** Keys bound to a principal in an op's past. */
function bindings(log: Log, op: Placed, principal: PrincipalId) {
  const devices = new Set<DeviceId>();
  const recovery = new Set<DeviceId>();
  const ended = new Set<DeviceId>();
  for (const earlier of log.notable) {
    const body = earlier.signed.op.body;
    if (body.type === 'genesis') {
      const founder = body.founders[indexOfFounder(principal)];
      if (founder !== undefined) devices.add(founder.device);
      if (founder?.recovery !== undefined) recovery.add(founder.recovery);
    }
    if (body.type !== 'device' || earlier.principal !== principal || !earlier.isLegal) continue;
    if (!isIn(op.past, earlier)) continue;
    if (body.act === 'end') ended.add(body.device);
    else devices.add(body.device);
    if (body.act === 'add' && body.recovery !== undefined) recovery.add(body.recovery);
  }
  return { devices, recovery, ended: ended.size };
}

function indexOfFounder(principal: PrincipalId): number {
  return Number.parseInt(principal.slice(64), 16);
}

/** Evidence against another device. Signatures inside were checked when the op was verified. */
function isProof(log: Log, op: Placed, body: Equivocation): boolean {
  if (body.device === op.signed.op.device) return false;
  const bound = log.ops.get(body.binding.slice(0, 64) as Placed['id']);
  if (bound === undefined || !isIn(op.past, bound)) return false;
  const holder = holderOf(bound, body.binding);
  if (holder === undefined) return false;
  if (!isBoundBy(bound, { membership: holder, binding: body.binding, device: body.device })) return false;
  switch (body.evidence) {
    case 'ops':
      return areForkedOps(log, op, body);
    case 'headers':
      return areForkedHeaders(log, body);
    case 'broken-promise':
      return isBrokenPromise(log, op, body);
  }
}

/** The member whom a binding binds to. */
function holderOf(bound: Placed, binding: GrantId): PrincipalId | undefined {
  const body = bound.signed.op.body;
  if (body.type === 'device') return bound.principal;
  if (body.type !== 'genesis') return undefined;
  return binding;
}

function areForkedOps(log: Log, op: Placed, body: Extract<Equivocation, { evidence: 'ops' }>): boolean {
  const first = log.ops.get(body.first);
  const second = log.ops.get(body.second);
  // Ascending, so that one fork has one spelling.
  if (first === undefined || second === undefined || body.first >= body.second) return false;
  if (first.signed.op.device !== body.device || second.signed.op.device !== body.device) return false;
  return first.signed.op.seq === second.signed.op.seq && isIn(op.past, first) && isIn(op.past, second);
}

/** The header a proof is about: its first. */
function statementOf(proof: HeaderProof): Header | undefined {
  try {
    return decodeHeader(proof.headers[0]!);
  } catch (fault) {
    if (fault instanceof WireError) return undefined;
    throw fault;
  }
}

function areForkedHeaders(log: Log, body: Extract<Equivocation, { evidence: 'headers' }>): boolean {
  const first = statementOf(body.first);
  const second = statementOf(body.second);
  if (first === undefined || second === undefined || equal(body.first.headers[0]!, body.second.headers[0]!))
    return false;
  return (
    first.device === body.device &&
    second.device === body.device &&
    first.space === log.space &&
    second.space === log.space &&
    first.scope === second.scope &&
    first.incarnation === second.incarnation &&
    first.seq === second.seq
  );
}

/** A later op of the device forgot a charter head that an earlier header of it had cited. */
function isBrokenPromise(log: Log, op: Placed, body: Extract<Equivocation, { evidence: 'broken-promise' }>): boolean {
  const header = statementOf(body.header);
  const later = log.ops.get(body.op);
  if (header === undefined || later === undefined || !isIn(op.past, later)) return false;
  if (header.device !== body.device || later.signed.op.device !== body.device) return false;
  if (header.space !== log.space || later.signed.op.seq < header.opSeq) return false;
  const cited = header.charter.map((id) => log.ops.get(id));
  if (cited.some((head) => head === undefined || !isIn(op.past, head))) return false;
  return cited.some((head) => !isIn(later.past, head!));
}

/** Another genesis with this pair's card. Its signatures were checked when the op was verified. */
function isSecondAnswer(log: Log, op: Placed, body: VoidPair): boolean {
  const genesis = log.ops.get(log.space as string as Placed['id'])?.signed.op.body;
  if (isByRecovery(op) || genesis?.type !== 'genesis' || genesis.kind !== 'pair') return false;
  try {
    const other = decodeSignedOp(body.other);
    const twin = other.op.body;
    if (twin.type !== 'genesis' || twin.kind !== 'pair') return false;
    return (other.id as string) !== log.space && equal(twin.card, genesis.card);
  } catch (fault) {
    if (fault instanceof WireError) return false;
    throw fault;
  }
}
