// Who of several gets what there is not enough of: uses of an invitation, a key that makes one member (SPEC.md §4.3).

import { actOf, byRank, makerOf, newMemberKey } from './grants.ts';
import type { DeviceId, PrincipalId } from './ids.ts';
import { byOrder, type Placed } from './past.ts';
import { rulesOf } from './register.ts';
import { carriersOf } from './rights.ts';
import type { Sight } from './sight.ts';
import { inviteOf, type Standing } from './standing.ts';

export class Uses {
  readonly #sight: Sight;
  readonly #presumesVotes: boolean;
  /** Joins by invitations that more people used than they have uses. */
  readonly #joins: readonly Placed[];
  /** Admissions and joins by keys that several of them bring in. */
  readonly #twins: readonly Placed[];
  /** Memberships under which one of these keys has signed something. */
  readonly #users: ReadonlySet<PrincipalId>;
  /** Rotations that let joins in, roles given, memberships ended: they show whom others took for a member. */
  readonly #marks: readonly Placed[];

  constructor(sight: Sight, acts: readonly Placed[], options: { readonly presumesVotes: boolean }) {
    this.#sight = sight;
    this.#presumesVotes = options.presumesVotes;
    const joins = acts.filter(({ signed }) => signed.op.body.type === 'join');
    const named = Map.groupBy(joins, (join) => inviteOf(join, sight)!);
    this.#joins = [...named].flatMap(([invite, by]) => (by.length > usesOf(invite) ? by : [])).sort(byOrder);
    const newcomers = acts.filter((op) => newMemberKey(op) !== undefined);
    const keyed = [...Map.groupBy(newcomers, (op) => newMemberKey(op)!).values()];
    this.#twins = keyed.flatMap((by) => (by.length > 1 ? by : [])).sort(byRank);
    this.#users = this.#twins.length === 0 ? new Set() : usersOf(sight, this.#twins);
    const isScarce = this.#joins.length + this.#twins.length > 0;
    this.#marks = isScarce ? this.#weighed(acts.filter(isMark)) : [];
  }

  /** False when there is nothing left to take. Late is once there is no vote left to count. */
  takeNext(standing: Standing, isLate: boolean): boolean {
    // Keys first: who does not get the key does not come in, and takes no use from anybody else.
    const newcomer = this.#nextKey(standing, isLate);
    if (newcomer !== undefined) standing.takeKey(newMemberKey(newcomer)!, newcomer);
    const join = newcomer === undefined ? this.#nextJoin(standing) : undefined;
    if (join !== undefined) standing.use(inviteOf(join.join, this.#sight)!, join);
    return join !== undefined || newcomer !== undefined;
  }

  /** What those did who may let people in, or give roles, weighs most; then ends; then what anybody does. */
  #weighed(marks: readonly Placed[]): readonly Placed[] {
    const classes = Map.groupBy([...marks].sort(byRank), (op) => this.#classOf(op));
    return [0, 1, 2].flatMap((of) => classes.get(of) ?? []);
  }

  #classOf(op: Placed): number {
    if (op.targets.length > 0) return 1;
    return actOf(op).type === 'grant' || this.#mayLetIn(op) ? 0 : 2;
  }

  #mayLetIn(op: Placed): boolean {
    const { log } = this.#sight;
    return carriersOf(op, ['invite', 'admit'], rulesOf(op.signed.op.under!, log)).length > 0;
  }

  /** The join that takes the next use: the one with the weightiest mark, then by order. */
  #nextJoin(standing: Standing): { readonly join: Placed; readonly mark: Placed | undefined } | undefined {
    const marks = this.#joins.length === 0 ? [] : this.#marks.filter((mark) => standing.stands(mark));
    let best: { readonly join: Placed; readonly rank: number } | undefined;
    for (const join of this.#joins) {
      const invite = inviteOf(join, this.#sight)!;
      const taken = standing.usesTaken(invite);
      if (taken.size >= usesOf(invite) || taken.has(join) || !standing.stands(join)) continue;
      const rank = rankIn(marks, (mark) => this.#marksOut(mark, join));
      if (best === undefined || rank < best.rank) best = { join, rank };
    }
    return best === undefined ? undefined : { join: best.join, mark: marks[best.rank] };
  }

  /**
   * Of several that bring in one key first those its holder took up, then the one with the weightiest mark, then the
   * most senior. A vote takes it when it counts; until it is known whether it does, the key is kept for it.
   */
  #nextKey(standing: Standing, isLate: boolean): Placed | undefined {
    const open = this.#twins.filter((op) => !standing.isKeyTaken(newMemberKey(op)!) && standing.stands(op));
    if (open.length === 0) return undefined;
    const marks = this.#marks.filter((mark) => standing.stands(mark));
    const ranked = open.map((op) => {
      const unused = isUsed(op, this.#users) ? 0 : 1;
      return { op, unused, mark: rankIn(marks, (mark) => namesMember(mark, op)) };
    });
    ranked.sort((a, b) => a.unused - b.unused || a.mark - b.mark || byRank(a.op, b.op));
    const looked = new Set<DeviceId>();
    return ranked.find(({ op }) => {
      const key = newMemberKey(op)!;
      if (looked.has(key)) return false;
      if (op.vote === undefined || this.#presumesVotes) return true;
      if (!isLate) looked.add(key);
      return false;
    })?.op;
  }

  /** Who came by the same invitation lets nobody in by it. */
  #marksOut(mark: Placed, join: Placed): boolean {
    if (!namesMember(mark, join)) return false;
    const came = makerOf(mark.principal, this.#sight.log);
    return came === undefined || inviteOf(came, this.#sight) !== inviteOf(join, this.#sight);
  }
}

function rankIn(marks: readonly Placed[], isIt: (mark: Placed) => boolean): number {
  const rank = marks.findIndex(isIt);
  return rank === -1 ? marks.length : rank;
}

/** Whether an op shows that its author took somebody for a member. */
export function isMark(op: Placed): boolean {
  const act = actOf(op);
  if (act.type === 'rotate') return act.admits.length > 0;
  if (act.type === 'grant') return act.act === 'role';
  return act.type === 'revoke' && !op.isOwnEnd;
}

/** Whether a mark is that of the member whom an op makes, and somebody else's. */
function namesMember(mark: Placed, { id, grants }: Placed): boolean {
  const act = actOf(mark);
  return grants.some((grant) => {
    if (grant.kind !== 'membership' || grant.id === mark.principal) return false;
    if (act.type === 'rotate') return act.admits.includes(id);
    return act.type === 'grant' ? act.act === 'role' && act.on === grant.id : mark.targets.includes(grant.target);
  });
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

export function usesOf(invite: Placed): number {
  const { body } = invite.signed.op;
  return body.type === 'invite' ? body.uses : 0;
}
