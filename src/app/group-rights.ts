// Whether the author of a message might say what they say: by the rules they name and the roles they had seen
// themselves have, so that every app answers alike, now and after either changed (chat/SPEC.md §3).

import { isInPast, type Charter } from '#core/charter/charter.ts';
import type { Header } from '#core/charter/header.ts';
import type { GrantFacts, GroupFacts } from '#core/charter/group-facts.ts';
import type { OpId, PrincipalId } from '#core/charter/ids.ts';
import { roleOf, type MemberRight, type PlainRight, type RoleId } from '#core/charter/rules.ts';
import { rulesMadeBy } from '#core/charter/rules-made.ts';
import type { CharterView } from '#core/charter/view.ts';

/** Standing ops that changed the rules; few in the life of a group. */
const changes = new WeakMap<CharterView, readonly OpId[]>();

function changesIn(charter: Charter, view: CharterView): readonly OpId[] {
  let known = changes.get(view);
  if (known === undefined) {
    known = [...charter.ops.keys()].filter((op) => op !== (charter.space as string) && isChange(charter, view, op));
    changes.set(view, known);
  }
  return known;
}

function isChange(charter: Charter, view: CharterView, op: OpId): boolean {
  return rulesMadeBy(charter, op) !== undefined && view.stands(op);
}

/** No change of the rules that the author had seen came after the one they act under. */
function isUpToDate(charter: Charter, view: CharterView, header: Pick<Header, 'under' | 'charter'>): boolean {
  return changesIn(charter, view).every((change) => {
    const isSeen = header.charter.some((head) => isInPast(charter, change, head));
    return !isSeen || change === header.under || !isInPast(charter, header.under, change);
  });
}

/** Whether a message's author had a right when they wrote: by the rules they act under and the roles they had by what they had seen. */
export function hadRight(
  { charter, view }: { readonly charter: Charter; readonly view: CharterView | undefined },
  header: Pick<Header, 'under' | 'auth' | 'charter'>,
  right: PlainRight,
): boolean {
  const rules = rulesMadeBy(charter, header.under);
  if (view?.group === undefined || rules === undefined || !isUpToDate(charter, view, header)) return false;
  if (rules.members.includes(right as MemberRight)) return true;
  const isSeen = (op: OpId): boolean => header.charter.some((head) => isInPast(charter, op, head));
  return rolesOn(view.group, header.auth[0]).some(({ role, op, ends }) => {
    const carries = role !== undefined && roleOf(rules, role)?.can.includes(right) === true;
    return carries && isSeen(op) && !ends.some((end) => isSeen(end.op));
  });
}

/** The roles somebody had by what they had seen when they wrote, whatever the rules say of each. */
export function rolesHad(
  { charter, view }: { readonly charter: Charter; readonly view: CharterView | undefined },
  header: Pick<Header, 'auth' | 'charter'>,
): readonly RoleId[] {
  if (view?.group === undefined) return [];
  const isSeen = (op: OpId): boolean => header.charter.some((head) => isInPast(charter, op, head));
  const roles = rolesOn(view.group, header.auth[0]).flatMap(({ role, op, ends }) => {
    return role !== undefined && isSeen(op) && !ends.some((end) => isSeen(end.op)) ? [role] : [];
  });
  return [...new Set(roles)].sort();
}

const byPerson = new WeakMap<GroupFacts, Map<PrincipalId, GrantFacts[]>>();

/** Grants of roles that stand, ended or not, of one person. */
function rolesOn(group: GroupFacts, principal: PrincipalId | undefined): readonly GrantFacts[] {
  let known = byPerson.get(group);
  if (known === undefined) {
    known = new Map();
    for (const grant of group.grants.values()) {
      if (grant.role === undefined) continue;
      const grants = known.get(grant.on);
      if (grants === undefined) known.set(grant.on, [grant]);
      else grants.push(grant);
    }
    byPerson.set(group, known);
  }
  return principal === undefined ? [] : (known.get(principal) ?? []);
}
