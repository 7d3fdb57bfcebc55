// Which keys a device may have (keys/SPEC.md §6): those wrapped to it, and those made while its person read the scope. A
// newcomer gets no key under which others talked before them, but a new one.

import { isInPast, type Charter } from '../charter/charter.ts';
import type { DeviceId, OpId, PrincipalId, Scope } from '../charter/ids.ts';
import { EVERYONE } from '../charter/ids.ts';
import { viewOf, type CharterView, type RotationFacts } from '../charter/view.ts';
import { isReader } from './readers.ts';

/** Whether a device that asks for the key a rotation made for a scope may be given it. */
export function mayHaveKey(
  charter: Charter,
  rotation: RotationFacts,
  { scope, device }: { readonly scope: Scope; readonly device: DeviceId },
): boolean {
  const view = viewOf(charter);
  const facts = view?.devices.get(device);
  if (view === undefined || facts === undefined || !isReader(view, device, scope)) return false;
  // Two people have no secrets from each other's devices.
  if (view.group === undefined) return true;
  const rotated = rotation.scopes.find((candidate) => candidate.scope === scope);
  if (rotated === undefined) return false;
  if (rotated.recipients.some((recipient) => recipient.device === device)) return true;
  return readingGrants(view, facts.principal, scope).some((op) => isInPast(charter, op, rotation.op));
}

/** The ops by which a person reads a scope now. */
function readingGrants(view: CharterView, principal: PrincipalId, scope: Scope): readonly OpId[] {
  const group = view.group!;
  if (scope === EVERYONE) return [group.grants.get(principal)!.op];
  const roles = (group.members.get(principal)?.roles ?? []).flatMap((id) => group.grants.get(id) ?? []);
  return roles.filter(({ role }) => (role as string | undefined) === scope).map(({ op }) => op);
}
