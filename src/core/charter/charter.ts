// The charter log: a set of verified ops, of which everything else is a pure function (charter/SPEC.md §4).

import type { OpId, SpaceId } from './ids.ts';
import type { VerifiedOp } from './op.ts';
import { newCourse } from './course.ts';
import { byOrder, isIn, isNotable, type Course, type Log, type Placed } from './past.ts';
import { place } from './structure.ts';
import { grow } from './situation.ts';

/** Immutable. Equal sets of ops give equal logs, whatever the order of arrival. */
export interface Charter extends Log {
  /** Ops whose whole past is here and which are structurally sound. */
  readonly ops: ReadonlyMap<OpId, Placed>;
  /** Ops nothing else names yet, ascending. */
  readonly heads: readonly OpId[];
  /** Ops that wait for a parent, oldest first. */
  readonly waiting: ReadonlyMap<OpId, VerifiedOp>;
  /** The last few steps in which this log grew, newest last: lets a view be carried on instead of made anew. */
  readonly steps: readonly Step[];
}

/** `from` stands for an earlier charter without keeping it alive; the last step's `to` stands for this one. */
export interface Step {
  readonly from: object;
  readonly to: object;
  readonly added: readonly Placed[];
}

/** `refused`: structurally bad, or on top of what is; not kept. */
export type OpOutcome = 'added' | 'waiting' | 'known' | 'refused';

/** Steps that are remembered. Somebody who looks less often pays for a whole fold. */
const MAX_STEPS = 8;
/** Ops that wait at a time; the oldest gives way and is asked for again. A flood costs no more than this. */
export const MAX_WAITING = 1_000;

/** A log that takes the genesis of `space` and no other. */
export function emptyCharter(space: SpaceId): Charter {
  return { space, ops: new Map(), notable: [], course: newCourse(), heads: [], waiting: new Map(), steps: [] };
}

export function addOp(charter: Charter, op: VerifiedOp): { readonly charter: Charter; readonly outcome: OpOutcome } {
  const { charter: grown, outcomes } = addOps(charter, [op]);
  return { charter: grown, outcome: outcomes[0]! };
}

/** Many at once, in any order: much cheaper than one by one. */
export function addOps(
  charter: Charter,
  ops: readonly VerifiedOp[],
): { readonly charter: Charter; readonly outcomes: readonly OpOutcome[] } {
  if (ops.every(({ id }) => charter.ops.has(id))) return { charter, outcomes: ops.map(() => 'known') };
  const growth = new Growth(charter);
  const early = ops.filter((op) => !growth.takeReady(op));
  for (const op of parentsFirst(early)) growth.take(op);
  return { charter: growth.result(), outcomes: ops.map(({ id }) => growth.outcomeOf(id)) };
}

/** A log to which ops are added bit by bit: cheaper than by one `addOps` after the other, and nobody sees it half done. */
export interface Growing {
  take(op: VerifiedOp): void;
  /** As `take`, if all that it names are here already; else false. */
  takeReady(op: VerifiedOp): boolean;
  outcomeOf(id: OpId): OpOutcome;
  result(): Charter;
}

export function growing(charter: Charter): Growing {
  return new Growth(charter);
}

/**
 * So that none of them waits for another: a long log read from disk in any order is more than may wait. Each id is
 * looked up once; from then on ops are numbers.
 */
export function parentsFirst(ops: readonly VerifiedOp[]): readonly VerifiedOp[] {
  const places = new Map<OpId, number>();
  for (const [place, { id }] of ops.entries()) places.set(id, place);
  const ordered: VerifiedOp[] = [];
  // Of each op whether it was looked at. Of one that is there twice the later counts.
  const seen = ops.map(({ id }, place) => places.get(id) !== place);
  // A list, not recursion, as in `settle`. Ids are hashes: an op is never in its own past.
  const road: number[] = [];
  for (let first = 0; first < ops.length; first++) {
    if (!seen[first]) road.push(first);
    for (let place = road.pop(); place !== undefined; place = road.pop()) {
      const op = ops[place < 0 ? ~place : place]!;
      if (place < 0) {
        ordered.push(op);
        continue;
      }
      if (seen[place]) continue;
      seen[place] = true;
      // Comes again when its parents are done.
      road.push(~place);
      for (const parent of op.op.prev) {
        const at = places.get(parent);
        if (at !== undefined && !seen[at]) road.push(at);
      }
    }
  }
  return ordered;
}

/** Parents that waiting ops name and that are neither here nor waiting themselves, ascending. */
export function missingParents(charter: Charter): readonly OpId[] {
  const missing = new Set<OpId>();
  for (const { op } of charter.waiting.values()) {
    for (const parent of op.prev) {
      if (!charter.ops.has(parent) && !charter.waiting.has(parent)) missing.add(parent);
    }
  }
  return [...missing].sort();
}

/** A charter never changes; what is left for each of many devices asks for the same order again and again. */
const ordered = new WeakMap<Charter, readonly Placed[]>();

/** Ops in their order: each comes after its parents. */
export function orderedOps(charter: Charter): readonly Placed[] {
  let ops = ordered.get(charter);
  if (ops === undefined) ordered.set(charter, (ops = [...charter.ops.values()].sort(byOrder)));
  return ops;
}

/** Whether `ancestor` lies in the past of `op`, or is it. False when either is unknown. */
export function isInPast(charter: Charter, ancestor: OpId, op: OpId): boolean {
  const earlier = charter.ops.get(ancestor);
  const later = charter.ops.get(op);
  return earlier !== undefined && later !== undefined && isIn(later.past, earlier);
}

/** A log while ops are being added: the only place where one is changed, and nobody else sees it yet. */
class Growth implements Growing {
  readonly #space: SpaceId;
  readonly #course: Course;
  /** What was here before. */
  readonly #before: ReadonlyMap<OpId, Placed>;
  readonly #ops: Map<OpId, Placed>;
  readonly #notable: Placed[];
  readonly #heads: Set<OpId>;
  readonly #waiting: Map<OpId, VerifiedOp>;
  /** What is here so far, as it grows. */
  readonly #log: Log;
  readonly #children = new Map<OpId, Set<OpId>>();
  /** Of all but those that were added. */
  readonly #outcomes = new Map<OpId, OpOutcome>();
  readonly #steps: readonly Step[];
  readonly #added: Placed[] = [];

  constructor(charter: Charter) {
    this.#space = charter.space;
    this.#course = charter.course;
    this.#before = charter.ops;
    this.#ops = new Map(charter.ops);
    this.#notable = [...charter.notable];
    this.#heads = new Set(charter.heads);
    this.#waiting = new Map(charter.waiting);
    this.#steps = charter.steps;
    this.#log = { space: this.#space, ops: this.#ops, notable: this.#notable, course: this.#course };
    for (const op of this.#waiting.values()) this.#awaitParents(op);
  }

  take(op: VerifiedOp): void {
    if (this.#isNew(op)) this.#settle(op);
  }

  takeReady(op: VerifiedOp): boolean {
    if (!this.#hasParents(op)) return false;
    if (!this.#isNew(op)) return true;
    // The usual case: nothing is waiting for anything.
    if (this.#children.size > 0) this.#settle(op);
    else this.#place(op);
    return true;
  }

  #isNew({ id }: VerifiedOp): boolean {
    if (!this.#ops.has(id)) return !this.#outcomes.has(id);
    if (this.#before.has(id) && !this.#outcomes.has(id)) this.#outcomes.set(id, 'known');
    return false;
  }

  #hasParents({ op }: VerifiedOp): boolean {
    for (const parent of op.prev) if (!this.#ops.has(parent)) return false;
    return true;
  }

  outcomeOf(id: OpId): OpOutcome {
    return this.#outcomes.get(id) ?? (this.#ops.has(id) ? 'added' : 'refused');
  }

  result(): Charter {
    return {
      space: this.#space,
      ops: this.#ops,
      notable: this.#notable,
      course: this.#course,
      heads: [...this.#heads].sort(),
      waiting: this.#waiting,
      steps: [...this.#steps, { from: this.#steps.at(-1)?.to ?? {}, to: {}, added: this.#added }].slice(-MAX_STEPS),
    };
  }

  /** Places an op and then those that waited for it. A list, not recursion: a long log must not exhaust the stack. */
  #settle(first: VerifiedOp): void {
    const ready = [first];
    for (let op = ready.pop(); op !== undefined; op = ready.pop()) {
      // Two parents that came just now have each called for it.
      if (this.#ops.has(op.id)) continue;
      if (this.#hasParents(op)) {
        if (this.#place(op)) ready.push(...this.#waitingFor(op.id));
      } else if (op.op.prev.some((parent) => this.#outcomes.get(parent) === 'refused')) {
        // What was refused is not among them either.
        this.#refuse(op.id);
      } else this.#keepWaiting(op);
    }
  }

  /** Whether it has its place now, and is not refused. */
  #place(op: VerifiedOp): boolean {
    if (this.#waiting.size > 0) this.#waiting.delete(op.id);
    // Where an op goes follows from its past and never changes. As a rule no more was ever placed than is here.
    const { placed: ever } = this.#course;
    const known = ever.size > this.#ops.size ? ever.get(op.id) : undefined;
    const placed = known ?? place(this.#log, op);
    if (placed === undefined) this.#refuse(op.id);
    else this.#insert(placed, known === undefined);
    return placed !== undefined;
  }

  #insert(placed: Placed, isNew: boolean): void {
    this.#ops.set(placed.id, placed);
    if (isNew) grow(this.#course, this.#space, placed);
    this.#added.push(placed);
    // It may have been waiting.
    if (this.#outcomes.size > 0) this.#outcomes.delete(placed.id);
    for (const parent of placed.signed.op.prev) this.#heads.delete(parent);
    this.#heads.add(placed.id);
    if (isNotable(placed)) this.#notable.push(placed);
  }

  #waitingFor(parent: OpId): VerifiedOp[] {
    return [...(this.#children.get(parent) ?? [])].flatMap((id) => this.#waiting.get(id) ?? []);
  }

  #keepWaiting(op: VerifiedOp): void {
    if (!this.#outcomes.has(op.id)) this.#outcomes.set(op.id, 'waiting');
    if (this.#waiting.has(op.id)) return;
    this.#waiting.set(op.id, op);
    this.#awaitParents(op);
    if (this.#waiting.size <= MAX_WAITING) return;
    const [oldest] = this.#waiting.keys();
    this.#waiting.delete(oldest!);
  }

  #awaitParents(op: VerifiedOp): void {
    for (const parent of op.op.prev) {
      const children = this.#children.get(parent) ?? new Set<OpId>();
      this.#children.set(parent, children.add(op.id));
    }
  }

  /** Nothing on top of a structurally bad op can ever be placed. */
  #refuse(bad: OpId): void {
    const refused = [bad];
    for (let id = refused.pop(); id !== undefined; id = refused.pop()) {
      this.#outcomes.set(id, 'refused');
      this.#waiting.delete(id);
      refused.push(...this.#waitingFor(id).map((op) => op.id));
    }
  }
}
