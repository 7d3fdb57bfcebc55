// Whether evidence shows what it says: that a device said two things, that a card was answered twice (SPEC.md §4.2).

import { equal } from '../bytes/bytes.ts';
import { WireError } from '../wire/wire-error.ts';
import type { Equivocation, HeaderProof, VoidPair } from './evidence-body.ts';
import { bindingsOf, isBoundBy, isRecoveryGrant, makerOf } from './grants.ts';
import { decodeHeader, type Header } from './header.ts';
import type { OpId } from './ids.ts';
import { decodeSignedOp } from './op.ts';
import { isIn, type Log, type Placed } from './past.ts';

/** Evidence against another device. Signatures inside were checked when the op was verified. */
export function isProof(log: Log, op: Placed, body: Equivocation): boolean {
  if (body.device === op.signed.op.device) return false;
  const bound = makerOf(body.binding, log);
  if (bound === undefined || !isIn(op.past, bound)) return false;
  // A recovery key that a genesis names cannot be accused: so it was before there were groups.
  if (bound.depth === 0 && isRecoveryGrant(body.binding)) return false;
  const isBound = bindingsOf(bound).some(({ principal }) =>
    isBoundBy(bound, { membership: principal, binding: body.binding, device: body.device }),
  );
  if (!isBound) return false;
  switch (body.evidence) {
    case 'ops':
      return areForkedOps(log, op, body);
    case 'headers':
      return areForkedHeaders(log, body);
    case 'broken-promise':
      return isBrokenPromise(log, op, body);
  }
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
export function isSecondAnswer(log: Log, op: Placed, body: VoidPair): boolean {
  const genesis = log.ops.get(log.space as string as OpId)?.signed.op.body;
  if (isRecoveryGrant(op.signed.op.auth[1]!) || genesis?.type !== 'genesis' || genesis.kind !== 'pair') return false;
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
