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

/** Rights that messages use. */
const OF_CONTENT = ['post', 'channels', 'documents', 'tasks', 'decisions', 'reshare', 'card', 'admit'] as const;

export interface LostRight {
  readonly op: OpId;
  /** Other ops that are the same: completions of one vote. */
  readonly same?: readonly OpId[];
  readonly who: ReadonlySet<PrincipalId>;
  readonly named: readonly Cut[];
}

export interface WhereRules {
  readonly charter: Charter;
  readonly group: GroupFacts;
  readonly scope: Scope;
}

/**
 * Of the rules in force, those they were made under, and so on back: others were beaten, and bind only those who acted
 * under them. A change that names nothing says nothing of what was said, and one whose author did not read a scope nothing
 * of that.
 */
export function changesOfRules({ charter, group, scope }: WhereRules): readonly LostRight[] {
  return [...lineageOf(charter, group.charter)].flatMap((op) => {
    const change = charter.ops.get(op);
    const act = change === undefined ? undefined : actOf(change);
    if (change === undefined || act?.type !== 'charter' || act.frontier.length === 0) return [];
    if (!knewOf(scope, change, charter)) return [];
    const before = rulesMadeBy(charter, change.signed.op.under!);
    const who = before === undefined ? new Set<PrincipalId>() : losersOf(change, before, { charter, group });
    if (who.size === 0) return [];
    const completions = change.vote === undefined ? [] : charter.course.completions.get(change.vote.proposal);
    const same = (completions ?? []).flatMap(({ id }) => (charter.ops.has(id) ? [id] : []));
    return [{ op, same, who, named: act.frontier.filter((cut) => cut.scope === scope) }];
  });
}

/** Whether who wrote its frontier read a scope: of a vote, who proposed it. */
function knewOf(scope: Scope, change: Placed, charter: Charter): boolean {
  const author = change.vote?.proposal ?? change;
  const parents = author.signed.op.prev.map((id) => charter.ops.get(id)!);
  return situationIn(charter, joinPasts(parents)).isReader(author.principal, scope);
}

interface Change {
  readonly before: Rules;
  readonly after: Rules;
}

/** Who had something by the rules before and has it no more, with all the roles they had then or since. */
function losersOf(
  change: Placed,
  before: Rules,
  { charter, group }: Pick<WhereRules, 'charter' | 'group'>,
): ReadonlySet<PrincipalId> {
  const after = rulesMadeBy(charter, change.id)!;
  const roles = rolesBesides(change.id, { charter, group });
  const isAfter = (id: PrincipalId): boolean => isInPast(charter, change.id, group.grants.get(id)?.op ?? change.id);
  const members = [...group.members.keys()].filter((id) => !isAfter(id));
  return new Set(members.filter((id) => isLess(roles.get(id) ?? [], { before, after })));
}

function rolesBesides(
  change: OpId,
  { charter, group }: Pick<WhereRules, 'charter' | 'group'>,
): ReadonlyMap<PrincipalId, readonly RoleId[]> {
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
