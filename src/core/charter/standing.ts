// Which ops stand, for a given set of effective acts: a recursion along the past (charter/SPEC.md §4.4).

import { byRank, newMemberKey } from './grants.ts';
import type { DeviceId } from './ids.ts';
import { byOrder, isIn, type Log, type Placed } from './past.ts';
import type { Voidness } from './refusal.ts';
import { carriersOf, rightsUsedBy } from './rights.ts';
import type { Rules } from './rules.ts';
import type { Sight } from './sight.ts';
import type { End } from './targets.ts';
import { witnessesOf } from './witnesses.ts';

/** A change of rules that takes rights: concurrent uses of them are void, unless effective before it. */
interface Denial {
  readonly by: Placed;
  readonly before: Rules;
  readonly after: Rules;
  readonly spared: ReadonlySet<Placed>;
}

/** Grants of an op that are looked at before asking in earnest. Devices that added devices rarely go deeper. */
const QUICK_LOOK = 32;
const NONE: readonly End[] = [];

/**
 * Answers for a set of effective acts that grows. An op stands iff it is legal or not interpreted, what it rests on
 * stands, and every end of a grant it cites has it in its past, or spares it.
 */
export class Standing {
  readonly #sight: Sight;
  /** Whether every completed vote counts for what it grants, and for nothing else: the first pass. */
  readonly #presumesVotes: boolean;
  readonly #all: End[] = [];
  readonly #ends = new Map<string, End[]>();
  readonly #denials: Denial[] = [];
  readonly #votes = new Set<Placed>();
  /** By invitation the joins that took its uses, and what shows best that somebody took them for a member. */
  readonly #uses = new Map<Placed, Map<Placed, Placed | undefined>>();
  /** By whose op a key that several would make a member of became one. */
  readonly #keys = new Map<DeviceId, Placed>();
  readonly #answers = new Map<Placed, boolean>();
  /** For each self-inflicted end: ops of others that lack it; what lies in their past is spared. */
  #witnesses = new Map<Placed, readonly Placed[]>();
  #isSettled = true;
  /** What was found out since the set of acts last changed anything. */
  readonly #verdicts = new Map<Placed, boolean>();
  #isCalm = false;
  /** While it is settled who bears witness, votes are believed: what rests on one may be what lets it count. */
  #believesVotes = false;

  constructor(sight: Sight, options: { readonly presumesVotes: boolean }) {
    this.#sight = sight;
    this.#presumesVotes = options.presumesVotes;
  }

  add(end: End): void {
    this.#all.push(end);
    const same = this.#ends.get(end.target);
    if (same === undefined) this.#ends.set(end.target, [end]);
    else same.push(end);
    this.#changed();
  }

  /** For acts that are known to change nothing about ops that were there. */
  calmly(run: () => void): void {
    this.#isCalm = true;
    run();
    this.#isCalm = false;
  }

  #changed(): void {
    if (this.#isCalm) return;
    this.#isSettled = false;
    this.#verdicts.clear();
  }

  deny(denial: Denial): void {
    this.#denials.push(denial);
    this.#changed();
  }

  /** A vote counts from now on. */
  count(vote: Placed): void {
    this.#votes.add(vote);
    this.#changed();
  }

  /** A join takes one of its invitation's uses. */
  use(invite: Placed, { join, mark }: { readonly join: Placed; readonly mark: Placed | undefined }): void {
    const taken = this.#uses.get(invite) ?? new Map<Placed, Placed | undefined>();
    this.#uses.set(invite, taken.set(join, mark));
    this.#changed();
  }

  /** A key makes one member only. */
  takeKey(key: DeviceId, op: Placed): void {
    this.#keys.set(key, op);
    this.#changed();
  }

  isKeyTaken(key: DeviceId): boolean {
    return this.#keys.has(key);
  }

  usesTaken(invite: Placed): ReadonlyMap<Placed, Placed | undefined> {
    return this.#uses.get(invite) ?? new Map<Placed, Placed | undefined>();
  }

  /** All effective ends. */
  ends(): readonly End[] {
    return this.#all;
  }

  /** The effective ends of one target. */
  endsOf(target: string): readonly End[] {
    return this.#ends.get(target) ?? NONE;
  }

  denials(): readonly Denial[] {
    return this.#denials;
  }

  isCounted(vote: Placed): boolean {
    return this.#votes.has(vote);
  }

  stands(op: Placed): boolean {
    const known = this.#verdicts.get(op);
    if (known !== undefined) return known;
    const verdict = this.#untouched(op) ?? this.#judged(op);
    this.#verdicts.set(op, verdict);
    return verdict;
  }

  #judged(op: Placed): boolean {
    if (!this.#isSettled) {
      this.#isSettled = true;
      this.#settleWitnesses();
    }
    return this.#judge(op);
  }

  /** Whether what an op makes stands: of a vote, only once it counts. */
  grants(op: Placed): boolean {
    return op.vote === undefined ? this.stands(op) : this.#isVoteGood(op);
  }

  /** Why an op that does not stand is void. */
  whyVoid(op: Placed): { readonly why: Voidness; readonly by: Placed | undefined } {
    const restless = op.rests.find((made) => !this.grants(made));
    const invite = inviteOf(op, this.#sight);
    const taken = invite === undefined ? undefined : this.#uses.get(invite);
    const end = foremost(this.endsAgainst(op).filter(({ by }) => !isIn(by.past, op)));
    if (end !== undefined) return { why: invite === undefined ? 'author-ended' : 'invitation-ended', by: end.by };
    if (invite !== undefined && taken !== undefined && !taken.has(op))
      return { why: 'uses-spent', by: [...taken.keys()].sort(byOrder)[0] };
    if (this.#isKeyLost(op)) return { why: 'key-taken', by: this.#keys.get(newMemberKey(op)!) };
    const denial = foremost(this.#denials.filter((taking) => this.#isDenied(op, taking)));
    if (denial !== undefined) return { why: 'right-taken', by: denial.by };
    if (restless !== undefined) return { why: 'rests-on-void', by: restless };
    return { why: 'signers-void', by: undefined };
  }

  /** Everything that, by itself, keeps an op from standing; not what it rests on. */
  felledBy(op: Placed): readonly Placed[] {
    const ends = this.endsAgainst(op).filter(({ by }) => !isIn(by.past, op));
    const denials = this.#denials.filter((denial) => this.#isDenied(op, denial));
    return [...ends, ...denials].map(({ by }) => by);
  }

  #isVoteGood(op: Placed): boolean {
    return this.#presumesVotes || this.#believesVotes ? op.isLegal : this.#votes.has(op);
  }

  /** The usual case: nothing that the op rests on was ended, so only legality counts. `undefined`: look closer. */
  #untouched(op: Placed): boolean | undefined {
    const rests = [op];
    for (let i = 0; i < rests.length; i++) {
      const next = rests[i]!;
      const known = i === 0 || this.#believesVotes ? undefined : this.#verdicts.get(next);
      if (known === false) return false;
      if (known === true) continue;
      if (i === QUICK_LOOK || this.#isTouched(next)) return undefined;
      if (!isCounted(next)) return false;
      for (const made of next.rests) {
        if (made.vote !== undefined) {
          if (!this.#isVoteGood(made)) return false;
          continue;
        }
        if (!rests.includes(made)) rests.push(made);
      }
    }
    return true;
  }

  #isTouched(op: Placed): boolean {
    const isContested = this.#denials.length > 0 || this.#uses.size > 0 || this.#keys.size > 0;
    return isContested || this.endsAgainst(op).length > 0;
  }

  #judge(op: Placed): boolean {
    // What an op rests on is looked up along the past, which is finite; chains of grants may be long.
    const path: Placed[] = [op];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const made = this.#answers.has(top) ? undefined : top.rests.find((rest) => !this.#answers.has(rest));
      if (made === undefined) {
        this.#answers.set(top, this.#answer(top));
        path.pop();
      } else path.push(made);
    }
    return this.#answers.get(op)!;
  }

  #answer(op: Placed): boolean {
    const known = this.#answers.get(op);
    if (known !== undefined) return known;
    if (!isCounted(op) || this.#rest(op) || !this.#hasUse(op) || this.#isKeyLost(op)) return false;
    if (this.#denials.some((denial) => this.#isDenied(op, denial))) return false;
    return this.endsAgainst(op).every((end) => isIn(end.by.past, op) || this.#spares(end, op));
  }

  /** Whether something that the op rests on is void. */
  #rest(op: Placed): boolean {
    return op.rests.some((made) => {
      return made.vote === undefined ? !this.#answers.get(made) : !this.#isVoteGood(made);
    });
  }

  #hasUse(op: Placed): boolean {
    const invite = inviteOf(op, this.#sight);
    const taken = invite === undefined ? undefined : this.#uses.get(invite);
    const body = invite?.signed.op.body;
    return taken === undefined || body?.type !== 'invite' || taken.size < body.uses || taken.has(op);
  }

  #isKeyLost(op: Placed): boolean {
    const key = this.#keys.size === 0 ? undefined : newMemberKey(op);
    const taken = key === undefined ? undefined : this.#keys.get(key);
    return taken !== undefined && taken !== op;
  }

  #isDenied(op: Placed, { by, before, after, spared }: Denial): boolean {
    const used = rightsUsedBy(op, this.#sight.log);
    if (used.length === 0 || spared.has(op) || isIn(by.past, op) || isIn(op.past, by)) return false;
    return used.some((right) => carriersOf(op, right, after).length === 0 && carriersOf(op, right, before).length > 0);
  }

  /** Every effective end of something that an op cites, whether it has the op in its past or not. */
  endsAgainst(op: Placed): readonly End[] {
    if (this.#all.length === 0) return NONE;
    const invite = inviteOf(op, this.#sight);
    if (invite === undefined) return this.#endsOfAll(op.cited);
    // Who joins is another principal than who ended themself, and lacks the end: spared in any case.
    const against = [...invite.grants.map(({ target }) => target), ...invite.cited];
    return this.#endsOfAll(against).filter(({ isSelfInflicted }) => !isSelfInflicted);
  }

  /** Asked of every op again and again: mostly nothing was ended, and nothing is made. */
  #endsOfAll(targets: readonly string[]): readonly End[] {
    let found = NONE;
    for (const target of targets) {
      const ends = this.#ends.get(target);
      if (ends !== undefined) found = found.length === 0 ? ends : [...found, ...ends];
    }
    return found;
  }

  #spares(end: End, op: Placed): boolean {
    return end.isSelfInflicted && (this.#witnesses.get(end.by) ?? []).some((witness) => isIn(witness.past, op));
  }

  /**
   * Who is spared depends on which witnesses stand, and these may be spared themselves. At first all candidates are
   * believed; those that turn out void are struck until none is left to strike. Striking only makes fewer ops stand,
   * so this ends, and with the same result in whatever order it is done.
   */
  #settleWitnesses(): void {
    let believed = new Map<Placed, readonly Placed[]>();
    for (const end of this.#all) {
      const witnesses = end.isSelfInflicted ? witnessesOf(this.#sight, end) : [];
      if (witnesses.length > 0) believed.set(end.by, [...(believed.get(end.by) ?? []), ...witnesses]);
    }
    this.#believesVotes = true;
    for (let hasStruck = true; hasStruck;) {
      this.#witnesses = believed;
      this.#answers.clear();
      hasStruck = false;
      const standing = new Map<Placed, readonly Placed[]>();
      for (const [end, witnesses] of believed) {
        const left = witnesses.filter((witness) => this.#untouched(witness) ?? this.#judge(witness));
        hasStruck ||= left.length < witnesses.length;
        standing.set(end, left);
      }
      believed = standing;
    }
    this.#believesVotes = false;
    this.#answers.clear();
  }
}

/** An illegal op has no effect; one that is not interpreted may have had one for a newer app. */
function isCounted(op: Placed): boolean {
  return op.isLegal || op.isUninterpreted;
}

/** The invitation that a join names. */
export function inviteOf(op: Placed, { log }: { readonly log: Pick<Log, 'ops'> }): Placed | undefined {
  const { body } = op.signed.op;
  return body.type === 'join' ? log.ops.get(body.invite) : undefined;
}

/** Of several causes the most senior is told, whichever was looked at first. */
function foremost<Cause extends { readonly by: Placed }>(causes: readonly Cause[]): Cause | undefined {
  return [...causes].sort((a, b) => byRank(a.by, b.by))[0];
}
