// Says how far was seen what others said in scopes that the author of a revocation, or of new rules, did not read: any
// reader may, and one is enough (chain/SPEC.md §8).

import { MAX_FRONTIER, type DeviceCut } from '#core/charter/body-parts.ts';
import { isInPast } from '#core/charter/charter.ts';
import { actOf } from '#core/charter/grants.ts';
import { EVERYONE, type OpId, type PrincipalId, type Scope } from '#core/charter/ids.ts';
import type { FrontierOp } from '#core/charter/member-body.ts';
import type { CharterView } from '#core/charter/view.ts';
import type { ChainSet } from '#core/chain/chain-set.ts';
import { frontierOf, seenIn } from '#core/chain/evidence.ts';
import type { Link } from '#core/chain/link.ts';
import { changesOfRules, type ChangeOfRules } from '#core/chain/rule-cuts.ts';
import type { Replica } from './replica.ts';
import { cutsOf, setsOf } from './revoking.ts';

/** Frontiers for revocations whose authors did not read a scope that this device reads. */
function revocationsDue(replica: Replica): readonly FrontierOp[] {
  const due = (replica.view?.group?.incomplete ?? []).filter(({ scope }) => replica.reads(scope));
  const bodies = due.map(({ revoke, on, scope }): FrontierOp => {
    const isLost = isLostBy(replica, revoke, scope);
    return {
      type: 'frontier',
      revoke,
      frontier: isLost ? cutsOf(replica, [scope], on) : seenIn(setsOf(replica, [scope])),
    };
  });
  return bodies.filter(({ frontier }) => frontier.length > 0);
}

/** What a device has to say in a group; of new rules what it had seen when it heard of them. */
export class Completions {
  readonly #replica: Replica;
  readonly #seen = new Map<string, readonly DeviceCut[]>();
  #known: { readonly view: CharterView; readonly changes: readonly Unread[] } | undefined;

  constructor(replica: Replica) {
    this.#replica = replica;
  }

  /** What nobody said yet. */
  due(): readonly FrontierOp[] {
    return [...revocationsDue(this.#replica), ...this.#rulesDue()];
  }

  #rulesDue(): readonly FrontierOp[] {
    const { me } = this.#replica;
    return this.#changes().flatMap(({ scope, change }) => {
      if (me === undefined || change.told.has(me.principal)) return [];
      const others = [...change.losers].filter((id) => id !== me.principal);
      const frontier = others.flatMap((whose) => this.#lacking(change, this.#replica.chainsOf(scope), whose));
      return frontier.length === 0
        ? []
        : [{ type: 'frontier', revoke: change.op, frontier: frontier.slice(0, MAX_FRONTIER) }];
    });
  }

  /** Changes of rules by who did not read a scope that this device reads. */
  #changes(): readonly Unread[] {
    const { charter, view } = this.#replica;
    if (view?.group === undefined) return [];
    if (this.#known?.view === view) return this.#known.changes;
    const scopes = this.#replica.scopes().filter((scope) => scope !== EVERYONE && this.#replica.reads(scope));
    const changes = scopes.flatMap((scope) => {
      const unread = changesOfRules({ charter, view, scope }).filter(({ named }) => named === undefined);
      return unread.map((change) => ({ scope, change }));
    });
    this.#known = { view, changes };
    return changes;
  }

  /** What this device had seen of somebody, if others do not say so. */
  #lacking({ op, same, told }: ChangeOfRules, chains: ChainSet, whose: PrincipalId): readonly DeviceCut[] {
    const key = `${op} ${chains.scope} ${whose}`;
    const by = [...told].filter(([teller]) => teller !== whose);
    let seen = this.#seen.get(key);
    if (seen === undefined) {
      // What comes after others spoke may be said by who pretends not to have heard.
      if (by.length > 0) return [];
      seen = this.#unawareOf([op, ...same], chains, whose);
      if (seen.length > 0) this.#seen.set(key, seen);
    }
    const named = by.flatMap(([, cuts]) => cuts);
    return seen.filter(({ device, incarnation, seq }) => {
      return named.every(({ head }) => chains.reach(head, device, incarnation) <= seq);
    });
  }

  /** Of each chain of somebody the last message that does not show that they had heard; what followed needs no saving. */
  #unawareOf(changes: readonly OpId[], chains: ChainSet, whose: PrincipalId): readonly DeviceCut[] {
    const { charter } = this.#replica;
    const hasHeard = ({ header }: Link): boolean => {
      return changes.some((op) => header.charter.some((head) => isInPast(charter, op, head)));
    };
    const ends = frontierOf([chains], ({ device }) => this.#replica.principalOf(device) === whose);
    return ends.flatMap((cut) => {
      let at = chains.link(cut.head);
      while (at !== undefined && hasHeard(at)) at = at.own;
      return at === undefined ? [] : [{ ...cut, seq: at.header.seq, head: at.id }];
    });
  }
}

interface Unread {
  readonly scope: Scope;
  readonly change: ChangeOfRules;
}

/** Of a role alone its own scope is lost; in others a right may have been used that it gave. */
function isLostBy({ charter, view }: Replica, revoke: OpId, scope: Scope): boolean {
  const placed = charter.ops.get(revoke);
  const act = placed === undefined ? undefined : actOf(placed);
  const role = act?.type === 'revoke' && !act.cascade ? view?.group?.grants.get(act.grant)?.role : undefined;
  return role === undefined || (role as string) === scope;
}
