// What may keep a message from standing, or take the right by which its author wrote (chain/SPEC.md §8): ends of devices
// and roles, grants that fell by acts that crossed with them, and changes of rules.

import type { Cut } from '../charter/body-parts.ts';
import { isInPast, type Charter } from '../charter/charter.ts';
import { actOf, byRank } from '../charter/grants.ts';
import type { Header } from '../charter/header.ts';
import type { GrantId, OpId, PrincipalId, Scope } from '../charter/ids.ts';
import type { CharterView } from '../charter/view.ts';
import { lostByRules, type LostRight } from './rule-cuts.ts';

export interface ContentCut {
  readonly op: OpId;
  /** Other ops that are the same: completions of one vote. */
  readonly same: readonly OpId[];
  /** What the frontier names in this scope. */
  readonly named: readonly Cut[];
  /** Of what is named the own chain up to there is kept, or all that lies in its past. */
  readonly keeps: 'chain' | 'past';
  /** Beyond it a message does not stand at all, or its author did not have what was lost. */
  readonly takes: 'message' | 'right';
  /** Whether it ended something of the author of a message. */
  readonly concerns: (header: Header) => boolean;
  /** Whether its author lost by it too, and so saves nobody. */
  readonly concernsAuthor: (header: Header) => boolean;
  /** Equal for two that say the same. */
  readonly says: string;
}

/** All for messages of one scope. */
export function cutsFor(scope: Scope, charter: Charter, view: CharterView): readonly ContentCut[] {
  const where = { scope, charter, view };
  return [...deviceEnds(view, scope), ...roleEnds(where), ...fallen(where), ...lostRights(where)];
}

export interface Where {
  readonly scope: Scope;
  readonly charter: Charter;
  readonly view: CharterView;
}

function deviceEnds(view: CharterView, scope: Scope): readonly ContentCut[] {
  return [...view.devices.values()].flatMap(({ device, ends }) => {
    return ends.map(({ op, frontier }) => {
      const named = frontier.filter((cut) => cut.scope === scope);
      return ended({ op, named, whose: device, concerns: (header) => header.device === device });
    });
  });
}

/** A message cites the grant by which its author wrote; who resigned it meant what they said before. */
function roleEnds({ scope, charter, view }: Where): readonly ContentCut[] {
  const grants = [...(view.group?.grants.values() ?? [])].filter(({ role }) => (role as string | undefined) === scope);
  return grants.flatMap(({ id, ends }) => {
    const revoked = ends.filter(({ how }) => how !== 'left');
    return revoked.map(({ op }) => {
      const named = frontierOf(op, { scope, charter, view });
      return ended({ op, named, whose: id, concerns: ({ auth }) => auth.includes(id) });
    });
  });
}

/** Who came in, added a device or got this role by what crossed with an act that felled it. */
function fallen({ scope, view }: Where): readonly ContentCut[] {
  const here = view.fallen().filter(({ role }) => role === undefined || (role as string) === scope);
  return here.flatMap(({ grant, by }) => {
    return by.map((op) => ended({ op, named: [], whose: grant, concerns: ({ auth }) => auth.includes(grant) }));
  });
}

interface Ended extends Pick<ContentCut, 'op' | 'named' | 'concerns'> {
  readonly whose: string;
}

function ended({ op, named, whose, concerns }: Ended): ContentCut {
  const says = ['ended', op, whose, ...named.map(({ head }) => head)].join(' ');
  return { op, same: [], named, keeps: 'chain', takes: 'message', concerns, concernsAuthor: concerns, says };
}

/** Rights that somebody had by a role they lost, or by rules that are no more. */
function lostRights(where: Where): readonly ContentCut[] {
  const { scope, charter, view } = where;
  if (view.group === undefined) return [];
  const losers = new Map<OpId, Set<PrincipalId>>();
  const lose = (op: OpId, who: PrincipalId): void => {
    losers.set(op, (losers.get(op) ?? new Set()).add(who));
  };
  for (const { role, on, ends } of view.group.grants.values()) {
    if (role === undefined) continue;
    for (const { op, how } of ends) if (how !== 'left') lose(op, on);
  }
  for (const { role, on, by } of view.fallen()) if (role !== undefined) for (const op of by) lose(op, on);
  const byEnds = [...losers].map(([op, who]) => ({ op, who, named: frontierOf(op, where) }));
  return [...byEnds, ...lostByRules({ charter, view, scope })].map((lost) => rightLost(lost, charter));
}

/** Whoever had seen it is judged by that alone. */
function rightLost({ op, same = [], who, losers = who, named }: LostRight, charter: Charter): ContentCut {
  const isUnseen = (heads: readonly OpId[]): boolean => {
    return ![op, ...same].some((lost) => heads.some((head) => isInPast(charter, lost, head)));
  };
  const concerns = ({ auth, charter: heads }: Header): boolean => who.has(auth[0] as GrantId) && isUnseen(heads);
  const concernsAuthor = ({ auth }: Header): boolean => losers.has(auth[0] as GrantId);
  const says = ['lost', op, ...[...who].sort(), 'of', ...[...losers].sort(), ...named.map(({ head }) => head)].join(
    ' ',
  );
  return { op, same, named, keeps: 'past', takes: 'right', concerns, concernsAuthor, says };
}

/** What a revocation says of a scope, or where it says nothing the first that completes it. */
function frontierOf(revoke: OpId, { scope, charter, view }: Where): readonly Cut[] {
  const placed = charter.ops.get(revoke);
  const act = placed === undefined ? undefined : actOf(placed);
  const own = act?.type === 'revoke' ? act.frontier.filter((cut) => cut.scope === scope) : [];
  if (own.length > 0) return own;
  const completing = charter.course.completing.filter(({ id, signed }) => {
    const { body } = signed.op;
    return body.type === 'frontier' && body.revoke === revoke && charter.ops.has(id) && view.stands(id);
  });
  for (const { signed } of completing.sort(byRank)) {
    const { body } = signed.op;
    const cuts = body.type === 'frontier' ? body.frontier.filter((cut) => cut.scope === scope) : [];
    if (cuts.length > 0) return cuts;
  }
  return [];
}
