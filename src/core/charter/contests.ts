// Which acts against others, or against oneself, become effective (charter/SPEC.md §4.3). The set only grows.

import { actOf, byRank, isRecoveryGrant, makerOf, newMemberKey } from './grants.ts';
import type { OpId, PrincipalId } from './ids.ts';
import { byOrder, isIn, type Placed } from './past.ts';
import { rulesOf } from './register.ts';
import { carriersOf } from './rights.ts';
import type { Rules } from './rules.ts';
import type { Sight } from './sight.ts';
import { inviteOf, Standing } from './standing.ts';

/** What came of the contests among a set of ops. */
export interface Settled {
  readonly standing: Standing;
  /** Effective acts in the order in which they became so. */
  readonly effective: readonly Placed[];
}

/** The acts that are effective so far. */
interface Effective {
  readonly sight: Sight;
  readonly standing: Standing;
  readonly acts: Set<Placed>;
  readonly byTarget: Map<string, Placed[]>;
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
  readonly has: (op: Placed) => boolean;
  /** Whether it may still become effective besides those that are. */
  readonly isOpen: (op: Placed, effective: Effective) => boolean;
  readonly compare: (a: Placed, b: Placed) => number;
}

const EQUIVOCATIONS: Contest = {
  has: ({ signed }) => signed.op.body.type === 'equivocation',
  // One proof for each device: the first to become effective is the most senior.
  isOpen: (op, { byTarget }) =>
    !(byTarget.get(op.targets[0]!) ?? []).some((act) => act.signed.op.body.type === 'equivocation'),
  compare: byRank,
};

const RECOVERY: Contest = {
  has: (op) => isByRecovery(op) && isEndOrUnleave(op),
  isOpen: () => true,
  compare: byRank,
};

const VOTES: Contest = { has: ({ vote }) => vote !== undefined, isOpen: isVoteOpen, compare: byVotes };

const SINGLE_AUTHORS: Contest = {
  has: (op) => op.signed.op.body.type === 'charter' || (op.signed.op.body.type === 'revoke' && !op.isOwnEnd),
  isOpen: () => true,
  compare: byRank,
};

/** A device that ends itself, a member who leaves. Last: the recovery key can undo a false leave. */
const OWN_ENDS: Contest = {
  has: (op) =>
    op.signed.op.body.type === 'leave' || (op.signed.op.body.type === 'revoke' && op.isOwnEnd) || isEndOrUnleave(op),
  isOpen: (op, { undone }) => !undone.has(op.id),
  compare: byRank,
};

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
  return pass(sight, acts, first?.standing);
}

/**
 * Repeatedly the most senior act that stands now is added, kind by kind, and everything looked at anew: a single pass
 * would let an act that is later voided block an honest one.
 */
function pass(sight: Sight, acts: readonly Placed[], first: Standing | undefined): Settled {
  const presumesVotes = first === undefined && acts.some(({ vote }) => vote !== undefined);
  const standing = new Standing(sight, { presumesVotes });
  const effective: Effective = {
    sight,
    standing,
    acts: new Set(),
    byTarget: new Map(),
    undone: new Set(),
    charters: [],
    first,
  };
  const lists = kindsOf(first !== undefined).map((contest) => ({ contest, acts: listOf(contest, acts), next: 0 }));
  const uses = new Uses(sight, acts);
  for (;;) {
    const proof = nextOf(lists.slice(0, 1), effective);
    if (proof === undefined && uses.takeNext(standing)) continue;
    const act = proof ?? nextOf(lists.slice(1), effective);
    if (act === undefined) return { standing, effective: [...effective.acts] };
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
  return [EQUIVOCATIONS, RECOVERY, ...(hasVotes ? [VOTES] : []), SINGLE_AUTHORS, OWN_ENDS];
}

function listOf({ has, compare }: Contest, acts: readonly Placed[]): readonly Placed[] {
  return acts.filter(has).sort(compare);
}

/** Moves past what is judged: what does not stand now never will, until a vote counts. */
function nextOf(kinds: readonly Kind[], effective: Effective): Placed | undefined {
  for (const kind of kinds) {
    while (kind.next < kind.acts.length) {
      const act = kind.acts[kind.next++]!;
      if (effective.acts.has(act) || isRedundant(act, effective) || !kind.contest.isOpen(act, effective)) continue;
      if (effective.standing.stands(act)) return act;
    }
  }
  return undefined;
}

/** Ends nothing that an effective act does not end with the same or a smaller past. */
function isRedundant(op: Placed, { byTarget }: Effective): boolean {
  if (op.targets.length === 0) return false;
  return op.targets.every((target) => (byTarget.get(target) ?? []).some((act) => isIn(op.past, act)));
}

/**
 * A vote counts when it stands now, and enough of its signatures are good. Revoking a signer afterwards does not undo
 * it, nor does another vote that crosses it.
 */
function isVoteOpen(op: Placed, effective: Effective): boolean {
  const { proposal, signatures, needed } = op.vote!;
  if (!isGoodSignature(op, effective) || !isGoodSignature(proposal, effective)) return false;
  const good = signatures.filter((by) => isGoodSignature(by, effective));
  return new Set(good.map(({ principal }) => principal)).size >= needed;
}

/** It would stand if votes ended nothing, and the grants and rules it cites stand with the votes that count. */
function isGoodSignature(by: Placed, { first, standing, sight }: Effective): boolean {
  const { auth, under } = by.signed.op;
  const made = [...auth.map((grant) => makerOf(grant, sight.log)), sight.log.ops.get(under!)];
  return first!.stands(by) && made.every((maker) => maker !== undefined && standing.grants(maker));
}

function makeEffective(act: Placed, effective: Effective): void {
  const { acts, byTarget, undone, standing, sight, charters } = effective;
  const { body } = act.signed.op;
  const key = newMemberKey(act);
  if (key !== undefined) standing.takeKey(key, act);
  const spared = new Set(acts);
  acts.add(act);
  if (body.type === 'unleave') undone.add(body.leave);
  if (act.vote !== undefined) standing.count(act);
  for (const target of act.targets) {
    byTarget.set(target, [...(byTarget.get(target) ?? []), act]);
    standing.add({ by: act, target, isSelfInflicted: act.isOwnEnd });
  }
  const change = actOf(act);
  if (change.type !== 'charter') return;
  // Of rules made side by side the first to become effective take rights; the others wait for somebody to join them.
  const isBeaten = charters.some((other) => !isIn(act.past, other) && !isIn(other.past, act));
  charters.push(act);
  if (!isBeaten)
    standing.deny({ by: act, before: rulesOf(act.signed.op.under!, sight.log), after: change.rules, spared });
}

/** Invitations that more people used than they have uses, and keys that became a member more than once. */
class Uses {
  readonly #sight: Sight;
  readonly #joins: readonly Placed[];
  readonly #rotations: readonly Placed[];
  /** Admissions and joins by keys that several of them bring in. */
  readonly #twins: readonly Placed[];

  constructor(sight: Sight, acts: readonly Placed[]) {
    this.#sight = sight;
    const joins = acts.filter(({ signed }) => signed.op.body.type === 'join');
    const named = Map.groupBy(joins, (join) => inviteOf(join, sight)!);
    this.#joins = [...named].flatMap(([invite, by]) => (by.length > usesOf(invite) ? by : [])).sort(byOrder);
    const rotations = this.#joins.length === 0 ? [] : acts.filter(({ signed }) => signed.op.body.type === 'rotate');
    // Admissions by those who may let people in weigh more than any by those who may not.
    const isEntitled = (op: Placed): boolean =>
      carriersOf(op, ['invite', 'admit'], rulesUnder(op, sight), sight.log).length > 0;
    const sorted = rotations.sort(byRank);
    this.#rotations = [...sorted.filter(isEntitled), ...sorted.filter((op) => !isEntitled(op))];
    const newcomers = acts.filter((op) => newMemberKey(op) !== undefined);
    const keyed = [...Map.groupBy(newcomers, (op) => newMemberKey(op)!).values()];
    const twins = keyed.flatMap((by) => (by.length > 1 ? by : [])).sort(byRank);
    const users = twins.length === 0 ? new Set<PrincipalId>() : usersOf(sight, twins);
    this.#twins = [...twins.filter((op) => isUsed(op, users)), ...twins.filter((op) => !isUsed(op, users))];
  }

  /** False when there is nothing left to take. */
  takeNext(standing: Standing): boolean {
    const join = this.#nextJoin(standing);
    if (join !== undefined) standing.use(inviteOf(join, this.#sight)!, join);
    const newcomer = join === undefined ? this.#nextKey(standing) : undefined;
    if (newcomer !== undefined) standing.takeKey(newMemberKey(newcomer)!, newcomer);
    return join !== undefined || newcomer !== undefined;
  }

  /** The join that takes the next use: one that others let in, by the weightiest of them, then by order. */
  #nextJoin(standing: Standing): Placed | undefined {
    if (this.#joins.length === 0) return undefined;
    const rotations = this.#rotations.filter((rotation) => standing.stands(rotation));
    let best: { readonly join: Placed; readonly rank: number } | undefined;
    for (const join of this.#joins) {
      const invite = inviteOf(join, this.#sight)!;
      const taken = standing.usesTaken(invite);
      if (taken.size >= usesOf(invite) || taken.has(join) || !standing.stands(join)) continue;
      const rank = rotations.findIndex((rotation) => this.#admits(rotation, join, invite));
      const at = rank === -1 ? rotations.length : rank;
      if (best === undefined || at < best.rank) best = { join, rank: at };
    }
    return best?.join;
  }

  /** Of several that bring in one key the one its holder took up, then the most senior; a vote when it counts. */
  #nextKey(standing: Standing): Placed | undefined {
    return this.#twins.find((op) => {
      return op.vote === undefined && !standing.isKeyTaken(newMemberKey(op)!) && standing.stands(op);
    });
  }

  /** Who came by the same invitation lets nobody in by it. */
  #admits(rotation: Placed, join: Placed, invite: Placed): boolean {
    const { body } = rotation.signed.op;
    if (body.type !== 'rotate' || !body.admits.includes(join.id)) return false;
    const came = makerOf(rotation.principal, this.#sight.log);
    return came === undefined || inviteOf(came, this.#sight) !== invite;
  }
}

/** Memberships under which one of these keys has signed something. */
function usersOf(sight: Sight, twins: readonly Placed[]): ReadonlySet<PrincipalId> {
  const keys = new Set(twins.map((op) => newMemberKey(op)));
  const users = new Set<PrincipalId>();
  for (const { principal, signed } of sight.all()) if (keys.has(signed.op.device)) users.add(principal);
  return users;
}

function isUsed(op: Placed, users: ReadonlySet<PrincipalId>): boolean {
  return op.grants.some(({ id }) => users.has(id));
}

function rulesUnder(op: Placed, { log }: Sight): Rules {
  return rulesOf(op.signed.op.under!, log);
}

function usesOf(invite: Placed): number {
  const { body } = invite.signed.op;
  return body.type === 'invite' ? body.uses : 0;
}
