// A second, naive implementation of the rule of groups, written from protocol §3 and charter/SPEC.md: whether each op is
// legal by its own past, and what a set of ops comes to. Slow on purpose.

import type { DeviceId, GrantId, OpId, SpaceId } from '#core/charter/ids.ts';
import type { OpBody } from '#core/charter/op-body.ts';
import type { VerifiedOp } from '#core/charter/op.ts';
import type { Rules } from '#core/charter/rules.ts';
import { givenBy, keep, pastOf, rulesOf, type Given, type Known, type Log } from './oracle-log.ts';
import { aimOf, carries, citedBy, compareRanks, find, isCarried, needs, powerful, type Rank } from './oracle-rank.ts';
import { isProof } from './oracle-proofs.ts';
import { State } from './oracle-state.ts';
import { bindingTarget, isCompleting, targetsOf, type Ballot, type Judged } from './oracle-world.ts';

const FREE_VOTERS = 3;

type Body<T extends OpBody['type']> = Extract<OpBody, { type: T }>;

/** What everybody should come to, by these ops. */
export function stateOfOps(
  space: SpaceId,
  ops: readonly VerifiedOp[],
): { readonly log: Log; readonly state: State } | undefined {
  const oracle = new Oracle();
  const log = keep(space, ops, (soFar, known) => oracle.judge(soFar, known));
  if (!log.has(space as string as OpId)) return undefined;
  return { log, state: new State(log, [...log.values()], oracle.judged) };
}

class Oracle {
  readonly judged = new Map<OpId, Judged>();
  /** Delegation of what each op gives, and by whose authority it does. */
  readonly #ranks = new Map<OpId, { readonly rank: Rank; readonly gives: number }>();
  readonly #states = new Map<string, State>();

  /** How things stood in the past of an op, without itself. */
  #before(log: Log, known: Known): State {
    const key = known.op.prev.join();
    const state = this.#states.get(key) ?? new State(log, pastOf(log, known), this.judged);
    this.#states.set(key, state);
    return state;
  }

  judge(log: Log, known: Known): boolean {
    if (known.op.body.type === 'genesis') {
      const rank = { delegation: 0, depth: 0, id: known.author };
      this.#ranks.set(known.id, { rank, gives: 0 });
      this.judged.set(known.id, { rank, targets: [], isOwnEnd: false, vote: undefined });
      return true;
    }
    const before = this.#before(log, known);
    const vote = isCompleting(known) ? this.#ballot(log, known, before) : undefined;
    const rank = this.#rankOf(log, known, before.rules);
    this.#ranks.set(known.id, { rank, gives: this.#delegation(log, known, { rank, before }) });
    const look = { log, known, before, rank, vote };
    const isLive = known.op.body.type === 'unleave' || citesNothingEnded(look);
    const isLegal = known.op.under === before.charter.id && isLive && this.#isLegal(look);
    this.judged.set(known.id, { rank, vote, ...this.#targets(look) });
    return isLegal;
  }

  #rankOfGrant(given: Given): Rank {
    return { delegation: this.#ranks.get(given.by.id)!.gives, depth: given.by.depth, id: given.id };
  }

  /** For each right it uses the most senior grant that carries it, and of these the least senior. */
  #rankOf(log: Log, known: Known, rules: Rules): Rank {
    if (known.op.body.type === 'join') {
      const gives = this.#delegation(log, known, undefined);
      return { delegation: gives, depth: known.depth, id: known.author };
    }
    const cited = citedBy(log, known).filter(({ what }) => what === 'member' || what === 'role');
    const seniorOf = (from: readonly Given[]) => from.map((given) => this.#rankOfGrant(given)).sort(compareRanks)[0];
    const used = needs(log, known);
    if (used.length === 0) return seniorOf(cited)!;
    const ranks = used.map((anyOf) =>
      seniorOf(cited.filter((given) => anyOf.some((right) => carries(given, right, rules)))),
    );
    if (ranks.some((rank) => rank === undefined)) return seniorOf(cited.filter(({ id }) => id === known.author))!;
    return (ranks as Rank[]).sort(compareRanks).at(-1)!;
  }

  #delegation(log: Log, known: Known, own: { readonly rank: Rank; readonly before: State } | undefined): number {
    const { body } = known.op;
    if (body.type === 'join') return 1 + (this.#ranks.get(body.invite)?.rank.delegation ?? 0);
    if (!isCompleting(known)) return 1 + own!.rank.delegation;
    const stewards = own!.before.stewardGrants().map((given) => this.#rankOfGrant(given).delegation);
    return 1 + Math.max(0, ...stewards);
  }

  #isLegal(look: Look): boolean {
    const { log, known, before } = look;
    const { body } = known.op;
    const isPaper = isPaperGrant(known.op.auth[1]);
    if (FOR_DEVICES.has(body.type) && isPaper) return false;
    if (!needs(log, known).every((anyOf) => isCarried(log, known, anyOf, before.rules))) return false;
    switch (body.type) {
      case 'invite':
        return body.role === undefined || (isRole(before, body.role) && !powerful(before.rules).has(body.role));
      case 'join':
        return this.#mayJoin(look, body);
      case 'grant':
        return this.#mayBeGiven(look, body) && (before.electorate().size < FREE_VOTERS || !givesVote(before, body));
      case 'revoke':
        return mayReach(look, body) && this.#mayRevoke(look, body);
      case 'frontier':
        return mayReach(look, body) && known.past.has(body.revoke) && takesAnything(log.get(body.revoke)!, this.judged);
      case 'charter':
        return mayReach(look, body);
      case 'card':
      case 'relays':
        return true;
      case 'rotate':
        return mayRotate(look, body);
      case 'propose':
        return this.#mayBeVoted(look, body.act);
      case 'endorse':
        return this.#mayEndorse(look, body);
      case 'device':
        return body.act === 'add' ? mayAdd(look, body) : mayEnd(look, body);
      case 'leave':
        return body.role === undefined || isOwnRole(look, body.role);
      case 'unleave':
        return isPaper && isOwnLeave(look, body.leave);
      case 'equivocation':
        return isProof(log, known, body);
      default:
        return false;
    }
  }

  #mayJoin({ log, known, before }: Look, body: Body<'join'>): boolean {
    const invite = log.get(body.invite);
    if (invite?.op.body.type !== 'invite' || !known.past.has(invite.id) || !invite.isLegal) return false;
    const { auth, device } = invite.op;
    const [membership, binding, ...roles] = auth as [GrantId, GrantId, ...GrantId[]];
    const grants = [membership, ...roles].map((grant) => aimOf(log, grant));
    const aims = [`${invite.id}00`, bindingTarget(binding, device), ...grants];
    const isOpen = before.world.stands(invite.id) && aims.every((target) => !before.world.isEnded(target));
    return isOpen && invite.op.body.key === body.key && areNew(log, known, [known.op.device, body.recovery]);
  }

  #mayBeGiven({ log, known, before }: Look, body: Body<'grant'>): boolean {
    const roles = body.act === 'role' ? [body.role] : body.roles;
    if (!roles.every((role) => isRole(before, role))) return false;
    return body.act === 'role' ? before.isMember(body.on) : areNew(log, known, [body.device, body.recovery]);
  }

  #mayRevoke(look: Look, body: Body<'revoke'>): boolean {
    const target = targetOf(look, body);
    if (target === undefined) return false;
    if (target.on === look.known.author) return !body.cascade;
    return this.#isJunior(look, target);
  }

  /** Every power of the holder over others is below the authority used. */
  #isJunior({ before, rank }: Look, { on }: Given): boolean {
    return before.stewardGrantsOf(on).every((given) => compareRanks(rank, this.#rankOfGrant(given)) < 0);
  }

  #mayBeVoted(look: Look, act: OpBody): boolean {
    if (act.type === 'grant') return this.#mayBeGiven(look, act);
    if (act.type === 'revoke') return mayReach(look, act) && targetOf(look, act) !== undefined;
    return act.type === 'charter' ? mayReach(look, act) : true;
  }

  #mayEndorse(look: Look, body: Body<'endorse'>): boolean {
    const { log, known, vote } = look;
    const proposal = log.get(body.proposal);
    if (proposal?.op.body.type !== 'propose' || !known.past.has(proposal.id) || !proposal.isLegal) return false;
    if (body.counted === undefined) return true;
    const isDone = look.before.world.acts.some(
      ({ op }) => op.body.type === 'endorse' && op.body.proposal === proposal.id,
    );
    return vote !== undefined && !isDone && vote.signers >= vote.needed && this.#mayBeVoted(look, proposal.op.body.act);
  }

  #ballot(log: Log, known: Known, before: State): Ballot | undefined {
    const body = known.op.body as Body<'endorse'>;
    const proposal = log.get(body.proposal);
    if (proposal?.op.body.type !== 'propose' || !known.past.has(proposal.id)) return undefined;
    const counted = (body.counted ?? []).map((id) => log.get(id));
    const isEndorsement = (by: Known | undefined): by is Known =>
      by?.op.body.type === 'endorse' && by.op.body.proposal === proposal.id && by.isLegal && known.past.has(by.id);
    if (!counted.every(isEndorsement)) return undefined;
    const then = this.#before(log, proposal);
    const isOfBoth = (by: Known) => then.electorate().has(by.author) && before.electorate().has(by.author);
    const isVoter = (by: Known) => !by.isUnread && isCarried(log, by, ['vote'], rulesOf(log.get(by.op.under!))!);
    const signatures = [proposal, ...counted, known].filter((by) => isOfBoth(by) && isVoter(by));
    const signers = new Set(signatures.map(({ author }) => author)).size;
    const { act } = proposal.op.body;
    const needed = Math.max(...[then, before].map((state) => neededOf(state, act)));
    return { proposal, signatures, signers, needed };
  }

  #targets(look: Look): Pick<Judged, 'targets' | 'isOwnEnd'> {
    const { known, vote } = look;
    const { act } = known;
    switch (act.type) {
      case 'leave':
        return { targets: [aimOf(look.log, act.role ?? known.author)], isOwnEnd: true };
      case 'equivocation':
        return { targets: [bindingTarget(act.binding, act.device)], isOwnEnd: false };
      case 'device':
        if (act.act === 'add') return { targets: [], isOwnEnd: false };
        return { targets: [bindingTarget(act.binding, act.device)], isOwnEnd: true };
      case 'revoke': {
        const target = find(look.log, act.grant);
        if (target === undefined || (isCompleting(known) && vote === undefined))
          return { targets: [], isOwnEnd: false };
        const isOwnEnd = vote === undefined && target.on === known.author && target.what !== 'invitation';
        const falling = act.cascade ? this.#cascade(look, target) : [target.id];
        return { targets: falling.map((grant) => aimOf(look.log, grant)), isOwnEnd };
      }
      default:
        return { targets: [], isOwnEnd: false };
    }
  }

  /** By depth: what was made citing something that falls, falls; but one’s own, seniors’, and what was voted. */
  #cascade(look: Look, target: Given): readonly GrantId[] {
    const { log, known, vote } = look;
    const falling = new Set<GrantId>([target.id]);
    const makers = pastOf(log, known).filter((op) => op.isLegal && !isCompleting(op));
    for (const maker of makers.sort((a, b) => a.depth - b.depth)) {
      const host = maker.op.body.type === 'join' ? log.get(maker.op.body.invite)! : undefined;
      const cited = host === undefined ? maker.op.auth : [...host.op.auth, `${host.id}00` as GrantId];
      if (!cited.some((grant) => falling.has(grant))) continue;
      for (const given of givenBy(log, maker).filter(({ what }) => what !== 'device' && what !== 'recovery')) {
        if (given.on !== known.author && (vote !== undefined || this.#isJunior(look, given))) falling.add(given.id);
      }
    }
    return [...falling];
  }
}

interface Look {
  readonly log: Log;
  readonly known: Known;
  readonly before: State;
  readonly rank: Rank;
  readonly vote: Ballot | undefined;
}

/** Membership, the device under its binding, roles. */
function citesNothingEnded({ log, known, before }: Look): boolean {
  return targetsOf(log, known).every((target) => !before.world.isEnded(target));
}

/** Everything but device keys, leaves taken back and proofs is for devices. */
const FOR_DEVICES: ReadonlySet<string> = new Set([
  'invite',
  'grant',
  'revoke',
  'frontier',
  'charter',
  'card',
  'relays',
  'rotate',
  'propose',
  'endorse',
  'leave',
]);

function isPaperGrant(binding: GrantId | undefined): boolean {
  return binding !== undefined && Number.parseInt(binding.slice(64), 16) >= 128;
}

function isRole({ rules }: State, role: string): boolean {
  return rules.roles.some(({ id }) => id === role);
}

function givesVote({ rules }: State, body: Body<'grant'>): boolean {
  const roles: readonly string[] = body.act === 'role' ? [body.role] : body.roles;
  return rules.roles.some(({ id, can }) => roles.includes(id) && can.includes('vote'));
}

/** Keys that no legal op in the past bound to anybody. */
function areNew(log: Log, known: Known, keys: readonly (DeviceId | undefined)[]): boolean {
  const bound = pastOf(log, known).flatMap((op) => (op.isLegal ? givenBy(log, op) : []));
  return keys.every((key) => key === undefined || bound.every(({ device }) => device !== key));
}

function mayReach(
  { known, before }: Look,
  body: { readonly frontier: readonly { readonly scope: string }[] },
): boolean {
  return body.frontier.every(({ scope }) => before.reads(known.author, scope));
}

function targetOf({ log, known }: Look, { grant }: Body<'revoke'>): Given | undefined {
  const target = find(log, grant);
  if (target === undefined || !known.past.has(target.by.id) || !target.by.isLegal) return undefined;
  return ['member', 'role', 'invitation'].includes(target.what) ? target : undefined;
}

/** Ends a grant, or makes rules. */
function takesAnything(known: Known, judged: ReadonlyMap<OpId, Judged>): boolean {
  if (!known.isLegal) return false;
  return known.act.type === 'charter' || (known.act.type === 'revoke' && judged.get(known.id)!.targets.length > 0);
}

function mayRotate({ log, known, before }: Look, { scopes, admits }: Body<'rotate'>): boolean {
  const roles = citedBy(log, known).map(({ role }) => role);
  const reads = (scope: string) => scope === 'everyone' || (roles.includes(scope) && isRole(before, scope));
  const isJoin = (join: Known | undefined) => join?.op.body.type === 'join' && join.isLegal && known.past.has(join.id);
  return scopes.every(({ scope }) => reads(scope)) && admits.every((id) => isJoin(log.get(id)));
}

function mayAdd(look: Look, { device, recovery }: Extract<Body<'device'>, { act: 'add' }>): boolean {
  const { log, known, before } = look;
  const legal = pastOf(log, known).filter((op) => op.isLegal);
  const own = legal.flatMap((op) => givenBy(log, op)).filter(({ on }) => on === known.author);
  if (!areNew(log, known, [device, recovery]) || device === recovery) return false;
  if (recovery !== undefined && own.some(({ what }) => what === 'recovery')) return false;
  const ended = legal.flatMap(({ op, author }) =>
    op.body.type === 'device' && op.body.act === 'end' && author === known.author ? [op.body.device] : [],
  );
  const devices = own.filter(({ what }) => what === 'member' || what === 'device').map((each) => each.device!);
  return new Set(devices.filter((each) => !ended.includes(each))).size < before.rules.deviceCap;
}

function mayEnd({ log, known }: Look, { binding, device }: Extract<Body<'device'>, { act: 'end' }>): boolean {
  const bound = find(log, binding);
  if (bound === undefined || !known.past.has(bound.by.id) || (bound.what !== 'member' && bound.what !== 'device'))
    return false;
  const isOurs = bound.on === known.author && bound.device === device;
  return isOurs && (isPaperGrant(known.op.auth[1]) || known.op.device === device);
}

function isOwnRole({ log, known }: Look, role: GrantId): boolean {
  const given = find(log, role);
  return given?.what === 'role' && given.on === known.author && known.past.has(given.by.id);
}

function isOwnLeave({ log, known }: Look, id: OpId): boolean {
  const leave = log.get(id);
  return leave?.op.body.type === 'leave' && known.past.has(id) && leave.author === known.author;
}

function neededOf(state: State, act: OpBody): number {
  const majority = Math.floor(state.electorate().size / 2) + 1;
  const { admit, revoke } = state.rules.quorum;
  const isPlain =
    act.type === 'grant' && act.act === 'admit' && !act.roles.some((role) => powerful(state.rules).has(role));
  const fixed = act.type === 'revoke' ? revoke : isPlain ? admit : 'majority';
  return fixed === 'majority' ? majority : Math.min(fixed, majority);
}
