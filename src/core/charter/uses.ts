// Who of several gets what there is not enough of: uses of an invitation, a key that makes one member (SPEC.md §4.3).

import { byRank, makerOf, newMemberKey } from './grants.ts';
import type { DeviceId, PrincipalId } from './ids.ts';
import { byOrder, type Placed } from './past.ts';
import { rulesOf } from './register.ts';
import { carriersOf } from './rights.ts';
import type { Rules } from './rules.ts';
import type { Sight } from './sight.ts';
import { inviteOf, type Standing } from './standing.ts';

/** Invitations that more people used than they have uses, and keys that became a member more than once. */
export class Uses {
  readonly #sight: Sight;
  readonly #presumesVotes: boolean;
  readonly #joins: readonly Placed[];
  readonly #rotations: readonly Placed[];
  /** Admissions and joins by keys that several of them bring in. */
  readonly #twins: readonly Placed[];

  constructor(sight: Sight, acts: readonly Placed[], options: { readonly presumesVotes: boolean }) {
    this.#sight = sight;
    this.#presumesVotes = options.presumesVotes;
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

  /** False when there is nothing left to take. Late is once there is no vote left to count. */
  takeNext(standing: Standing, isLate: boolean): boolean {
    const join = this.#nextJoin(standing);
    if (join !== undefined) standing.use(inviteOf(join, this.#sight)!, join);
    const newcomer = join === undefined ? this.#nextKey(standing, isLate) : undefined;
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

  /**
   * Of several that bring in one key the one its holder took up, then the most senior. A vote takes it when it counts;
   * until it is known whether it does, the key is kept for it.
   */
  #nextKey(standing: Standing, isLate: boolean): Placed | undefined {
    const looked = new Set<DeviceId>();
    return this.#twins.find((op) => {
      const key = newMemberKey(op)!;
      if (looked.has(key) || standing.isKeyTaken(key) || !standing.stands(op)) return false;
      if (op.vote === undefined || this.#presumesVotes) return true;
      if (!isLate) looked.add(key);
      return false;
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

export function usesOf(invite: Placed): number {
  const { body } = invite.signed.op;
  return body.type === 'invite' ? body.uses : 0;
}
