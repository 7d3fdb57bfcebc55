// A set of ops that has, with each op, its whole past: all of a log, or what one op had seen (charter/SPEC.md §4).

import { isIn, type Log, type Past, type Placed } from './past.ts';

export interface Sight {
  readonly log: Log;
  readonly has: (op: Placed) => boolean;
  /** Those that change who is in or by what rules; few, also in a long log. */
  readonly notable: () => readonly Placed[];
  readonly all: () => Iterable<Placed>;
}

export function wholeOf(log: Log): Sight {
  return { log, has: () => true, notable: () => log.notable, all: () => log.ops.values() };
}

export function pastSight(log: Log, past: Past): Sight {
  let notable: readonly Placed[] | undefined;
  const has = (op: Placed): boolean => isIn(past, op);
  return {
    log,
    has,
    notable: () => (notable ??= log.notable.filter(has)),
    all: () => [...log.ops.values()].filter(has),
  };
}
