// The naive reading of evidence that a device said two things: two headers in one place, or an op that has forgotten
// what an earlier header of its device had seen. Signatures were looked at when the ops were verified.

import { hex } from '#core/bytes/bytes.ts';
import type { HeaderProof } from '#core/charter/evidence-body.ts';
import { decodeHeader, type Header } from '#core/charter/header.ts';
import type { OpBody } from '#core/charter/op-body.ts';
import { WireError } from '#core/wire/wire-error.ts';
import { makerOf, type Known, type Log } from './oracle-log.ts';
import { find } from './oracle-rank.ts';

type Accusation = Extract<OpBody, { type: 'equivocation' }>;

export function isProof(log: Log, known: Known, body: Accusation): boolean {
  const bound = find(log, body.binding);
  const isBound = bound?.device === body.device && known.past.has(makerOf(body.binding));
  if (body.device === known.op.device || !isBound) return false;
  switch (body.evidence) {
    case 'ops':
      return areTwo(log, known, body);
    case 'headers':
      return areTwoHeaders(log, body);
    case 'broken-promise':
      return hasForgotten(log, known, body);
  }
}

type By<T extends Accusation['evidence']> = Extract<Accusation, { evidence: T }>;

function areTwo(log: Log, known: Known, { first, second, device }: By<'ops'>): boolean {
  const [one, other] = [log.get(first), log.get(second)];
  if (first >= second || one === undefined || other === undefined) return false;
  if (!known.past.has(first) || !known.past.has(second)) return false;
  return one.op.device === device && other.op.device === device && one.op.seq === other.op.seq;
}

function areTwoHeaders(log: Log, { first, second, device }: By<'headers'>): boolean {
  const places = [first, second].map((proof) => {
    const header = headerOf(proof);
    return header?.device === device && isHere(log, header)
      ? `${header.scope} ${header.incarnation} ${header.seq}`
      : '';
  });
  const isSame = hex.encode(first.headers[0]!) === hex.encode(second.headers[0]!);
  return places[0] !== '' && places[0] === places[1] && !isSame;
}

function hasForgotten(log: Log, known: Known, { header: proof, op, device }: By<'broken-promise'>): boolean {
  const header = headerOf(proof);
  const later = log.get(op);
  if (header === undefined || later === undefined || !known.past.has(op) || !isHere(log, header)) return false;
  if (header.device !== device || later.op.device !== device || later.op.seq < header.opSeq) return false;
  if (!header.charter.every((head) => known.past.has(head))) return false;
  return header.charter.some((head) => !later.past.has(head));
}

function isHere(log: Log, header: Header): boolean {
  return [...log.values()].some(({ op, id }) => op.body.type === 'genesis' && (id as string) === header.space);
}

function headerOf({ headers }: HeaderProof): Header | undefined {
  try {
    return decodeHeader(headers[0]!);
  } catch (fault) {
    if (fault instanceof WireError) return undefined;
    throw fault;
  }
}
