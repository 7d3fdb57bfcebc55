// What a header says of its author's place in the charter (chain/SPEC.md §2): heads, rules, and the grants by which they
// are in and may write in a scope.

import type { Charter } from '../charter/charter.ts';
import type { GrantFacts } from '../charter/group-facts.ts';
import { grantNamed } from '../charter/grants.ts';
import type { Header } from '../charter/header.ts';
import { EVERYONE, type DeviceId, type GrantId, type OpId, type Scope } from '../charter/ids.ts';
import { joinPasts } from '../charter/past.ts';
import { situationIn } from '../charter/situation.ts';
import { viewOf } from '../charter/view.ts';
import { authOf, citedHeads, opSeqOf } from '../charter/write-op.ts';

export type Citation = Pick<Header, 'charter' | 'opSeq' | 'under' | 'auth'>;

/** What the next message of a device in a scope cites. `undefined`: it may not write there. */
export function citationFor(charter: Charter, device: DeviceId, scope: Scope): Citation | undefined {
  const auth = grantsFor(charter, device, scope);
  if (auth === undefined) return undefined;
  const heads = citedHeads(charter, device);
  return { charter: heads, opSeq: opSeqOf(charter, device), under: rulesIn(charter, heads), auth };
}

function grantsFor(charter: Charter, device: DeviceId, scope: Scope): readonly GrantId[] | undefined {
  const bound = authOf(charter, device);
  if (bound === undefined || scope === EVERYONE) return bound;
  const group = viewOf(charter)?.group;
  const roles = (group?.members.get(bound[0])?.roles ?? []).flatMap((id) => group?.grants.get(id) ?? []);
  const [role] = roles.filter((grant) => (grant.role as string | undefined) === scope).sort(seniorFirst);
  return role === undefined ? undefined : [...bound, role.id];
}

/** Of several grants of one role the oldest: it is the last to fall with somebody else's. */
function seniorFirst(a: GrantFacts, b: GrantFacts): number {
  const [left, right] = [a.seniority, b.seniority];
  return left.delegation - right.delegation || left.depth - right.depth || (left.id < right.id ? -1 : 1);
}

/** Pair and self spaces keep the rules of their genesis. */
function rulesIn(charter: Charter, heads: readonly OpId[]): OpId {
  const group = viewOf(charter)?.group;
  if (group === undefined) return charter.space as string as OpId;
  // Some heads may have had to be left out, and with them a change of the rules.
  if (heads.length === charter.heads.length) return group.charter;
  return situationIn(charter, joinPasts(heads.map((id) => charter.ops.get(id)!))).charter.id;
}

/** Whether a header cites what lets its author write in its scope: for a role's, a grant of that role. */
export function mayWriteIn(charter: Charter, { scope, auth }: Pick<Header, 'scope' | 'auth'>): boolean {
  if (scope === EVERYONE) return true;
  return auth.slice(2).some((id) => (grantNamed(id, charter)?.role as string | undefined) === scope);
}

/** Whether two headers say the same of their authors. */
export function citesSame(a: Header, b: Header): boolean {
  return a.under === b.under && a.opSeq === b.opSeq && areSame(a.auth, b.auth) && areSame(a.charter, b.charter);
}

function areSame(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((item, i) => item === b[i]));
}
