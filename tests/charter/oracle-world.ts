// The oracle’s contests: which acts of a set of ops become effective, and which ops stand by them. Everything is looked at
// anew after every step (SPEC §4.3, §4.4).

import type { DeviceId, GrantId, OpId } from '#core/charter/ids.ts';
import type { Rules } from '#core/charter/rules.ts';
import { byOrder, makerOf, makersOf, rulesOf, type Known, type Log } from './oracle-log.ts';
import { aimOf, byRank, find, isCarried, needs, type Rank } from './oracle-rank.ts';

/** What is known of each legal op besides: found once, by its own past. */
export interface Judged {
  readonly rank: Rank;
  /** Grants, and bindings with their device, that it ends. */
  readonly targets: readonly string[];
  readonly isOwnEnd: boolean;
  /** Of an endorsement that completes. */
  readonly vote: Ballot | undefined;
}

export interface Ballot {
  readonly proposal: Known;
  readonly signatures: readonly Known[];
  readonly signers: number;
  readonly needed: number;
}

interface Denial {
  readonly by: Known;
  readonly before: Rules;
  readonly after: Rules;
  readonly spared: ReadonlySet<OpId>;
}

/** What the acts that are effective so far do. */
interface Effects {
  readonly acts: Known[];
  readonly uses: Map<OpId, Set<OpId>>;
  readonly keys: Map<DeviceId, OpId>;
  readonly denials: Denial[];
  /** In the first pass a vote gives what it gives, and does nothing else. */
  readonly isFirst: boolean;
}

export const bindingTarget = (binding: GrantId, device: DeviceId): string => binding + device;

export function isCompleting({ op }: Known): boolean {
  return op.body.type === 'endorse' && op.body.counted !== undefined;
}

/** A device that an op makes a member of. */
export function newcomerOf({ act, op }: Known): DeviceId | undefined {
  if (act.type === 'join') return op.device;
  return act.type === 'grant' && act.act === 'admit' ? act.device : undefined;
}

/** A set of ops with the past of each, and what comes of it. */
export class World {
  readonly log: Log;
  readonly ops: readonly Known[];
  readonly #judged: ReadonlyMap<OpId, Judged>;
  readonly #legal: readonly Known[];
  readonly effective: ReadonlySet<OpId>;
  readonly acts: readonly Known[];
  readonly #effects: Effects;
  readonly #stands: ReadonlySet<OpId>;

  constructor(log: Log, ops: readonly Known[], judged: ReadonlyMap<OpId, Judged>) {
    this.log = log;
    this.ops = [...ops].sort(byOrder);
    this.#judged = judged;
    this.#legal = this.ops.filter(({ isLegal }) => isLegal);
    const hasVotes = this.#legal.some(isCompleting);
    const first = hasVotes ? this.#pass(undefined) : undefined;
    this.#effects = this.#pass(first === undefined ? undefined : this.#standing(first));
    this.acts = this.#effects.acts;
    this.effective = new Set(this.acts.map(({ id }) => id));
    this.#stands = this.#standing(this.#effects);
  }

  /** A completing endorsement that does not count is nothing. */
  stands(id: OpId): boolean {
    const known = this.log.get(id);
    if (known === undefined || known.isUnread || !isCompleting(known)) return this.#stands.has(id);
    return this.effective.has(id);
  }

  /** Whether what an op gives or says is so: for a vote, if it is effective. */
  makes(known: Known): boolean {
    if (known.isUnread) return false;
    return isCompleting(known) ? this.effective.has(known.id) : this.stands(known.id);
  }

  isEnded(target: string): boolean {
    return this.acts.some((act) => this.#of(act).targets.includes(target));
  }

  endsOf(target: string): readonly Known[] {
    return this.acts.filter((act) => this.#of(act).targets.includes(target));
  }

  #of(known: Known): Judged {
    return this.#judged.get(known.id)!;
  }

  get #byRank(): (a: Known, b: Known) => number {
    return byRank((known) => this.#of(known).rank);
  }

  #pass(first: ReadonlySet<OpId> | undefined): Effects {
    const isFirst = first === undefined && this.#legal.some(isCompleting);
    const effects: Effects = { acts: [], uses: new Map(), keys: new Map(), denials: [], isFirst };
    for (;;) {
      const now = this.#standing(effects);
      const proof = this.#firstOf(effects, now, (op) => op.op.body.type === 'equivocation');
      if (proof !== undefined) {
        this.#add(effects, proof);
        continue;
      }
      if (this.#takeKey(effects, now, false) || this.#takeUse(effects, now)) continue;
      const early =
        this.#firstOf(effects, now, isByPaper) ??
        this.#firstOf(effects, now, (op) => this.#isAgainstOneself(op) && !isUndone(effects, op)) ??
        (first === undefined ? undefined : this.#nextVote(effects, now, first));
      if (early === undefined && this.#takeKey(effects, now, true)) continue;
      const next =
        early ??
        this.#firstOf(effects, now, (op) => this.#isSingle(op) && !this.#isWithdrawal(op)) ??
        this.#firstOf(effects, now, (op) => this.#isSingle(op));
      if (next === undefined) return effects;
      this.#add(effects, next);
    }
  }

  #isSingle(known: Known): boolean {
    const { type } = known.op.body;
    return type === 'charter' || (type === 'revoke' && !this.#of(known).isOwnEnd);
  }

  /** Of an invitation that its author made. */
  #isWithdrawal({ op, author }: Known): boolean {
    const target = op.body.type === 'revoke' ? find(this.log, op.body.grant) : undefined;
    return target?.what === 'invitation' && target.on === author;
  }

  #isAgainstOneself(known: Known): boolean {
    const { body } = known.op;
    if (body.type === 'leave' || (body.type === 'revoke' && this.#of(known).isOwnEnd)) return true;
    return body.type === 'device' && body.act === 'end';
  }

  #firstOf(effects: Effects, now: ReadonlySet<OpId>, isOfKind: (known: Known) => boolean): Known | undefined {
    const open = this.#legal.filter((op) => isOfKind(op) && now.has(op.id) && this.#isOpen(effects, op));
    return open.sort(this.#byRank)[0];
  }

  /** Of proofs against one device only the first counts. */
  #isOpen({ acts }: Effects, known: Known): boolean {
    if (acts.includes(known)) return false;
    if (known.op.body.type !== 'equivocation') return true;
    const [target] = this.#of(known).targets;
    return !acts.some((act) => act.op.body.type === 'equivocation' && this.#of(act).targets.includes(target!));
  }

  #nextVote(effects: Effects, now: ReadonlySet<OpId>, first: ReadonlySet<OpId>): Known | undefined {
    const open = this.#legal.filter((op) => isCompleting(op) && now.has(op.id) && this.#isOpen(effects, op));
    const made = (id: OpId): boolean => {
      const maker = this.log.get(id)!;
      return isCompleting(maker) ? effects.acts.includes(maker) : now.has(id);
    };
    const isGood = ({ id, op }: Known): boolean =>
      first.has(id) && op.auth.every((grant) => made(makerOf(grant))) && made(op.under!);
    const counts = (known: Known): boolean => {
      const { proposal, signatures, needed } = this.#of(known).vote!;
      if (!isGood(known) || !isGood(proposal)) return false;
      return new Set(signatures.filter(isGood).map(({ author }) => author)).size >= needed;
    };
    const signers = (known: Known): number => this.#of(known).vote!.signers;
    return open.filter(counts).sort((a, b) => signers(b) - signers(a) || this.#byRank(a, b))[0];
  }

  /** Acts that show that somebody was taken for a member; weightiest first. */
  #marks(now: ReadonlySet<OpId>): readonly Known[] {
    const isMark = ({ act }: Known) => act.type === 'rotate' || (act.type === 'grant' && act.act === 'role');
    const isEnd = (op: Known) => op.act.type === 'revoke' && !this.#of(op).isOwnEnd;
    const letsIn = (op: Known) => isCarried(this.log, op, ['invite', 'admit'], rulesOf(this.log.get(op.op.under!))!);
    const classOf = (op: Known) => (isEnd(op) ? 1 : op.act.type === 'grant' || letsIn(op) ? 0 : 2);
    const marks = this.#legal.filter((op) => (isMark(op) || isEnd(op)) && now.has(op.id));
    return marks.sort((a, b) => classOf(a) - classOf(b) || this.#byRank(a, b));
  }

  /** Whether a mark is on who came by this op; nobody marks themself. */
  #isOn(mark: Known, came: Known): boolean {
    const membership = `${came.id}00` as GrantId;
    if (mark.author === membership) return false;
    if (mark.act.type === 'rotate') return mark.act.admits.includes(came.id);
    if (mark.act.type === 'grant') return mark.act.act === 'role' && mark.act.on === membership;
    return this.#of(mark).targets.includes(aimOf(this.log, membership));
  }

  #takeUse({ uses }: Effects, now: ReadonlySet<OpId>): boolean {
    const marks = this.#marks(now);
    const joins = this.#legal.filter(({ op }) => op.body.type === 'join');
    const open = joins.flatMap((join) => {
      const invite = this.inviteOf(join)!;
      const allowed = invite.op.body.type === 'invite' ? invite.op.body.uses : 0;
      const taken = uses.get(invite.id) ?? new Set<OpId>();
      const isContested = joins.filter((other) => this.inviteOf(other) === invite).length > allowed;
      if (!isContested || taken.size >= allowed || taken.has(join.id) || !now.has(join.id)) return [];
      const at = marks.findIndex((mark) => this.#isOn(mark, join) && !this.#cameBy(mark, invite));
      return [{ join, invite, at: at < 0 ? Infinity : at }];
    });
    const [next] = open.sort((a, b) => (a.at === b.at ? byOrder(a.join, b.join) : a.at - b.at));
    if (next === undefined) return false;
    uses.set(next.invite.id, new Set(uses.get(next.invite.id) ?? []).add(next.join.id));
    return true;
  }

  #cameBy(mark: Known, invite: Known): boolean {
    const came = this.log.get(makerOf(mark.author));
    return came?.op.body.type === 'join' && this.inviteOf(came) === invite;
  }

  /** A vote takes a key when it is added; while one comes first, others wait until no vote is left. */
  #takeKey({ keys, isFirst }: Effects, now: ReadonlySet<OpId>, isWithoutVotes: boolean): boolean {
    const all = this.#legal.filter((op) => newcomerOf(op) !== undefined);
    const twins = all.filter((op) => all.some((other) => other !== op && newcomerOf(other) === newcomerOf(op)));
    const isTakenUp = (op: Known) =>
      this.ops.some(
        ({ op: own, author, id }) => own.device === newcomerOf(op) && (author === `${op.id}00` || id === op.id),
      );
    const marks = this.#marks(now);
    const weightOf = (op: Known): number => {
      const at = marks.findIndex((mark) => this.#isOn(mark, op));
      return at < 0 ? marks.length : at;
    };
    const open = twins
      .filter((op) => !keys.has(newcomerOf(op)!) && now.has(op.id))
      .sort((a, b) => Number(isTakenUp(b)) - Number(isTakenUp(a)) || weightOf(a) - weightOf(b) || this.#byRank(a, b));
    const isVote = (op: Known) => isCompleting(op) && !isFirst;
    const next = open.find((op) => {
      const rivals = open.filter((other) => newcomerOf(other) === newcomerOf(op));
      return !isVote(op) && op === rivals.find((rival) => !isWithoutVotes || !isVote(rival));
    });
    if (next !== undefined) keys.set(newcomerOf(next)!, next.id);
    return next !== undefined;
  }

  #add(effects: Effects, act: Known): void {
    const charters = effects.acts.filter((other) => other.act.type === 'charter');
    const spared = new Set(effects.acts.map(({ id }) => id));
    effects.acts.push(act);
    const key = newcomerOf(act);
    if (isCompleting(act) && key !== undefined && !effects.keys.has(key)) effects.keys.set(key, act.id);
    if (act.act.type !== 'charter' || charters.some((other) => areConcurrent(other, act))) return;
    const before = rulesOf(this.log.get(act.op.under!))!;
    effects.denials.push({ by: act, before, after: act.act.rules, spared });
  }

  inviteOf({ op }: Known): Known | undefined {
    return op.body.type === 'join' ? this.log.get(op.body.invite) : undefined;
  }

  /**
   * Everything that stands by what is effective: witnesses are believed until they turn out void themselves. What rests
   * on a vote may be just what spares it: for witnesses votes give what they give, counted or not.
   */
  #standing(effects: Effects): ReadonlySet<OpId> {
    let believed: readonly Known[] = this.ops;
    for (;;) {
      const presumed = this.#standingBy({ ...effects, isFirst: true }, believed);
      const left = believed.filter(({ id }) => presumed.has(id));
      if (left.length === believed.length) return this.#standingBy(effects, believed);
      believed = left;
    }
  }

  #standingBy(effects: Effects, witnesses: readonly Known[]): ReadonlySet<OpId> {
    const standing = new Set<OpId>();
    // In order each op comes after all it rests on.
    for (const op of this.ops) if (this.#isUnharmed(op, { effects, witnesses, standing })) standing.add(op.id);
    return standing;
  }

  #isUnharmed(known: Known, look: Look): boolean {
    if (!known.isLegal && !known.isUnread) return false;
    if (known.op.body.type === 'genesis') return true;
    const { effects, standing } = look;
    const made = (maker: Known): boolean => {
      if (!isCompleting(maker)) return standing.has(maker.id);
      return effects.isFirst ? maker.isLegal : effects.acts.includes(maker);
    };
    const { body } = known.op;
    if (!makersOf(this.log, known).every(made)) return false;
    if (body.type === 'endorse' && !standing.has(body.proposal)) return false;
    const invite = this.inviteOf(known);
    if (invite !== undefined && !standing.has(invite.id)) return false;
    return !this.#isCutOff(known, look) && !this.#isCrowdedOut(known, effects) && !this.#isDenied(known, effects);
  }

  /** Something it cites was ended by an act that had not seen it, and nobody’s word spares it. */
  #isCutOff(known: Known, { effects, witnesses }: Look): boolean {
    const own = targetsOf(this.log, known);
    const invite = this.inviteOf(known);
    const host = invite === undefined ? [] : [makeInvitation(invite), ...targetsOf(this.log, invite)];
    return effects.acts.some((act) => {
      const { targets, isOwnEnd } = this.#of(act);
      if (act.past.has(known.id)) return false;
      if (!isOwnEnd && targets.some((target) => host.includes(target))) return true;
      if (!targets.some((target) => own.includes(target))) return false;
      const spares = (by: Known) => by.author !== act.author && !by.past.has(act.id) && by.past.has(known.id);
      return !isOwnEnd || !witnesses.some(spares);
    });
  }

  /** An invitation’s uses, or the key, went to others. */
  #isCrowdedOut(known: Known, { uses, keys }: Effects): boolean {
    const key = newcomerOf(known);
    if (key !== undefined && keys.has(key) && keys.get(key) !== known.id) return true;
    const invite = this.inviteOf(known);
    const taken = invite === undefined ? undefined : uses.get(invite.id);
    if (taken === undefined || invite?.op.body.type !== 'invite') return false;
    return taken.size >= invite.op.body.uses && !taken.has(known.id);
  }

  #isDenied(known: Known, { denials }: Effects): boolean {
    return denials.some(({ by, before, after, spared }) => {
      if (spared.has(known.id) || known === by || !areConcurrent(by, known)) return false;
      return needs(this.log, known).some(
        (anyOf) => !isCarried(this.log, known, anyOf, after) && isCarried(this.log, known, anyOf, before),
      );
    });
  }
}

interface Look {
  readonly effects: Effects;
  readonly witnesses: readonly Known[];
  readonly standing: ReadonlySet<OpId>;
}

export function areConcurrent(a: Known, b: Known): boolean {
  return !a.past.has(b.id) && !b.past.has(a.id);
}

/** What an op cites, as an end of it would be aimed. */
export function targetsOf(log: Log, known: Known): readonly string[] {
  return (known.found.targets ??= listTargets(log, known));
}

function listTargets(log: Log, { op }: Known): readonly string[] {
  const [membership, binding, ...roles] = op.auth;
  if (membership === undefined || binding === undefined) return [];
  return [aimOf(log, membership), bindingTarget(binding, op.device), ...roles.map((role) => aimOf(log, role))];
}

function makeInvitation({ id }: Known): string {
  return `${id}00`;
}

/** The recovery key ends devices and takes leaves back. */
function isByPaper({ op }: Known): boolean {
  const binding = op.auth[1];
  const isRecovery = binding !== undefined && Number.parseInt(binding.slice(64), 16) >= 128;
  return isRecovery && (op.body.type === 'unleave' || (op.body.type === 'device' && op.body.act === 'end'));
}

function isUndone({ acts }: Effects, known: Known): boolean {
  return acts.some(({ op }) => op.body.type === 'unleave' && op.body.leave === known.id);
}
