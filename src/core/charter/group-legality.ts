// Whether somebody may do in a group what an op says, judged by the op's past alone (charter/SPEC.md §4.2).

import type { DeviceCut } from './body-parts.ts';
import type { Propose, Proposable } from './decision-body.ts';
import { actOf, bySeniority, grantNamed, grantsOf, isGranting, makerOf } from './grants.ts';
import type { Seniority } from './group-facts.ts';
import { EVERYONE, type Scope } from './ids.ts';
import { endsOf, illegalityOf, isByRecovery, isKeyKnown } from './legality.ts';
import type { Admit, FrontierOp, GrantRole, Invite, Join, Revoke } from './member-body.ts';
import { isIn, type Draft, type Log, type Placed, type Grant } from './past.ts';
import type { Illegality } from './refusal.ts';
import { authorityFor } from './rights.ts';
import { isVotingRole, powerfulRoles, roleOf, type RoleId, type Rules } from './rules.ts';
import type { Situation } from './held.ts';
import { situationIn } from './situation.ts';
import { revokedBy, type Revoking } from './cascade.ts';
import { voteOf } from './votes.ts';

/** Once so many may vote, who else may is put to the vote. */
export const FREE_VOTERS = 3;

/** What a judgment looks at. */
interface Case {
  readonly log: Log;
  readonly op: Placed;
  readonly before: Situation;
  readonly rules: Rules;
  /** What it is done by: `undefined` where a right it needs is not carried, and of a join. */
  readonly used: Grant | undefined;
}

/** Writes the judgment into the op. */
export function judgeInGroup(log: Log, op: Draft): void {
  const before = situationIn(log, op.past);
  if (op.isUninterpreted) return;
  const { body } = op.signed.op;
  // An endorsement with `counted` completes; what its proposal says is then what it does.
  if (body.type === 'endorse' && body.counted !== undefined) op.vote = voteOf(log, op, before);
  const { rules } = before;
  const used = body.type === 'join' ? undefined : authorityFor(op, rules, log);
  const looked: Case = { log, op, before, rules, used };
  // Authority and grants are needed of illegal ops too: what cites them must be read before it falls.
  if (body.type === 'join') grantJoin(log, op, body);
  else grantAct(looked, op);
  op.illegality = whyNot(looked);
  op.isLegal = op.illegality === undefined;
  ({ targets: op.targets, isOwnEnd: op.isOwnEnd } = endsIn(looked));
}

function grantAct({ log, before, used }: Case, op: Draft): void {
  op.authority = used?.seniority ?? grantNamed(op.principal, log)?.seniority ?? op.authority;
  const act = actIn(op);
  if (!isGranting(act)) return;
  const proposal = op.vote?.proposal.id;
  const delegation = 1 + (proposal === undefined ? op.authority.delegation : mostDelegated(before));
  const { id, depth, principal } = op;
  const from = proposal === undefined ? used?.id : undefined;
  op.grants = grantsOf(act, { id, depth, principal, delegation, from, proposal, invited: undefined });
}

function grantJoin(log: Log, op: Draft, body: Join): void {
  const invite = log.ops.get(body.invite);
  const invitation = invite?.signed.op.body;
  const from = invite?.grants[0]?.id;
  const delegation = 1 + (invite?.authority.delegation ?? 0);
  const { id, depth, principal } = op;
  const invited = invitation?.type === 'invite' ? invitation.role : undefined;
  op.grants = grantsOf(body, { id, depth, principal, delegation, from, proposal: undefined, invited });
  op.authority = op.grants[0]!.seniority;
}

function actIn(op: Placed): Proposable | Placed['signed']['op']['body'] {
  return op.vote === undefined ? op.signed.op.body : (op.vote.proposal.signed.op.body as Propose).act;
}

/** What is granted by vote is junior to every steward there is. */
function mostDelegated(before: Situation): number {
  let most = 0;
  for (const principal of before.holders()) {
    for (const grant of before.stewardGrantsOf(principal)) most = Math.max(most, grant.seniority.delegation);
  }
  return most;
}

function whyNot(looked: Case): Illegality | undefined {
  const { log, op, before, rules, used } = looked;
  const { body, under } = op.signed.op;
  if (under !== before.charter.id) return 'other-charter';
  if (body.type === 'join') return whyNotJoin(looked, body);
  // The recovery key takes back a leave, and nothing else can be done with what was ended.
  if (body.type !== 'unleave' && isAnyEnded(op.cited, before)) return 'ended';
  if (NEEDS_RIGHT.has(body.type)) {
    if (isByRecovery(op)) return 'wrong-key';
    if (used === undefined) return 'no-right';
  }
  switch (body.type) {
    case 'invite':
      return whyNotInvite(rules, body);
    case 'grant':
      return whyNotGrant(looked, body);
    case 'revoke':
      return whyNotRevoke(looked, body);
    case 'frontier':
      return isByRecovery(op) ? 'wrong-key' : whyNotComplete(looked, body);
    case 'endorse':
      return whyNotEndorse(looked);
    case 'propose':
      return whyNotPropose(looked, body);
    case 'charter':
      return speaksOfOwn(looked, body.frontier) ? undefined : 'not-a-reader';
    case 'card':
      return undefined;
    case 'rotate':
      return isByRecovery(op) ? 'wrong-key' : whyNotRotate(looked);
    case 'device':
      if (body.act === 'add' && [body.device, body.recovery].some((key) => key && isKeyKnown(log, op, key))) {
        return 'key-known';
      }
      return illegalityOf(log, op, rules.deviceCap);
    case 'void':
      return 'not-here';
    default:
      return illegalityOf(log, op, rules.deviceCap);
  }
}

function isAnyEnded(targets: readonly string[], before: Situation): boolean {
  for (const target of targets) if (before.isEnded(target)) return true;
  return false;
}

const NEEDS_RIGHT: ReadonlySet<string> = new Set([
  'invite',
  'grant',
  'revoke',
  'charter',
  'relays',
  'card',
  'propose',
  'endorse',
]);

/** By an invitation that is open in the past of the join, with a key that is new to the group. */
function whyNotJoin({ log, op, before }: Case, body: Join): Illegality | undefined {
  const invite = log.ops.get(body.invite);
  const invitation = invite?.signed.op.body;
  if (invite === undefined || invitation?.type !== 'invite' || !isIn(op.past, invite)) return 'no-target';
  if (invitation.key !== body.key || !before.isInviting(invite)) return 'no-target';
  const keys = [op.signed.op.device, body.recovery];
  return keys.some((key) => key !== undefined && isKeyKnown(log, op, key)) ? 'key-known' : undefined;
}

/** Roles over others are never handed out by a link. */
function whyNotInvite(rules: Rules, { role }: Invite): Illegality | undefined {
  if (role === undefined) return undefined;
  if (roleOf(rules, role) === undefined) return 'no-target';
  return powerfulRoles(rules).has(role) ? 'needs-vote' : undefined;
}

function whyNotGrant(looked: Case, body: Admit | GrantRole): Illegality | undefined {
  const { before, rules } = looked;
  const roles = body.act === 'role' ? [body.role] : body.roles;
  const isVoter = roles.some((role) => isVotingRole(roleOf(rules, role)));
  if (isVoter && before.electorate().size >= FREE_VOTERS) return 'needs-vote';
  return whyNotGiven(looked, body);
}

/** What holds of a grant by one person and by vote alike. */
function whyNotGiven({ log, op, before, rules }: Case, body: Admit | GrantRole): Illegality | undefined {
  const roles: readonly RoleId[] = body.act === 'role' ? [body.role] : body.roles;
  if (roles.some((role) => roleOf(rules, role) === undefined)) return 'no-target';
  if (body.act === 'role') return before.isMember(body.on) ? undefined : 'no-target';
  const keys = [body.device, body.recovery];
  return keys.some((key) => key !== undefined && isKeyKnown(log, op, key)) ? 'key-known' : undefined;
}

/** One's own, or what belongs to somebody whose every power over others is junior to the authority used. */
function whyNotRevoke(looked: Case, body: Revoke): Illegality | undefined {
  const { log, op, before } = looked;
  if (!speaksOfOwn(looked, body.frontier)) return 'not-a-reader';
  const target = targetIn(op, log, body);
  if (target === undefined) return 'no-target';
  if (target.on === op.principal) return body.cascade ? 'no-right' : undefined;
  return isJunior(before, target, op.authority) ? undefined : 'not-junior';
}

function targetIn(op: Placed, log: Log, { grant }: Revoke): Grant | undefined {
  const maker = makerOf(grant, log);
  return maker !== undefined && maker.isLegal && isIn(op.past, maker) ? grantNamed(grant, log) : undefined;
}

function isJunior(before: Situation, target: Grant, authority: Seniority): boolean {
  return before.stewardGrantsOf(target.on).every(({ seniority }) => bySeniority(authority, seniority) < 0);
}

/** For scopes that its author reads and the author of the revocation, or of the rules, did not. */
function whyNotComplete(looked: Case, body: FrontierOp): Illegality | undefined {
  const { log, op } = looked;
  const taking = log.ops.get(body.revoke);
  if (taking?.isLegal !== true || !isIn(op.past, taking)) return 'no-target';
  if (!endsGrants(taking) && actOf(taking).type !== 'charter') return 'no-target';
  return speaksOfOwn(looked, body.frontier) ? undefined : 'not-a-reader';
}

/** How far chains stand is for those to say who read them. */
function speaksOfOwn({ op, before }: Case, frontier: readonly DeviceCut[]): boolean {
  return frontier.every(({ scope }) => before.isReader(op.principal, scope));
}

function endsGrants({ targets, signed, vote }: Placed): boolean {
  return targets.length > 0 && (signed.op.body.type === 'revoke' || vote !== undefined);
}

/** A charter that contradicts itself was refused when it was read; roles and targets are looked at when it is done. */
function whyNotPropose(looked: Case, { act }: Propose): Illegality | undefined {
  if ('frontier' in act && !speaksOfOwn(looked, act.frontier)) return 'not-a-reader';
  return whyNotVoted(looked, act);
}

/** What holds of an act by vote, besides the signatures. A vote needs no right of its own and knows no seniors. */
function whyNotVoted(looked: Case, act: Proposable): Illegality | undefined {
  switch (act.type) {
    case 'grant':
      return whyNotGiven(looked, act);
    case 'revoke':
      return targetIn(looked.op, looked.log, act) === undefined ? 'no-target' : undefined;
    default:
      return undefined;
  }
}

function whyNotEndorse(looked: Case): Illegality | undefined {
  const { log, op, before } = looked;
  const { body } = op.signed.op;
  if (body.type !== 'endorse') return 'no-target';
  const proposal = log.ops.get(body.proposal);
  const proposed = proposal?.signed.op.body;
  if (proposal?.isLegal !== true || proposed?.type !== 'propose' || !isIn(op.past, proposal)) return 'no-target';
  if (body.counted === undefined) return undefined;
  const vote = op.vote;
  if (vote === undefined) return 'no-target';
  if (before.isDone(proposal)) return 'already-done';
  return vote.signers < vote.needed ? 'too-few-signers' : whyNotVoted(looked, proposed.act);
}

/** A role's readers make its keys, and cite the grant by which they are; every member makes those for everyone. */
function whyNotRotate({ log, op, rules }: Case): Illegality | undefined {
  const { body } = op.signed.op;
  if (body.type !== 'rotate') return 'not-a-reader';
  for (const { scope } of body.scopes) if (scope !== EVERYONE && !isReading(op, scope, rules)) return 'not-a-reader';
  for (const id of body.admits) {
    const join = log.ops.get(id);
    const isJoin = join?.isLegal === true && join.signed.op.body.type === 'join' && isIn(op.past, join);
    if (!isJoin) return 'no-target';
  }
  return undefined;
}

function isReading({ named }: Placed, scope: Scope, rules: Rules): boolean {
  const of = scope as string as RoleId;
  return named.some(({ role }) => role === of) && roleOf(rules, of) !== undefined;
}

function endsIn({ log, op, before }: Case): Pick<Placed, 'targets' | 'isOwnEnd'> {
  const act = actIn(op);
  if (act.type !== 'revoke') return endsOf(op, log);
  const revoking: Revoking = { log, op, before, isVoted: op.vote !== undefined };
  return revokedBy(act, revoking);
}
