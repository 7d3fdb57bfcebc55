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
import { EVERYONE, type GrantId, type Scope } from './ids.ts';
import { lazily } from './lazily.ts';
import { byOrder, type Grant, type Log, type Placed } from './past.ts';
import { proposalsOf } from './proposals.ts';
import { scopeOf } from './rules.ts';
import type { Situation } from './held.ts';
import { inviteOf } from './standing.ts';
import { mainEnds } from './targets.ts';
import type { PrincipalFacts } from './view-facts.ts';

/** What a group's facts are made from. */
export interface Ground {
  readonly log: Log;
  readonly genesis: GroupGenesis;
  readonly situation: Situation;
  /** All ops in order. */
  readonly ops: () => readonly Placed[];
  readonly principals: readonly PrincipalFacts[];
}

/**
 * Made when asked for, and once: a view is made after every op, and few ask it for everything. Own properties, so that
 * copies of a view have them.
 */
export function groupFactsOf(ground: Ground): GroupFacts {
  const { genesis, situation, log } = ground;
  const standing = lazily(() => ground.ops().filter((op) => !op.isUninterpreted && situation.standing.grants(op)));
  const members = lazily(() => new Map(ground.principals.map((facts) => [facts.id, memberOf(facts, ground)])));
  const grants = lazily(() => grantsIn(ground, standing()));
  const scopes = lazily(() => scopesIn(ground));
  const invitations = lazily(() => invitationsIn(ground));
  const proposals = lazily(() => proposalsOf({ log, situation, ops: ground.ops() }));
  const told = lazily(() => historyOf({ situation, ops: ground.ops() }));
  const outsideCard = lazily(() => cardIn(standing()));
  const incomplete = lazily(() => incompleteIn(standing(), ground));
  return {
    name: genesis.name,
    rules: situation.rules,
    charter: situation.charter.id,
    get members() {
      return members();
    },
    get grants() {
      return grants();
    },
    get scopes() {
      return scopes();
    },
    get invitations() {
      return invitations();
    },
    get proposals() {
      return proposals();
    },
    get history() {
      return told().history;
    },
    get disputes() {
      return told().disputes;
    },
    get outsideCard() {
      return outsideCard();
    },
    get incomplete() {
      return incomplete();
    },
  };
}

function memberOf({ id, isLive }: PrincipalFacts, ground: Ground): MemberFacts {
  const { log, situation } = ground;
  return {
    id,
    isLive,
    came: cameBy(makerOf(id, log)!, ground),
    roles: situation
      .rolesOf(id)
      .map((grant) => grant.id)
      .sort(),
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
  return mainEnds(situation.endsOf(targetOf(id, log))).map(({ by, isSelfInflicted }) => {
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

function invitationsIn({ situation, ops, log }: Ground): readonly InvitationFacts[] {
  return ops().flatMap((op) => {
    const { body } = op.signed.op;
    // One that is not interpreted gives nothing, though it stands.
    if (body.type !== 'invite' || op.isUninterpreted || !situation.standing.stands(op)) return [];
    const joins = (log.course.joins.get(op) ?? []).filter(
      (join) => situation.has(join) && situation.standing.stands(join),
    );
    const joined = joins.sort(byOrder).map(({ principal }) => principal);
    const isOpen = joined.length < body.uses && situation.isInviting(op);
    const { key, role, uses } = body;
    const spentBy = [...situation.standing.usesTaken(op)].flatMap(([join, mark]) =>
      mark === undefined ? [join.id] : [join.id, mark.id],
    );
    const said = { op: op.id, grant: op.grants[0]!.id, key, by: op.principal, role, uses };
    return [{ ...said, joined, spentBy, isOpen }];
  });
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
  const revocations = standing.filter((op) => situation.settled.effective.has(op));
  return revocations.flatMap((op) => {
    const act = actOf(op);
    const target = act.type === 'revoke' ? grantNamed(act.grant, log) : undefined;
    if (target === undefined || target.kind === 'invitation') return [];
    return lostScopes(target, log, situation)
      .filter((scope) => !completed.has(`${op.id} ${scope}`) && !situation.isReader(op.principal, scope))
      .map((scope) => ({ revoke: op.id, on: target.on, scope }));
  });
}

/** Scopes of the roles of whoever lost something: what they wrote there may be beyond it. */
function lostScopes(target: Grant, log: Log, situation: Situation): readonly Scope[] {
  const makers = (log.course.byHolder.get(target.on) ?? []).filter(
    (op) => situation.has(op) && situation.standing.grants(op),
  );
  const roles = makers.sort(byOrder).flatMap(({ grants }) => {
    return grants.flatMap(({ kind, on, role }) => (kind === 'role' && on === target.on ? [scopeOf(role!)] : []));
  });
  return [...new Set(roles)];
}
