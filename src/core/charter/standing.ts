// Which ops stand, for a given set of effective ends: a recursion along the past (charter/SPEC.md §4.4).

import type { DeviceId, GrantId, OpId } from './ids.ts';
import { isIn, type Log, type Placed } from './past.ts';

/** What an effective act ends: a membership, or one device under one binding. */
export interface End {
  readonly by: Placed;
  readonly target: string;
  /** By the recovery key, by leaving, or by the device itself: it spares what others had seen. */
  readonly isSelfInflicted: boolean;
}

export function membershipTarget(membership: GrantId): string {
  return membership;
}

export function deviceTarget(binding: GrantId, device: DeviceId): string {
  return binding + device;
}

/** Grants of an op that are looked at before asking in earnest. Devices that added devices rarely go deeper. */
const QUICK_LOOK = 32;

/**
 * Answers for a set of ends that grows. An op stands iff it is legal or not interpreted, the ops that made its grants
 * stand, and every end of such a grant has it in its past, or spares it.
 */
export class Standing {
  readonly #log: Log;
  readonly #all: End[] = [];
  readonly #ends = new Map<string, End[]>();
  readonly #answers = new Map<Placed, boolean>();
  /** For each self-inflicted end: ops of others that lack it; what lies in their past is spared. */
  #witnesses = new Map<Placed, readonly Placed[]>();
  #isSettled = true;

  constructor(log: Log) {
    this.#log = log;
  }

  add(end: End): void {
    this.#all.push(end);
    const same = this.#ends.get(end.target);
    if (same === undefined) this.#ends.set(end.target, [end]);
    else same.push(end);
    this.#isSettled = false;
  }

  /** All effective ends. */
  ends(): readonly End[] {
    return this.#all;
  }

  /** The effective ends of one target. */
  endsOf(target: string): readonly End[] {
    return this.#ends.get(target) ?? [];
  }

  stands(op: Placed): boolean {
    const untouched = this.#untouched(op);
    if (untouched !== undefined) return untouched;
    if (!this.#isSettled) {
      this.#isSettled = true;
      this.#settleWitnesses();
    }
    return this.#judge(op);
  }

  /** The usual case: nothing that the op rests on was ended, so only legality counts. `undefined`: look closer. */
  #untouched(op: Placed): boolean | undefined {
    const rests = [op];
    for (let i = 0; i < rests.length; i++) {
      const next = rests[i]!;
      if (i === QUICK_LOOK || this.#endsAgainst(next).length > 0) return undefined;
      if (!isCounted(next)) return false;
      for (const granted of this.#grantOps(next)) if (!rests.includes(granted)) rests.push(granted);
    }
    return true;
  }

  #judge(op: Placed): boolean {
    // Bindings are looked up along the past, which is finite; a chain of them is as long as devices added devices.
    const path: Placed[] = [op];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const granted = this.#unansweredGrant(top);
      if (granted === undefined) {
        this.#answers.set(top, this.#answer(top));
        path.pop();
      } else path.push(granted);
    }
    return this.#answers.get(op)!;
  }

  #unansweredGrant(op: Placed): Placed | undefined {
    if (this.#answers.has(op)) return undefined;
    return this.#grantOps(op).find((granted) => !this.#answers.has(granted));
  }

  #grantOps(op: Placed): readonly Placed[] {
    const ops: Placed[] = [];
    for (const grant of op.signed.op.auth) {
      const granted = this.#log.ops.get(grant.slice(0, 64) as OpId);
      if (granted !== undefined && !ops.includes(granted)) ops.push(granted);
    }
    const under = op.signed.op.under;
    const rules = under === undefined ? undefined : this.#log.ops.get(under);
    if (rules !== undefined && !ops.includes(rules)) ops.push(rules);
    return ops;
  }

  #endsAgainst(op: Placed): readonly End[] {
    const [membership, binding] = op.signed.op.auth;
    if (this.#all.length === 0 || membership === undefined || binding === undefined) return [];
    const leaves = this.endsOf(membershipTarget(membership));
    const ends = this.endsOf(deviceTarget(binding, op.signed.op.device));
    return leaves.length === 0 ? ends : [...leaves, ...ends];
  }

  #answer(op: Placed): boolean {
    const known = this.#answers.get(op);
    if (known !== undefined) return known;
    if (!isCounted(op) || this.#grantOps(op).some((granted) => !this.#answers.get(granted))) return false;
    return this.#endsAgainst(op).every((end) => isIn(end.by.past, op) || this.#spares(end, op));
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
      const witnesses = end.isSelfInflicted ? witnessesOf(this.#log, end) : [];
      if (witnesses.length > 0) believed.set(end.by, witnesses);
    }
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
  }
}

/** An illegal op has no effect; one that is not interpreted may have had one for a newer app. */
function isCounted(op: Placed): boolean {
  return op.isLegal || op.isUninterpreted;
}

/** Depends on the log alone, and a log is looked at with many sets of ends. */
const candidates = new WeakMap<Log, Map<Placed, readonly Placed[]>>();

/**
 * Ops of others that lack an end, and have something in their past which only such an op can spare. Mostly none: what
 * an ended device did lies in the past of its end.
 */
function witnessesOf(log: Log, { by, target }: End): readonly Placed[] {
  const known = candidates.get(log) ?? new Map<Placed, readonly Placed[]>();
  candidates.set(log, known);
  let witnesses = known.get(by);
  if (witnesses === undefined) {
    const lost = opsBeyond(log, by, target);
    witnesses = lost.length === 0 ? [] : othersWith(log, by, lost);
    known.set(by, witnesses);
  }
  return witnesses;
}

/** Ops by what an end of theirs would be aimed at. */
const targets = new WeakMap<Log, ReadonlyMap<string, readonly Placed[]>>();

function opsByTarget(log: Log): ReadonlyMap<string, readonly Placed[]> {
  const known = targets.get(log);
  if (known !== undefined) return known;
  const ops = new Map<string, Placed[]>();
  for (const op of log.ops.values()) {
    const [membership, binding] = op.signed.op.auth;
    if (membership === undefined || binding === undefined) continue;
    for (const target of [membershipTarget(membership), deviceTarget(binding, op.signed.op.device)]) {
      const same = ops.get(target);
      if (same === undefined) ops.set(target, [op]);
      else same.push(op);
    }
  }
  targets.set(log, ops);
  return ops;
}

/** Ops resting on what is ended that the end has not seen, and that have not seen it. */
function opsBeyond(log: Log, by: Placed, target: string): readonly Placed[] {
  return (opsByTarget(log).get(target) ?? []).filter((op) => !isIn(by.past, op) && !isIn(op.past, by));
}

/** The earliest of the lost ops decides whether anything of them can be in somebody's past. */
function othersWith(log: Log, by: Placed, lost: readonly Placed[]): readonly Placed[] {
  const first = Math.min(...lost.map(({ depth }) => depth));
  const others: Placed[] = [];
  for (const op of log.ops.values()) {
    if (op.principal === by.principal || op.depth <= first || isIn(op.past, by)) continue;
    if (lost.some((early) => isIn(op.past, early))) others.push(op);
  }
  return others;
}
