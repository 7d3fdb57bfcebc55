// Who of several gets what there is not enough of: uses of an invitation, a key that makes one member (SPEC.md §4.3).

import { byRank, makerOf, newMemberKey } from './grants.ts';
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
  /** Rotations that let joins in, and ends of memberships: both show that somebody was taken for a member. */
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
    const join = this.#nextJoin(standing);
    if (join !== undefined) standing.use(inviteOf(join, this.#sight)!, join);
    const newcomer = join === undefined ? this.#nextKey(standing, isLate) : undefined;
    if (newcomer !== undefined) standing.takeKey(newMemberKey(newcomer)!, newcomer);
    return join !== undefined || newcomer !== undefined;
  }

  /** What those did who may let people in, or remove them, weighs more than what others did. */
  #weighed(marks: readonly Placed[]): readonly Placed[] {
    const sorted = [...marks].sort(byRank);
    const isEntitled = (op: Placed): boolean => op.targets.length > 0 || this.#mayLetIn(op);
    return [...sorted.filter(isEntitled), ...sorted.filter((op) => !isEntitled(op))];
  }

  #mayLetIn(op: Placed): boolean {
    const { log } = this.#sight;
    return carriersOf(op, ['invite', 'admit'], rulesOf(op.signed.op.under!, log), log).length > 0;
  }

  /** The join that takes the next use: the one with the weightiest mark, then by order. */
  #nextJoin(standing: Standing): Placed | undefined {
    if (this.#joins.length === 0) return undefined;
    const marks = this.#marks.filter((mark) => standing.stands(mark));
    let best: { readonly join: Placed; readonly rank: number } | undefined;
    for (const join of this.#joins) {
      const invite = inviteOf(join, this.#sight)!;
      const taken = standing.usesTaken(invite);
      if (taken.size >= usesOf(invite) || taken.has(join) || !standing.stands(join)) continue;
      const rank = marks.findIndex((mark) => this.#marksOut(mark, join));
      const at = rank === -1 ? marks.length : rank;
      if (best === undefined || at < best.rank) best = { join, rank: at };
    }
    return best?.join;
  }

  /**
   * Of several that bring in one key first one whose membership others ended, then one its holder took up, then the
   * most senior. A vote takes it when it counts; until it is known whether it does, the key is kept for it.
   */
  #nextKey(standing: Standing, isLate: boolean): Placed | undefined {
    const open = this.#twins.filter((op) => !standing.isKeyTaken(newMemberKey(op)!) && standing.stands(op));
    if (open.length === 0) return undefined;
    const ends = this.#marks.filter((mark) => mark.targets.length > 0 && standing.stands(mark));
    const rank = (op: Placed): number => (ends.some((end) => isAimedAt(end, op)) ? 0 : isUsed(op, this.#users) ? 1 : 2);
    const looked = new Set<DeviceId>();
    return [...open]
      .sort((a, b) => rank(a) - rank(b) || byRank(a, b))
      .find((op) => {
        const key = newMemberKey(op)!;
        if (looked.has(key)) return false;
        if (op.vote === undefined || this.#presumesVotes) return true;
        if (!isLate) looked.add(key);
        return false;
      });
  }

  /** Who came by the same invitation lets nobody in by it. */
  #marksOut(mark: Placed, join: Placed): boolean {
    const { body } = mark.signed.op;
    const isNamed = body.type === 'rotate' ? body.admits.includes(join.id) : isAimedAt(mark, join);
    if (!isNamed) return false;
    const came = makerOf(mark.principal, this.#sight.log);
    return came === undefined || inviteOf(came, this.#sight) !== inviteOf(join, this.#sight);
  }
}

/** Whether an op shows that its author took somebody for a member. */
export function isMark({ signed, targets, isOwnEnd, vote }: Placed): boolean {
  const { body } = signed.op;
  if (body.type === 'rotate') return body.admits.length > 0;
  return targets.length > 0 && !isOwnEnd && (body.type === 'revoke' || vote !== undefined);
}

/** Whether an end is that of a membership which an op makes. */
export function isAimedAt(end: Placed, { grants, principal }: Placed): boolean {
  return (
    end.principal !== principal &&
    grants.some(({ kind, target }) => kind === 'membership' && end.targets.includes(target))
  );
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
