// How long what people say to each other is kept where the rules of a group let it disappear (SPEC.md §4): by which
// time it counts, and for how many days. Which kinds these are: `VANISHING` in body.ts.

import { isInPast, type Charter } from '../charter/charter.ts';
import type { OpId } from '../charter/ids.ts';
import { lineageOf, rulesMadeBy } from '../charter/rules-made.ts';
import type { Millis } from '../ports.ts';
import { ItemReader } from '../wire/item-reader.ts';
import { WireError } from '../wire/wire-error.ts';
import { CLOCK_TOLERANCE } from './timeline.ts';

/** Bodies of these kinds begin with `v` and `at`, whatever follows; anything else counts from when it was heard. */
export function saidAt(body: Uint8Array, heardAt: Millis): Millis {
  const claimed = claimedTime(body);
  return Math.min(claimed ?? heardAt, heardAt + CLOCK_TOLERANCE) as Millis;
}

/** What a body says of when it was said. */
export function claimedTime(body: Uint8Array): number | undefined {
  try {
    const read = new ItemReader(body, 'said');
    read.map(MAX_FIELDS);
    read.key('v');
    read.uint();
    read.key('at');
    return read.uint();
  } catch (cause) {
    if (cause instanceof WireError) return undefined;
    throw cause;
  }
}

const MAX_FIELDS = 32;

/**
 * The days a message is kept, by the rules its author acted under; 0: for ever. The shortest of those and of all that
 * came into force since: longer ones later give nothing more time that was said before, and bring nothing back.
 */
export class Lives {
  readonly #charter: Charter;
  /** The rules in force now and those they took the place of, newest first. */
  readonly #lineage: readonly OpId[];
  readonly #known = new Map<OpId, number>();
  /** Most messages were said under the rules that the one before was. */
  #last: { readonly under: OpId; readonly days: number } | undefined;

  constructor(charter: Charter, inForce: OpId) {
    this.#charter = charter;
    this.#lineage = [...lineageOf(charter, inForce)];
  }

  /** 0 also where those rules are not here yet. */
  daysUnder(under: OpId): number {
    if (this.#last?.under === under) return this.#last.days;
    if (!this.#charter.ops.has(under)) return 0;
    let days = this.#known.get(under);
    if (days === undefined) this.#known.set(under, (days = this.#find(under)));
    this.#last = { under, days };
    return days;
  }

  /** Equal for two that say the same of every message. */
  get says(): string {
    return this.#lineage.map((op) => `${op} ${this.#daysBy(op)}`).join();
  }

  /** How long what is said now is kept; 0: for ever. */
  get daysNow(): number {
    return this.daysUnder(this.#lineage[0]!);
  }

  #find(under: OpId): number {
    const former = new Set(lineageOf(this.#charter, under));
    const since = this.#lineage.filter((op) => op === under || !(former.has(op) || this.#isBefore(op, under)));
    const limits = [under, ...since].map((op) => this.#daysBy(op)).filter((days) => days > 0);
    return limits.length === 0 ? 0 : Math.min(...limits);
  }

  #daysBy(op: OpId): number {
    return rulesMadeBy(this.#charter, op)?.history.retainDays ?? 0;
  }

  #isBefore(op: OpId, under: OpId): boolean {
    return isInPast(this.#charter, op, under);
  }
}
