// Which acts against others, or against oneself, become effective (charter/SPEC.md §4.3). The set only grows.

import { actOf, byRank, grantNamed, isRecoveryGrant, newMemberKey } from './grants.ts';
import type { OpId } from './ids.ts';
import { isIn, type Log, type Placed } from './past.ts';
import { rulesOf } from './register.ts';
import type { Sight } from './sight.ts';
import { Standing } from './standing.ts';
import { Uses } from './uses.ts';

/** What came of the contests among a set of ops. */
export interface Settled {
  readonly standing: Standing;
  /** The first pass, without votes; the same as `standing` where there are none. */
  readonly first: Standing;
  readonly effective: ReadonlySet<Placed>;
}

/** The acts that are effective so far. */
export interface Effective {
  readonly sight: Sight;
  readonly standing: Standing;
  readonly acts: Set<Placed>;
  /** Leaves that were undone. */
  readonly undone: Set<OpId>;
  /** Changes of rules. */
  readonly charters: Placed[];
  /** The first pass, for a look at who signed votes; absent in the first pass itself. */
  readonly first: Standing | undefined;
}

/** One kind of contested act. */
interface Contest {
  /** Whether an op is such an act. */
  readonly has: (op: Placed, log: Log) => boolean;
  /** Whether it may still become effective besides those that are. */
  readonly isOpen: (op: Placed, effective: Effective) => boolean;
  readonly compare: (a: Placed, b: Placed) => number;
}

const EQUIVOCATIONS: Contest = {
  has: ({ signed }) => signed.op.body.type === 'equivocation',
  // One proof for each device: the first to become effective is the most senior.
  isOpen: (op, { standing }) =>
    !standing.endsOf(op.targets[0]!).some(({ by }) => by.signed.op.body.type === 'equivocation'),
  compare: byRank,
};

const RECOVERY: Contest = {
  has: (op) => isByRecovery(op) && isEndOrUnleave(op),
  isOpen: () => true,
  compare: byRank,
};

const VOTES: Contest = { has: ({ vote }) => vote !== undefined, isOpen: isVoteOpen, compare: byVotes };

const SINGLE_AUTHORS: Contest = {
  has: (op, log) => op.signed.op.body.type === 'charter' || (isOfOthers(op) && !isWithdrawal(op, log)),
  isOpen: () => true,
  compare: byRank,
};

/**
 * Last: no right ranks them. Else who was removed could, dated back, withdraw the invitation by which others came, and so
 * take them along.
 */
const WITHDRAWALS: Contest = {
  has: (op, log) => isOfOthers(op) && isWithdrawal(op, log),
  isOpen: () => true,
  compare: byRank,
};

/** A device that ends itself, a member who leaves. After the recovery key, which can undo a false leave. */
const OWN_ENDS: Contest = {
  has: (op) =>
    op.signed.op.body.type === 'leave' || (op.signed.op.body.type === 'revoke' && op.isOwnEnd) || isEndOrUnleave(op),
  isOpen: (op, { undone }) => !undone.has(op.id),
  compare: byRank,
};

function isOfOthers(op: Placed): boolean {
  return op.signed.op.body.type === 'revoke' && !op.isOwnEnd;
}

/** Of an invitation of one's own. */
function isWithdrawal({ signed, principal }: Placed, log: Log): boolean {
  const { body } = signed.op;
  const target = body.type === 'revoke' ? grantNamed(body.grant, log) : undefined;
  return target?.kind === 'invitation' && target.on === principal;
}

function isByRecovery(op: Placed): boolean {
  return isRecoveryGrant(op.signed.op.auth[1] ?? op.principal);
}

function isEndOrUnleave({ signed }: Placed): boolean {
  const { body } = signed.op;
  return body.type === 'unleave' || (body.type === 'device' && body.act === 'end');
}

/** More signers first. */
function byVotes(a: Placed, b: Placed): number {
  return b.vote!.signers - a.vote!.signers || byRank(a, b);
}

/**
 * Two passes: the first without votes, so that it shows whose grants would stand without them; the second with them.
 * A vote whose signers' grants fall in the first counts for nothing in the second.
 */
export function settleContests(sight: Sight): Settled {
  const acts = sight.notable().filter(({ isLegal }) => isLegal);
  const hasVotes = acts.some(({ vote }) => vote !== undefined);
  const first = hasVotes ? pass(sight, acts, undefined) : undefined;
  const last = pass(sight, acts, first?.standing);
  return { standing: last.standing, first: first?.standing ?? last.standing, effective: last.acts };
}

/**
 * Repeatedly the most senior act that stands now is added, kind by kind, and everything looked at anew: a single pass
 * would let an act that is later voided block an honest one.
 */
function pass(sight: Sight, acts: readonly Placed[], first: Standing | undefined): Effective {
  const presumesVotes = first === undefined && acts.some(({ vote }) => vote !== undefined);
  const standing = new Standing(sight, { presumesVotes });
  const effective: Effective = { sight, standing, acts: new Set(), undone: new Set(), charters: [], first };
  const kinds = kindsOf(first !== undefined);
  const lists = kinds.map((contest) => ({ contest, acts: listOf(contest, acts, sight.log), next: 0 }));
  const uses = new Uses(sight, acts, { presumesVotes });
  // Up to votes, and after them.
  const early = lists.filter(({ contest }) => [RECOVERY, OWN_ENDS, VOTES].includes(contest));
  const late = lists.filter(({ contest }) => [SINGLE_AUTHORS, WITHDRAWALS].includes(contest));
  for (;;) {
    const proof = nextOf(lists.slice(0, 1), effective);
    if (proof === undefined && uses.takeNext(standing, false)) continue;
    const earlier = proof ?? nextOf(early, effective);
    if (earlier === undefined && uses.takeNext(standing, true)) continue;
    const act = earlier ?? nextOf(late, effective);
    if (act === undefined) return effective;
    makeEffective(act, effective);
    // What a vote made may let acts stand that did not before. All else only makes fewer stand.
    if (act.vote !== undefined) for (const list of lists) list.next = 0;
  }
}

interface Kind {
  readonly contest: Contest;
  readonly acts: readonly Placed[];
  next: number;
}

/** Equivocations come first, then uses of invitations, then these. */
function kindsOf(hasVotes: boolean): readonly Contest[] {
  return [EQUIVOCATIONS, RECOVERY, OWN_ENDS, ...(hasVotes ? [VOTES] : []), SINGLE_AUTHORS, WITHDRAWALS];
}

function listOf({ has, compare }: Contest, acts: readonly Placed[], log: Log): readonly Placed[] {
  return acts.filter((op) => has(op, log)).sort(compare);
}

/** Moves past what is judged: what does not stand now never will, until a vote counts. */
function nextOf(kinds: readonly Kind[], effective: Effective): Placed | undefined {
  for (const kind of kinds) {
    while (kind.next < kind.acts.length) {
      const act = kind.acts[kind.next++]!;
      if (effective.acts.has(act) || !kind.contest.isOpen(act, effective)) continue;
      if (effective.standing.stands(act)) return act;
    }
  }
  return undefined;
}

/**
 * A vote counts when it stands now, and enough of its signatures are good. Revoking a signer afterwards does not undo
 * it, nor does another vote that crosses it.
 */
export function isVoteOpen(op: Placed, effective: Effective): boolean {
  const { proposal, signatures, isSignature, needed } = op.vote!;
  if (!isGoodSignature(op, effective) || !isGoodSignature(proposal, effective)) return false;
  const good = signatures.filter((by) => isGoodSignature(by, effective));
  if (isSignature) good.push(op);
  return new Set(good.map(({ principal }) => principal)).size >= needed;
}

/** It would stand if votes ended nothing, and the grants and rules it cites stand with the votes that count. */
function isGoodSignature(by: Placed, { first, standing }: Effective): boolean {
  const { body } = by.signed.op;
  const cited = body.type === 'endorse' ? by.rests.filter(({ id }) => id !== body.proposal) : by.rests;
  return first!.stands(by) && cited.every((maker) => standing.grants(maker));
}

export function makeEffective(act: Placed, effective: Effective): void {
  const { acts, undone, standing, sight, charters } = effective;
  const { body } = act.signed.op;
  const key = newMemberKey(act);
  if (key !== undefined) standing.takeKey(key, act);
  if (body.type === 'unleave') undone.add(body.leave);
  if (act.vote !== undefined) standing.count(act);
  for (const target of act.targets) standing.add({ by: act, target, isSelfInflicted: act.isOwnEnd });
  const change = actOf(act);
  const spared = change.type === 'charter' ? new Set(acts) : undefined;
  acts.add(act);
  if (change.type !== 'charter' || spared === undefined) return;
  // Of rules made side by side the first to become effective take rights; the others wait for somebody to join them.
  const isBeaten = charters.some((other) => !isIn(act.past, other) && !isIn(other.past, act));
  charters.push(act);
  if (!isBeaten)
    standing.deny({ by: act, before: rulesOf(act.signed.op.under!, sight.log), after: change.rules, spared });
}
