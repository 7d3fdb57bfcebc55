// A set of ops that has, with each op, its whole past: all of a log, or what one op had seen (charter/SPEC.md §4).

import { lazily } from './lazily.ts';
import { byOrder, isIn, type Log, type Past, type Placed } from './past.ts';

export interface Sight {
  readonly log: Log;
  readonly has: (op: Placed) => boolean;
  /** Those that change who is in or by what rules, in order; few, also in a long log. */
  readonly notable: () => readonly Placed[];
  readonly all: () => Iterable<Placed>;
}

export function wholeOf(log: Log): Sight {
  const notable = lazily(() => [...log.notable].sort(byOrder));
  return { log, has: () => true, notable, all: () => log.ops.values() };
}

export function pastSight(log: Log, past: Past): Sight {
  const has = (op: Placed): boolean => isIn(past, op);
  const notable = lazily(() => log.notable.filter(has).sort(byOrder));
  return { log, has, notable, all: () => [...log.ops.values()].filter(has) };
}
