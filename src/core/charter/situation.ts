// All ops of a space that were ever placed, with their contests settled, carried on op by op. Most ops change nothing
// about others, and most pasts hold all that was ever disputed: then what is settled for all holds for them too, and
// nothing is settled anew. Whatever is not sure to be so is worked out from the beginning (charter/SPEC.md §4).

import { isVoteOpen, makeEffective, settleContests, type Effective, type Settled } from './contests.ts';
import { note } from './course.ts';
import { actOf, newMemberKey } from './grants.ts';
import type { OpId, SpaceId } from './ids.ts';
import { isIn, type Course, type Log, type Past, type Placed } from './past.ts';
import { pastSight, wholeOf, type Sight } from './sight.ts';
import { Situation } from './held.ts';
import type { Standing } from './standing.ts';
import { Trouble, troubleIn } from './trouble.ts';
import { isMark, usesOf } from './uses.ts';

/** Situations of pasts that had to be worked out by themselves, by what is newest in them. */
const MAX_APART = 64;

/** Takes in an op that was placed just now. */
export function grow(course: Course, space: SpaceId, op: Placed): void {
  note(course, op);
  if (course.whole !== undefined) wholeIn(course, space).add(op);
}

function wholeIn(course: Course, space: SpaceId): Whole {
  course.whole ??= new Whole(course, space);
  return course.whole as Whole;
}

/** How things stood in a past. Fixed for ever, since a past is. */
export function situationIn(log: Log, past: Past): Situation {
  return wholeIn(log.course, log.space).before(past);
}

/** How things stand in a log. */
export function situationOf(log: Log): Situation {
  return wholeIn(log.course, log.space).of(log);
}

class Whole {
  readonly #course: Course;
  readonly #log: Log;
  readonly #apart = new Map<string, Situation>();
  #settled: Settled | undefined;
  #effective: readonly Effective[] = [];
  #trouble = new Trouble();

  constructor(course: Course, space: SpaceId) {
    this.#course = course;
    this.#log = { space, ops: course.placed, notable: course.notable, course };
  }

  before(past: Past): Situation {
    const has = (op: Placed): boolean => isIn(past, op);
    const settled = this.#settledNow();
    if (this.#trouble.isIn(has)) return new Situation(this.#log, settled, has);
    return this.#workedOut(keyOf(past), () => pastSight(this.#log, past));
  }

  of(log: Log): Situation {
    // What is settled is carried on with later ops; these are left out here as of any smaller set.
    const has = (op: Placed): boolean => log.ops.get(op.id) === op;
    const settled = this.#settledNow();
    const isAll = log.ops.size === this.#course.placed.size;
    if (isAll || this.#trouble.isIn(has)) return new Situation(this.#log, settled, has);
    return this.#workedOut([...log.ops.keys()].sort().join(), () => ({ ...wholeOf(log), has }));
  }

  #workedOut(key: string, look: () => Sight): Situation {
    const known = this.#apart.get(key);
    if (known !== undefined) return known;
    const sight = look();
    const situation = new Situation(this.#log, settleContests(sight), sight.has);
    const [oldest] = this.#apart.keys();
    if (this.#apart.size >= MAX_APART) this.#apart.delete(oldest!);
    this.#apart.set(key, situation);
    return situation;
  }

  #settledNow(): Settled {
    if (this.#settled !== undefined) return this.#settled;
    const sight = wholeOf(this.#log);
    const settled = settleContests(sight);
    this.#settled = settled;
    this.#trouble = troubleIn(sight, settled);
    const { standing, first, effective } = settled;
    const charters = [...effective].filter((op) => actOf(op).type === 'charter');
    const shared = { sight, undone: new Set<OpId>() };
    const acts = effective as Set<Placed>;
    this.#effective = [{ ...shared, standing, acts, charters, first }];
    // In the first pass votes end nothing; whatever else becomes effective from now on does so in both.
    if (first !== standing) {
      this.#effective = [
        ...this.#effective,
        { ...shared, standing: first, acts: new Set(acts), charters: [...charters], first: undefined },
      ];
    }
    return settled;
  }

  /** Carries on, if the op changes nothing about those that were there; else all is worked out when asked for. */
  add(op: Placed): void {
    const settled = this.#settled;
    if (settled === undefined) return;
    // Whatever a key that several bring in has signed, legal or not, shows whose it is.
    const twins = this.#course.newcomers.get(op.signed.op.device);
    if (twins !== undefined && twins.length > 1) return this.#forget();
    if (!op.isLegal && !op.isUninterpreted) return;
    const { standing, first } = settled;
    if (this.#trouble.hasScarce && op.isLegal && isMark(op)) return this.#forget();
    if (this.#isDelicate(op, standing)) return this.#forget();
    const stands = standing.stands(op);
    if (first !== standing && stands !== first.stands(op)) return this.#forget();
    if (!stands) {
      if (op.isLegal && isAct(op)) return this.#forget();
      this.#trouble.addVoid(op, [standing, first]);
      return;
    }
    if (op.isLegal && isAct(op)) this.#addAct(op);
  }

  #forget(): void {
    this.#settled = undefined;
  }

  /** Not to be judged by what is settled: whoever ended themself spares what others saw, and others see ever more. */
  #isDelicate(op: Placed, standing: Standing): boolean {
    if (this.#trouble.isSparing) return true;
    const ends = standing.endsAgainst(op);
    return ends.length > 0 && ends.some(({ by, isSelfInflicted }) => isSelfInflicted && !isIn(by.past, op));
  }

  #addAct(op: Placed): void {
    if (!this.#isCalm(op)) return this.#forget();
    for (const effective of this.#effective) {
      const isFirst = effective.standing !== this.#settled!.standing;
      if (op.vote !== undefined) {
        if (isFirst) continue;
        if (!isVoteOpen(op, effective)) return this.#forget();
      }
      if (isEffective(op)) effective.standing.calmly(() => makeEffective(op, effective));
    }
  }

  /** Whether an act that stands takes nothing from anything that was there, at whatever stage it is looked at. */
  #isCalm(op: Placed): boolean {
    const { body } = op.signed.op;
    if (body.type === 'unleave' || (op.vote !== undefined && this.#effective.length < 2)) return false;
    if (body.type === 'equivocation' && this.#settled!.standing.endsOf(op.targets[0]!).length > 0) return false;
    const isRules = actOf(op).type === 'charter';
    if ((isRules || op.vote !== undefined) && !this.#hasSeenAll(op)) return false;
    if (body.type === 'join' && this.#isScarce(op)) return false;
    const key = newMemberKey(op);
    if (key !== undefined && (this.#course.newcomers.get(key) ?? []).length > 1) return false;
    return op.targets.every((target) => this.#hasSeenRest(op, target));
  }

  #isScarce(join: Placed): boolean {
    const { body } = join.signed.op;
    const invite = body.type === 'join' ? this.#course.placed.get(body.invite) : undefined;
    return invite === undefined || (this.#course.joins.get(invite) ?? []).length > usesOf(invite);
  }

  #hasSeenAll(op: Placed): boolean {
    return [...this.#course.heads].every((head) => head === op || isIn(op.past, head));
  }

  #hasSeenRest(op: Placed, target: string): boolean {
    const resting = [this.#course.byTarget.get(target) ?? [], this.#course.joinsByTarget.get(target) ?? []];
    return resting.every((ops) => ops.every((by) => by === op || isIn(op.past, by)));
  }
}

/** Whether an op takes part in contests. */
function isAct(op: Placed): boolean {
  const { body } = op.signed.op;
  if (body.type === 'rotate') return body.admits.length > 0;
  return isEffective(op) || body.type === 'join' || newMemberKey(op) !== undefined;
}

/** Whether an op becomes one of the effective acts. */
function isEffective(op: Placed): boolean {
  const { body } = op.signed.op;
  return op.targets.length > 0 || op.vote !== undefined || body.type === 'charter' || body.type === 'unleave';
}

/** A past is named by each device's newest ops in it. */
function keyOf(past: Past): string {
  return past
    .all()
    .flat()
    .map(({ id }) => id)
    .sort()
    .join();
}
