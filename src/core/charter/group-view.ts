// Makes what a view says about a group: members, grants and why, scopes, invitations, what was done (SPEC.md §6).

import { actOf, grantNamed, makerOf, targetOf } from './grants.ts';
import type { GroupGenesis } from './genesis-body.ts';
import type {
  CameBy,
  EndFacts,
  GrantFacts,
  GroupFacts,
  IncompleteRevocation,
  InvitationFacts,
  MemberFacts,
  ScopeFacts,
} from './group-facts.ts';
import { historyOf } from './history.ts';
import { EVERYONE, type GrantId, type PrincipalId, type Scope } from './ids.ts';
import type { Grant, Log, Placed } from './past.ts';
import { proposalsOf } from './proposals.ts';
import { scopeOf } from './rules.ts';
import type { Situation } from './situation.ts';
import { inviteOf } from './standing.ts';
import type { PrincipalFacts } from './view-facts.ts';

/** What a group's facts are made from. */
export interface Ground {
  readonly log: Log;
  readonly genesis: GroupGenesis;
  readonly situation: Situation;
  /** All ops in order. */
  readonly ops: readonly Placed[];
  readonly principals: readonly PrincipalFacts[];
}

export function groupFactsOf(ground: Ground): GroupFacts {
  const { genesis, situation, principals, ops } = ground;
  const standing = ops.filter((op) => !op.isUninterpreted && situation.standing.grants(op));
  const grants = grantsIn(ground, standing);
  const scopes = scopesIn(ground);
  return {
    name: genesis.name,
    rules: situation.rules,
    charter: situation.charter.id,
    members: new Map(principals.map((facts) => [facts.id, memberOf(facts, ground)])),
    grants,
    scopes,
    invitations: standing.flatMap((op) => invitationOf(op, ground)),
    proposals: proposalsOf(ground),
    ...historyOf(ground),
    outsideCard: cardIn(standing),
    incomplete: incompleteIn(standing, ground),
  };
}

function memberOf({ id, isLive }: PrincipalFacts, ground: Ground): MemberFacts {
  const { log, situation } = ground;
  return {
    id,
    isLive,
    came: cameBy(makerOf(id, log)!, ground),
    roles: situation.rolesOf(id).map((grant) => grant.id),
    ends: endsOf(id, ground),
  };
}

function cameBy(op: Placed, { log }: Ground): CameBy {
  if (op.depth === 0) return { by: 'founding' };
  const invite = inviteOf(op, { log });
  if (invite !== undefined) return { by: 'invitation', invitation: invite.id, from: invite.principal };
  if (op.vote !== undefined) return { by: 'vote', proposal: op.vote.proposal.id };
  return { by: 'admission', from: op.principal };
}

/** What ended a grant. */
function endsOf(id: GrantId, { situation, log }: Pick<Ground, 'situation' | 'log'>): readonly EndFacts[] {
  return situation.standing.endsOf(targetOf(id, log)).map(({ by, isSelfInflicted }) => {
    const act = actOf(by);
    const isCascade = act.type === 'revoke' && targetOf(act.grant, log) !== targetOf(id, log);
    const direct = by.vote !== undefined ? 'voted' : isSelfInflicted ? 'left' : 'revoked';
    return {
      op: by.id,
      by: by.vote === undefined ? by.principal : undefined,
      how: isCascade ? 'cascade' : direct,
    };
  });
}

function grantsIn(ground: Ground, standing: readonly Placed[]): ReadonlyMap<GrantId, GrantFacts> {
  const facts = new Map<GrantId, GrantFacts>();
  for (const op of standing) {
    for (const grant of op.grants) {
      if (grant.kind !== 'invitation') facts.set(grant.id, factsOf(grant, op, ground));
    }
  }
  return facts;
}

function factsOf(grant: Grant, op: Placed, ground: Ground): GrantFacts {
  const { situation } = ground;
  const { id, on, role, from, seniority } = grant;
  const isLive = role === undefined ? situation.isMember(id) : situation.rolesOf(on).some((held) => held.id === id);
  const vote = op.vote?.proposal.id;
  return { id, op: op.id, on, role, from, vote, seniority, isLive, ends: endsOf(id, ground) };
}

function scopesIn({ situation, principals }: Ground): ReadonlyMap<Scope, ScopeFacts> {
  const scopes = new Map<Scope, ScopeFacts>();
  for (const scope of [EVERYONE, ...situation.rules.roles.map(({ id }) => scopeOf(id))]) {
    const readers = principals.filter(({ id, isLive }) => isLive && situation.isReader(id, scope));
    const devices = readers.flatMap((reader) => reader.devices.filter(({ isLive }) => isLive));
    scopes.set(scope, {
      scope,
      principals: readers.map(({ id }) => id),
      devices: devices.map(({ device }) => device),
    });
  }
  return scopes;
}

function invitationOf(op: Placed, { situation, ops, log }: Ground): readonly InvitationFacts[] {
  const { body } = op.signed.op;
  if (body.type !== 'invite') return [];
  const joined = ops.filter((join) => inviteOf(join, { log }) === op && situation.standing.stands(join));
  const isOpen = joined.length < body.uses && situation.isInviting(op);
  const { key, role, uses } = body;
  const grant = op.grants[0]!.id;
  return [
    { op: op.id, grant, key, by: op.principal, role, uses, joined: joined.map(({ principal }) => principal), isOpen },
  ];
}

function cardIn(standing: readonly Placed[]): GroupFacts['outsideCard'] {
  const op = standing.findLast((made) => actOf(made).type === 'card');
  const card = op === undefined ? undefined : actOf(op);
  return card?.type === 'card' ? { ...card, op: op!.id } : undefined;
}

/** Scopes that somebody lost, which neither the revocation nor a completing frontier speaks of. */
function incompleteIn(standing: readonly Placed[], { log, situation }: Ground): readonly IncompleteRevocation[] {
  const completed = new Set(
    standing.flatMap(({ signed }) => {
      const { body } = signed.op;
      return body.type === 'frontier' ? body.frontier.map(({ scope }) => `${body.revoke} ${scope}`) : [];
    }),
  );
  return situation.settled.effective.flatMap((op) => {
    const act = actOf(op);
    const target = act.type === 'revoke' ? grantNamed(act.grant, log) : undefined;
    if (target === undefined || target.kind === 'invitation') return [];
    return lostScopes(target, log, situation)
      .filter((scope) => !completed.has(`${op.id} ${scope}`) && !isReaderNow(op.principal, scope, situation))
      .map((scope) => ({ revoke: op.id, on: target.on, scope }));
  });
}

function isReaderNow(principal: PrincipalId, scope: Scope, situation: Situation): boolean {
  return situation.isReader(principal, scope);
}

/** Scopes of the roles that went with what was ended. */
function lostScopes(target: Grant, log: Log, { sight }: Situation): readonly Scope[] {
  if (target.role !== undefined) return [scopeOf(target.role)];
  const roles = sight
    .notable()
    .flatMap(({ grants }) => grants.filter(({ kind, on }) => kind === 'role' && on === target.on));
  return [...new Set(roles.map(({ role }) => scopeOf(role!)))];
}
