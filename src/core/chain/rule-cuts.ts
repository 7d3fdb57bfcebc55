// Changes of rules that took a right or a role from somebody, and how far was said what their author had seen
// (chain/SPEC.md §8).

import type { Cut } from '../charter/body-parts.ts';
import { isInPast, type Charter } from '../charter/charter.ts';
import type { GroupFacts } from '../charter/group-facts.ts';
import { actOf } from '../charter/grants.ts';
import type { OpId, PrincipalId, Scope } from '../charter/ids.ts';
import { joinPasts, type Placed } from '../charter/past.ts';
import { roleOf, type MemberRight, type PlainRight, type RoleId, type Rules } from '../charter/rules.ts';
import { lineageOf, rulesMadeBy } from '../charter/rules-made.ts';
import { situationIn } from '../charter/situation.ts';
import type { CharterView } from '../charter/view.ts';

/** Rights that messages use. */
const OF_CONTENT = ['post', 'channels', 'documents', 'tasks', 'decisions', 'reshare', 'card', 'admit'] as const;

export interface LostRight {
  readonly op: OpId;
  /** Other ops that are the same: completions of one vote. */
  readonly same?: readonly OpId[];
  readonly who: ReadonlySet<PrincipalId>;
  /** All who lost by it, where others of them are measured otherwise: none of them can save what another says. */
  readonly losers?: ReadonlySet<PrincipalId>;
  readonly named: readonly Cut[];
}

export interface WhereRules {
  readonly charter: Charter;
  readonly view: CharterView;
  readonly scope: Scope;
}

/** A change of rules by which somebody has less. */
export interface ChangeOfRules {
  readonly op: OpId;
  readonly same: readonly OpId[];
  readonly losers: ReadonlySet<PrincipalId>;
  /** What it says itself; undefined in a scope that who wrote it did not read. */
  readonly named: readonly Cut[] | undefined;
  /** What readers of such a scope say of it, each for all but themselves. */
  readonly told: ReadonlyMap<PrincipalId, readonly Cut[]>;
}

const known = new WeakMap<CharterView, Map<Scope, readonly ChangeOfRules[]>>();

/**
 * Of the rules in force, those they were made under, and so on back: others were beaten, and bind only those who acted
 * under them.
 */
export function changesOfRules(where: WhereRules): readonly ChangeOfRules[] {
  const scopes = known.get(where.view) ?? new Map<Scope, readonly ChangeOfRules[]>();
  known.set(where.view, scopes);
  let changes = scopes.get(where.scope);
  if (changes === undefined) scopes.set(where.scope, (changes = findChanges(where)));
  return changes;
}

function findChanges(where: WhereRules): readonly ChangeOfRules[] {
  const { charter, view, scope } = where;
  const group = view.group!;
  return [...lineageOf(charter, group.charter)].flatMap((op) => {
    const change = charter.ops.get(op);
    const act = change === undefined ? undefined : actOf(change);
    if (change === undefined || act?.type !== 'charter') return [];
    const before = rulesMadeBy(charter, change.signed.op.under!);
    const losers = before === undefined ? new Set<PrincipalId>() : losersOf(change, before, { charter, group });
    if (losers.size === 0) return [];
    const completions = change.vote === undefined ? [] : charter.course.completions.get(change.vote.proposal);
    const same = (completions ?? []).flatMap(({ id }) => (charter.ops.has(id) ? [id] : []));
    const told = toldOf([op, ...same], where);
    const named = knewOf(scope, change, charter) ? act.frontier.filter((cut) => cut.scope === scope) : undefined;
    // Who names nothing at all says nothing of what was said.
    return named !== undefined && act.frontier.length === 0 ? [] : [{ op, same, losers, named, told }];
  });
}

/** For each who lost something how far was said that they had been seen; by somebody else, where its author could not. */
export function lostByRules(where: WhereRules): readonly LostRight[] {
  return changesOfRules(where).flatMap(({ op, same, losers, named, told }) => {
    if (named !== undefined) return [{ op, same, who: losers, named }];
    const said = [...told];
    const measured = (who: ReadonlySet<PrincipalId>, by: typeof said): readonly LostRight[] => {
      const isSaid = who.size > 0 && by.length > 0;
      return isSaid ? [{ op, same, who, losers, named: by.flatMap(([, cuts]) => cuts) }] : [];
    };
    const silent = new Set([...losers].filter((id) => !told.has(id)));
    const telling = [...losers].filter((id) => told.has(id));
    const others = (id: PrincipalId): typeof said => said.filter(([by]) => by !== id);
    return [...measured(silent, said), ...telling.flatMap((id) => measured(new Set([id]), others(id)))];
  });
}

/** By whom a change is completed in a scope, and what each of them names. */
function toldOf(
  changes: readonly OpId[],
  { charter, view, scope }: WhereRules,
): ReadonlyMap<PrincipalId, readonly Cut[]> {
  const told = new Map<PrincipalId, readonly Cut[]>();
  for (const { id, principal, signed } of charter.course.completing) {
    const { body } = signed.op;
    const isMeant = body.type === 'frontier' && changes.includes(body.revoke);
    if (!isMeant || !charter.ops.has(id) || !view.stands(id)) continue;
    const cuts = body.frontier.filter((cut) => cut.scope === scope);
    if (cuts.length > 0) told.set(principal, [...(told.get(principal) ?? []), ...cuts]);
  }
  return told;
}

/** Whether who wrote its frontier read a scope: of a vote, who proposed it. */
function knewOf(scope: Scope, change: Placed, charter: Charter): boolean {
  const author = change.vote?.proposal ?? change;
  const parents = author.signed.op.prev.map((id) => charter.ops.get(id)!);
  return situationIn(charter, joinPasts(parents)).isReader(author.principal, scope);
}

interface Known {
  readonly charter: Charter;
  readonly group: GroupFacts;
}

interface Change {
  readonly before: Rules;
  readonly after: Rules;
}

/** Who had something by the rules before and has it no more, with all the roles they had then or since. */
function losersOf(change: Placed, before: Rules, { charter, group }: Known): ReadonlySet<PrincipalId> {
  const after = rulesMadeBy(charter, change.id)!;
  const roles = rolesBesides(change.id, { charter, group });
  const isAfter = (id: PrincipalId): boolean => isInPast(charter, change.id, group.grants.get(id)?.op ?? change.id);
  const members = [...group.members.keys()].filter((id) => !isAfter(id));
  return new Set(members.filter((id) => isLess(roles.get(id) ?? [], { before, after })));
}

function rolesBesides(change: OpId, { charter, group }: Known): ReadonlyMap<PrincipalId, readonly RoleId[]> {
  const roles = new Map<PrincipalId, RoleId[]>();
  for (const { role, on, ends } of group.grants.values()) {
    if (role === undefined || ends.some((end) => isInPast(charter, end.op, change))) continue;
    roles.set(on, [...(roles.get(on) ?? []), role]);
  }
  return roles;
}

function isLess(roles: readonly RoleId[], { before, after }: Change): boolean {
  if (roles.some((role) => roleOf(before, role) !== undefined && roleOf(after, role) === undefined)) return true;
  return OF_CONTENT.some((right) => carriedBy(roles, right, before) && !carriedBy(roles, right, after));
}

function carriedBy(roles: readonly RoleId[], right: PlainRight, rules: Rules): boolean {
  if (rules.members.includes(right as MemberRight)) return true;
  return roles.some((role) => roleOf(rules, role)?.can.includes(right) === true);
}
