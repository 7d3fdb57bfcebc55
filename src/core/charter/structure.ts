// Structure of an op: what must hold of it and its past alone (charter/SPEC.md §4.1).

import { readGrants } from './grants.ts';
import { isLegal } from './legality.ts';
import { grantIdOf, type VerifiedOp } from './op.ts';
import { isWithinBranches, joinPasts, jumpOver, type Log, type Past, type Placed } from './past.ts';

/** `undefined`: structurally bad. All parents must be in the log. */
export function place(log: Log, signed: VerifiedOp): Placed | undefined {
  if (signed.op.body.type === 'genesis') return (signed.id as string) === log.space ? placeGenesis(signed) : undefined;
  if (signed.op.space !== log.space) return undefined;
  const parents = signed.op.prev.map((id) => log.ops.get(id)!);
  const past = joinPasts(parents);
  if (!isWithinBranches(past)) return undefined;
  const own = ownOf(signed, past, log);
  if (own === 'bad') return undefined;
  const grants = readGrants({ ...signed.op, under: signed.op.under! }, past, log);
  if (grants === 'bad') return undefined;
  const isUninterpreted = signed.op.body.type === 'unknown' || grants === 'uninterpreted';
  let depth = 0;
  for (const parent of parents) depth = Math.max(depth, parent.depth + 1);
  const draft = {
    id: signed.id,
    signed,
    depth,
    past,
    own,
    jump: jumpOver(own),
    principal: signed.op.auth[0]!,
    isUninterpreted,
    isLegal: false,
  };
  return finished({ ...draft, isLegal: !isUninterpreted && isLegal(log, draft) });
}

function placeGenesis(signed: VerifiedOp): Placed {
  const body = signed.op.body;
  const index = body.type === 'genesis' ? body.founders.length - 1 : 0;
  return finished({
    id: signed.id,
    signed,
    depth: 0,
    past: new Map(),
    own: undefined,
    jump: undefined,
    principal: grantIdOf(signed.id, index),
    isUninterpreted: false,
    isLegal: true,
  });
}

/** The op with itself in its past. */
function finished(draft: Placed): Placed {
  const past = new Map(draft.past);
  const placed = { ...draft, past };
  past.set(draft.signed.op.device, [placed]);
  return placed;
}

/** A device's chain has no fork and no hole in its own op's past. */
function ownOf(signed: VerifiedOp, past: Past, log: Log): Placed | undefined | 'bad' {
  const { own, device, seq } = signed.op;
  const newest = past.get(device) ?? [];
  if (own === undefined) return newest.length === 0 ? undefined : 'bad';
  const previous = log.ops.get(own);
  if (previous === undefined || newest.length !== 1 || newest[0] !== previous) return 'bad';
  return previous.signed.op.seq === seq - 1 ? previous : 'bad';
}
