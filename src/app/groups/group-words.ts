// What screens say of a group's charter: members and why they may what they may, acts as a readable history, proposals,
// invitations, disputes. Pure: from the view and the log to words' ingredients.

import type { Charter } from '#core/charter/charter.ts';
import type {
  ActFacts,
  CameBy,
  GrantFacts,
  GroupFacts,
  InvitationFacts,
  ProposalFacts,
} from '#core/charter/group-facts.ts';
import type { Proposable } from '#core/charter/decision-body.ts';
import type { DeviceId, GrantId, OpId, PrincipalId } from '#core/charter/ids.ts';
import type { OpBody } from '#core/charter/op-body.ts';
import type { RoleId, Rules } from '#core/charter/rules.ts';
import type { CharterView } from '#core/charter/view.ts';
import type { Millis } from '#core/ports.ts';
import type {
  Act,
  ActId,
  ActWords,
  Came,
  Dispute,
  HeldRole,
  Link,
  PersonId,
  ProposedAct,
  RoleState,
} from './group-api.ts';

export interface Ground {
  readonly charter: Charter;
  readonly view: CharterView;
  readonly group: GroupFacts;
}

/** Delegations followed to show why somebody holds a role. */
const MAX_LINKS = 64;

export function personOf(principal: PrincipalId): PersonId {
  return principal as string as PersonId;
}

export function principalOf(person: PersonId): PrincipalId {
  return person as string as PrincipalId;
}

/** Roles that somebody holds now, and by whom they came to them. */
export function heldRoles(ground: Ground, principal: PrincipalId): readonly HeldRole[] {
  const grants = (ground.group.members.get(principal)?.roles ?? []).flatMap((id) => ground.group.grants.get(id) ?? []);
  const held = new Map<RoleId, HeldRole>();
  for (const grant of [...grants].sort(bySeniority)) {
    if (grant.role !== undefined && !held.has(grant.role)) {
      held.set(grant.role, { role: grant.role, why: linksOf(ground, grant) });
    }
  }
  return [...held.values()];
}

function bySeniority(a: GrantFacts, b: GrantFacts): number {
  return a.seniority.delegation - b.seniority.delegation || a.seniority.depth - b.seniority.depth;
}

function linksOf({ charter, group }: Ground, grant: GrantFacts): readonly Link[] {
  const links: Link[] = [];
  let next: GrantFacts | undefined = grant;
  while (next !== undefined && links.length < MAX_LINKS) {
    if (next.vote !== undefined) return [...links, { is: 'vote', signers: signersOf(group, next.vote) }];
    const op = charter.ops.get(next.op);
    if (op === undefined || op.depth === 0) return [...links, { is: 'founding' }];
    const from: GrantFacts | undefined = next.from === undefined ? undefined : group.grants.get(next.from);
    links.push({ is: 'given', by: personOf(op.principal), as: from?.role });
    next = from;
  }
  return links;
}

function signersOf(group: GroupFacts, proposal: OpId): readonly PersonId[] {
  return group.proposals.find(({ op }) => op === proposal)?.signers.map(personOf) ?? [];
}

export function cameOf(group: GroupFacts, came: CameBy): Came {
  switch (came.by) {
    case 'founding':
      return { by: 'founding' };
    case 'vote':
      return { by: 'vote', signers: signersOf(group, came.proposal) };
    default:
      return { by: came.by, from: personOf(came.from) };
  }
}

export function rolesOf({ group }: Ground, me: PrincipalId | undefined): readonly RoleState[] {
  return group.rules.roles.map(({ id, label, can }) => {
    const holders = group.scopes.get(id as never)?.principals ?? [];
    return { id, label, can, holders: holders.map(personOf), mine: me !== undefined && holders.includes(me) };
  });
}

export function disputesOf({ group }: Ground): readonly Dispute[] {
  return group.disputes.map(({ stood, fell, why }) => ({ stood: actId(stood), fell: actId(fell), why }));
}

/** A role ends when one of the grants of it does; the words need the person and the role. */
function grantOf(
  ground: Ground,
  id: GrantId,
): { readonly on: PrincipalId; readonly role: RoleId | undefined } | undefined {
  const known = ground.group.grants.get(id);
  if (known !== undefined) return known;
  // Void grants are not among the facts, and acts about them are told all the same.
  const maker = ground.charter.ops.get(id.slice(0, 64) as OpId);
  const grant = maker?.grants.find((made) => made.id === id);
  return grant?.kind === 'role' || grant?.kind === 'membership' ? grant : undefined;
}

/** When an act was first seen here, and on which device that is: what it made itself it saw when it was made. */
export interface ActTimes {
  readonly at: (op: OpId) => Millis | undefined;
  readonly device: DeviceId;
}

export function historyOf(ground: Ground, times: ActTimes): readonly Act[] {
  return ground.group.history.flatMap((act) => {
    const words = wordsOf(ground, act);
    if (words === undefined) return [];
    const dated = act.device === times.device ? 'made' : 'seen';
    const at = times.at(act.op);
    return [{ id: actId(act.op), by: personOf(act.by), what: words, fate: fateOf(act), at, dated }];
  });
}

function fateOf({ fate }: ActFacts): Act['fate'] {
  switch (fate.is) {
    case 'unread':
      return 'not-understood';
    case 'outdone':
      return 'void';
    case 'standing':
      return 'stands';
    default:
      return fate.is;
  }
}

function wordsOf(ground: Ground, { op, by }: ActFacts): ActWords | undefined {
  const placed = ground.charter.ops.get(op);
  if (placed === undefined || placed.isUninterpreted) return { is: 'not-understood' };
  return bodyWords(ground, { op, by: personOf(by), body: placed.signed.op.body });
}

interface Told {
  readonly op: OpId;
  readonly by: PersonId;
  readonly body: OpBody;
}

function bodyWords(ground: Ground, { op, by, body }: Told): ActWords | undefined {
  switch (body.type) {
    case 'genesis':
      return { is: 'founded' };
    case 'join':
      return { is: 'joined', person: by };
    case 'leave': {
      const role = body.role === undefined ? undefined : grantOf(ground, body.role)?.role;
      return role === undefined ? { is: 'left' } : { is: 'resigned-role', person: by, role: labelOf(ground, role) };
    }
    case 'unleave':
      return { is: 'came-back' };
    case 'invite':
      return { is: 'invited', role: body.role && labelOf(ground, body.role), uses: body.uses };
    case 'grant':
      return body.act === 'role'
        ? { is: 'gave-role', person: personOf(body.on), role: labelOf(ground, body.role) }
        : { is: 'admitted', person: personOf(`${op}00` as PrincipalId) };
    case 'revoke':
      return revokedWords(ground, body.grant);
    case 'device':
      return { is: body.act === 'add' ? 'device-added' : 'device-ended', person: by };
    case 'equivocation':
      return { is: 'caught-lying', person: deviceOwner(ground, body.device) ?? by };
    case 'charter':
      return { is: 'changed-rules', from: rulesBefore(ground, op), to: body.rules };
    case 'relays':
      return { is: 'changed-relays' };
    case 'card':
      return { is: 'published-card' };
    case 'propose':
      return { is: 'proposed', act: proposedOf(ground, body.act) };
    case 'endorse': {
      const proposal = ground.charter.ops.get(body.proposal)?.signed.op.body;
      const act = proposal?.type === 'propose' ? proposedOf(ground, proposal.act) : undefined;
      return { is: body.counted === undefined ? 'endorsed' : 'decided', act };
    }
    // Bookkeeping that nobody reads: how far chains stand, new keys.
    default:
      return undefined;
  }
}

function revokedWords(ground: Ground, id: GrantId): ActWords {
  const grant = grantOf(ground, id);
  if (grant === undefined) return { is: 'withdrew-invitation' };
  const person = personOf(grant.on);
  return grant.role === undefined
    ? { is: 'removed', person }
    : { is: 'took-role', person, role: labelOf(ground, grant.role) };
}

function deviceOwner({ view }: Ground, device: string): PersonId | undefined {
  const owner = view.devices.get(device as never)?.principal;
  return owner === undefined ? undefined : personOf(owner);
}

/** A role that the rules do not know any more keeps its short name. */
function labelOf({ group }: Ground, role: RoleId): string {
  return group.rules.roles.find(({ id }) => id === role)?.label ?? role;
}

function rulesBefore({ charter, group }: Ground, op: OpId): Rules {
  const under = charter.ops.get(op)?.signed.op.under;
  const body = under === undefined ? undefined : charter.ops.get(under)?.signed.op.body;
  if (body?.type === 'genesis' && body.kind === 'group') return body.rules;
  return body?.type === 'charter' ? body.rules : group.rules;
}

/** What was put to the vote, as the screens' own word; `undefined` for acts they have none for. */
export function proposedOf(ground: Ground, act: Proposable): ProposedAct | undefined {
  switch (act.type) {
    case 'charter':
      return { do: 'change-rules', rules: act.rules };
    case 'grant':
      return act.act === 'role'
        ? { do: 'give-role', person: personOf(act.on), role: act.role }
        : { do: 'admit', knock: act.device };
    case 'revoke': {
      const grant = grantOf(ground, act.grant);
      if (grant === undefined) return undefined;
      const person = personOf(grant.on);
      return grant.role === undefined ? { do: 'remove', person } : { do: 'take-role', person, role: grant.role };
    }
    default:
      return undefined;
  }
}

export function invitationState({ isOpen, joined, uses }: InvitationFacts): 'open' | 'used-up' | 'withdrawn' {
  if (isOpen) return 'open';
  return joined.length >= uses ? 'used-up' : 'withdrawn';
}

export function proposalState({ completedBy, isOpen }: ProposalFacts): 'open' | 'decided' | 'over' {
  return completedBy !== undefined ? 'decided' : isOpen ? 'open' : 'over';
}

export function actId(op: OpId): ActId {
  return op as string as ActId;
}
