// Whether the author of a message might say what they say: by the rules they name and the roles they had seen
// themselves have, so that every app answers alike, now and after either changed (chat/SPEC.md §3); and by what was lost
// meanwhile, where they lie beyond what those knew who took it (chain/SPEC.md §8).

import { isInPast, type Charter } from '#core/charter/charter.ts';
import type { Header } from '#core/charter/header.ts';
import type { MessageId, OpId, PrincipalId } from '#core/charter/ids.ts';
import { roleOf, type MemberRight, type PlainRight, type RoleId } from '#core/charter/rules.ts';
import { rulesMadeBy } from '#core/charter/rules-made.ts';
import type { CharterView } from '#core/charter/view.ts';
import type { Standing } from '../space/standing.ts';

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

/** What rights are judged by. Without `standing` for what is not said yet: nothing counts against it unseen. */
export interface RightsGround {
  readonly charter: Charter;
  readonly view: CharterView | undefined;
  readonly standing?: Pick<Standing, 'lost'>;
}

/** A message, or what one would cite. */
export interface Said {
  readonly id?: MessageId;
  readonly header: Pick<Header, 'under' | 'auth' | 'charter'>;
}

/** Ends of roles and changes of rules that count against a message although its author had not seen them. */
export function lostBy({ standing }: RightsGround, { id }: Said): ReadonlySet<OpId> {
  return (id === undefined ? undefined : standing?.lost(id)) ?? new Set();
}

/**
 * Whether a message's author had a right when they wrote: by the rules they act under and the roles they had by what they
 * had seen; and, of what they should have seen, by what is left (chain/SPEC.md §8).
 */
export function hadRight(ground: RightsGround, said: Said, right: PlainRight): boolean {
  const { charter, view } = ground;
  const { header } = said;
  const rules = rulesMadeBy(charter, header.under);
  if (view?.group === undefined || rules === undefined || !isUpToDate(charter, view, header)) return false;
  const roles = rolesHeld(ground, said);
  const later = [...lostBy(ground, said)].flatMap((op) => rulesMadeBy(charter, op) ?? []);
  return [rules, ...later].every((by) => {
    return by.members.includes(right as MemberRight) || roles.some((role) => roleOf(by, role)?.can.includes(right));
  });
}

/** The roles somebody had by what they had seen when they wrote, as far as all rules that count know them. */
export function rolesHad(ground: RightsGround, said: Said): readonly RoleId[] {
  if (ground.view?.group === undefined) return [];
  const later = [...lostBy(ground, said)].flatMap((op) => rulesMadeBy(ground.charter, op) ?? []);
  const roles = rolesHeld(ground, said).filter((role) => later.every((by) => roleOf(by, role) !== undefined));
  return [...new Set(roles)].sort();
}

function rolesHeld(ground: RightsGround, said: Said): readonly RoleId[] {
  const { charter, view } = ground;
  const { header } = said;
  const lost = lostBy(ground, said);
  const isSeen = (op: OpId): boolean => header.charter.some((head) => isInPast(charter, op, head));
  const grants = view === undefined ? [] : rolesOn(view, header.auth[0]);
  return grants.flatMap(({ role, op, ends }) => {
    return isSeen(op) && !ends.some((end) => isSeen(end) || lost.has(end)) ? [role] : [];
  });
}

/** A grant of a role, and by what it was lost. */
interface RoleGrant {
  readonly role: RoleId;
  readonly op: OpId;
  readonly ends: readonly OpId[];
}

const byPerson = new WeakMap<CharterView, Map<PrincipalId, RoleGrant[]>>();

/** Grants of roles of one person, ended or not, and those that fell later by something they had not seen. */
function rolesOn(view: CharterView, principal: PrincipalId | undefined): readonly RoleGrant[] {
  let known = byPerson.get(view);
  if (known === undefined) {
    known = new Map();
    const standing = [...(view.group?.grants.values() ?? [])].map(({ role, op, on, ends }) => {
      return { role, op, on, ends: ends.map((end) => end.op) };
    });
    const fallen = view.fallen().map(({ role, op, on, by }) => ({ role, op, on, ends: by }));
    for (const { role, op, on, ends } of [...standing, ...fallen]) {
      if (role !== undefined) known.set(on, [...(known.get(on) ?? []), { role, op, ends }]);
    }
    byPerson.set(view, known);
  }
  return principal === undefined ? [] : (known.get(principal) ?? []);
}
