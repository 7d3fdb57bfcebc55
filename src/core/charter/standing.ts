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

/**
 * Answers for one set of ends. An op stands iff it is legal or not interpreted, the ops that made its grants stand,
 * and every end of such a grant has it in its past, or spares it.
 */
export class Standing {
  readonly #log: Log;
  readonly #all: readonly End[];
  readonly #ends = new Map<string, End[]>();
  readonly #answers = new Map<Placed, boolean>();
  /** For each self-inflicted end: ops of others that lack it; what lies in their past is spared. */
  #witnesses = new Map<Placed, readonly Placed[]>();

  constructor(log: Log, ends: readonly End[]) {
    this.#log = log;
    this.#all = ends;
    for (const end of ends) {
      const same = this.#ends.get(end.target) ?? [];
      this.#ends.set(end.target, [...same, end]);
    }
    this.#settleWitnesses(ends.filter((end) => end.isSelfInflicted));
  }

  stands(op: Placed): boolean {
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

  /** All effective ends. */
  ends(): readonly End[] {
    return this.#all;
  }

  /** The effective ends of one target. */
  endsOf(target: string): readonly End[] {
    return this.#ends.get(target) ?? [];
  }

  #unansweredGrant(op: Placed): Placed | undefined {
    if (this.#answers.has(op)) return undefined;
    return this.#grantOps(op).find((granted) => !this.#answers.has(granted));
  }

  #grantOps(op: Placed): readonly Placed[] {
    const ids = new Set([...op.signed.op.auth.map((grant) => grant.slice(0, 64) as OpId), op.signed.op.under]);
    return [...ids].flatMap((id) => (id === undefined ? [] : (this.#log.ops.get(id) ?? [])));
  }

  #answer(op: Placed): boolean {
    if (this.#answers.has(op)) return this.#answers.get(op)!;
    if (!op.isLegal && !op.isUninterpreted) return false;
    if (this.#grantOps(op).some((granted) => !this.#answers.get(granted))) return false;
    const [membership, binding] = op.signed.op.auth;
    if (membership === undefined || binding === undefined) return true;
    const ends = [
      ...this.endsOf(membershipTarget(membership)),
      ...this.endsOf(deviceTarget(binding, op.signed.op.device)),
    ];
    return ends.every((end) => isIn(end.by.past, op) || this.#spares(end, op));
  }

  #spares(end: End, op: Placed): boolean {
    return end.isSelfInflicted && (this.#witnesses.get(end.by) ?? []).some((witness) => isIn(witness.past, op));
  }

  /**
   * Who is spared depends on which witnesses stand, and these may be spared themselves. At first all candidates are
   * believed; those that turn out void are struck until none is left to strike. Striking only makes fewer ops stand,
   * so this ends, and with the same result in whatever order it is done.
   */
  #settleWitnesses(ends: readonly End[]): void {
    if (ends.length === 0) return;
    let candidates = new Map(ends.map((end) => [end.by, this.#othersLacking(end.by)]));
    for (;;) {
      this.#witnesses = candidates;
      this.#answers.clear();
      let hasStruck = false;
      const believed = new Map<Placed, readonly Placed[]>();
      for (const [end, witnesses] of candidates) {
        const standing = witnesses.filter((witness) => this.stands(witness));
        hasStruck ||= standing.length < witnesses.length;
        believed.set(end, standing);
      }
      if (!hasStruck) return;
      candidates = believed;
    }
  }

  #othersLacking(end: Placed): readonly Placed[] {
    const lacking: Placed[] = [];
    for (const op of this.#log.ops.values()) {
      if (op.principal !== end.principal && !isIn(op.past, end)) lacking.push(op);
    }
    return lacking;
  }
}
