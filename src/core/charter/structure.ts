// Structure of an op: what must hold of it and its past alone (charter/SPEC.md §4.1).

import { chainOf } from './course.ts';
import { grantNamed, grantsOf, makerOf, readGrants, readUnder, targetOf, type Reading } from './grants.ts';
import { deviceTarget } from './targets.ts';
import { judge } from './judge.ts';
import { isGroupType } from './op-body.ts';
import { grantIdOf, type Op, type VerifiedOp } from './op.ts';
import {
  isGroupSpace,
  isWithinBranches,
  joinPasts,
  jumpOver,
  Past,
  type Draft,
  type Log,
  type Placed,
  type Tip,
} from './past.ts';

/** `undefined`: structurally bad. All parents must be in the log. */
export function place(log: Log, signed: VerifiedOp): Placed | undefined {
  if (signed.op.body.type === 'genesis') {
    return (signed.id as string) === log.space ? placeGenesis(log, signed) : undefined;
  }
  if (signed.op.space !== log.space) return undefined;
  const parents = signed.op.prev.map((id) => log.ops.get(id)!);
  const past = joinPasts(parents);
  if (!isWithinBranches(past)) return undefined;
  const previous = signed.op.own === undefined ? undefined : log.ops.get(signed.op.own);
  const isSame = previous?.signed.op.device === signed.op.device;
  const chain = isSame ? previous.chain : chainOf(log.course, signed.op.device);
  const own = ownOf(signed, previous, past.tip(chain));
  if (own === 'bad') return undefined;
  const alike = own !== undefined && citesAlike(own, signed.op) ? own : undefined;
  const reading = readingOf(log, signed, { past, alike });
  if (reading === 'bad') return undefined;
  let depth = 0;
  for (const parent of parents) depth = Math.max(depth, parent.depth + 1);
  const isUninterpreted = reading === 'uninterpreted';
  const cites = alike ?? citationsOf(signed.op, log);
  const op = draft(signed, { cites, past, chain, own, depth, isUninterpreted });
  judge(log, op);
  return finished(op);
}

/** What an op cites: the ops that made it, what ends of it would be aimed at, and the grants themselves. */
type Cites = Pick<Placed, 'rests' | 'cited' | 'named'>;

interface Place {
  readonly cites: Cites;
  readonly past: Past;
  readonly chain: number;
  readonly own: Placed | undefined;
  readonly depth: number;
  readonly isUninterpreted: boolean;
}

/**
 * Whether an op cites what the previous one of its device did. That lies in the past of the one, so of the other too,
 * and what it is never changes: it need not be read again. Most devices cite the same for months.
 */
function citesAlike(own: Placed, op: Op): boolean {
  const before = own.signed.op;
  if (own.isUninterpreted || own.depth === 0 || before.under !== op.under) return false;
  if (citesMore(before) || citesMore(op)) return false;
  if (before.auth.length !== op.auth.length) return false;
  for (let at = 0; at < op.auth.length; at++) if (before.auth[at] !== op.auth[at]) return false;
  return true;
}

/** Whether it rests on an op that its body names. */
function citesMore({ body }: Op): boolean {
  return body.type === 'join' || body.type === 'endorse';
}

function citationsOf({ auth, under, device, body }: Op, log: Log): Cites {
  const rests = new Set<Placed>();
  const add = (made: Placed | undefined): void => {
    if (made !== undefined) rests.add(made);
  };
  for (const grant of auth) add(makerOf(grant, log));
  if (under !== undefined) add(log.ops.get(under));
  if (body.type === 'join') add(log.ops.get(body.invite));
  if (body.type === 'endorse') add(log.ops.get(body.proposal));
  const [membership, binding, ...roles] = auth;
  const named = auth.flatMap((grant) => grantNamed(grant, log) ?? []);
  if (membership === undefined || binding === undefined) return { rests: [...rests], cited: [], named };
  const cited = [targetOf(membership, log), deviceTarget(binding, device), ...roles.map((role) => targetOf(role, log))];
  return { rests: [...rests], cited, named };
}

/** An op before it is judged: legal until a rule says otherwise. */
function draft(signed: VerifiedOp, place: Place): Draft {
  const principal = signed.op.auth[0] ?? grantIdOf(signed.id, 0);
  const { cites, own } = place;
  // Field by field: spread out, it took as long as half of the rule.
  return {
    id: signed.id,
    signed,
    depth: place.depth,
    past: place.past,
    chain: place.chain,
    own,
    jump: jumpOver(own),
    principal,
    rests: cites.rests,
    cited: cites.cited,
    named: cites.named,
    isUninterpreted: place.isUninterpreted,
    isLegal: !place.isUninterpreted,
    illegality: undefined,
    authority: { delegation: 0, depth: 0, id: principal },
    grants: NONE,
    targets: NONE,
    isOwnEnd: false,
    vote: undefined,
  };
}

const NONE: readonly never[] = [];

function placeGenesis(log: Log, signed: VerifiedOp): Placed {
  const body = signed.op.body;
  const chain = chainOf(log.course, signed.op.device);
  // Of a pair the answerer signs, who is the last; otherwise the first founder.
  const signer = body.type === 'genesis' && body.kind === 'pair' ? 1 : 0;
  const principal = grantIdOf(signed.id, signer);
  const by = {
    id: signed.id,
    depth: 0,
    principal,
    delegation: 0,
    from: undefined,
    proposal: undefined,
    invited: undefined,
  };
  const cites: Cites = { rests: [], cited: [], named: [] };
  const op = draft(signed, { cites, past: new Past(), chain, own: undefined, depth: 0, isUninterpreted: false });
  op.principal = principal;
  op.grants = grantsOf(body, by);
  return finished(op);
}

/** The op with itself in its past: from now on it is what it is. */
function finished(op: Draft): Placed {
  op.past = op.past.with(op.chain, op);
  return op;
}

interface Ground {
  readonly past: Past;
  /** An earlier op of the same device that cites the same and was read. */
  readonly alike: Placed | undefined;
}

/**
 * What an op cites. In pair and self spaces the types that came with groups are read as they were before there were
 * groups: not at all. Otherwise a person's older and newer app would keep different logs.
 */
function readingOf(log: Log, signed: VerifiedOp, { past, alike }: Ground): Reading {
  const { body, under, auth, device } = signed.op;
  const isGroup = isGroupSpace(log);
  if (body.type === 'join') return isGroup ? readUnder(under!, past, log) : 'bad';
  if (body.type === 'leave' && body.role !== undefined && !isGroup) return 'bad';
  if (body.type === 'unknown' && isGroup && isGroupType(body.name)) return 'bad';
  const grants = alike === undefined ? readGrants({ under: under!, auth, device }, past, log) : 'known';
  if (grants === 'bad') return 'bad';
  const isForeign = body.type === 'unknown' || (!isGroup && isGroupType(body.type));
  return isForeign ? 'uninterpreted' : grants;
}

/** A device's chain has no fork and no hole in its own op's past: what it names is all that is newest there. */
function ownOf({ op }: VerifiedOp, previous: Placed | undefined, newest: Tip): Placed | undefined | 'bad' {
  if (op.own === undefined) return newest === undefined ? undefined : 'bad';
  if (previous === undefined || newest !== previous) return 'bad';
  return previous.signed.op.seq === op.seq - 1 ? previous : 'bad';
}
