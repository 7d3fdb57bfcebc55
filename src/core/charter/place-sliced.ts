// Places a long log without holding up the one thread there is: in slices, with room to breathe between them.

import { WireError } from '../wire/wire-error.ts';
import { growing, parentsFirst, type Charter, type OpOutcome } from './charter.ts';
import type { OpId } from './ids.ts';
import type { VerifiedOp } from './op.ts';

export interface Slicing<T> {
  /** Reads one op, several at the same time: verified, or `undefined`, or a `WireError`, when anything is false. */
  readonly read: (from: T) => Promise<VerifiedOp | undefined> | VerifiedOp | undefined;
  /** Gives the thread back for a moment; where it gives no promise, it is not time yet. */
  readonly breathe: () => Promise<void> | undefined;
  /** Whether this slice may go on. Without a clock a slice is a fixed number of ops. */
  readonly hasTime?: () => boolean;
}

export interface Placement {
  readonly charter: Charter;
  /** One for each op, in the order in which they were placed; `refused` also for what could not be read. */
  readonly outcomes: readonly OpOutcome[];
}

/**
 * Ops read at the same time: verifying is done by the platform's threads, where it has any. What is done here before that,
 * decoding and a look at new keys, takes up to a millisecond each.
 */
const AT_ONCE = 16;

/** The same as reading all and placing them at once. Each op must come after its parents: few may wait. */
export async function placeSliced<T>(
  charter: Charter,
  given: Iterable<T>,
  { read, breathe, hasTime }: Slicing<T>,
): Promise<Placement> {
  const grown = growing(charter);
  const ids: (OpId | undefined)[] = [];
  let group: Reading[] = [];
  const placeGroup = async (): Promise<void> => {
    // Where nothing is waited for nothing waits: five thousand promises take a while.
    for (const op of group.every(isRead) ? group : await Promise.all(group)) {
      if (op !== undefined) grown.take(op);
      ids.push(op?.id);
    }
    group = [];
  };
  for (const one of given) {
    group.push(readOrRefuse(read, one));
    if (group.length < AT_ONCE && hasTime?.() !== false) continue;
    await placeGroup();
    if (hasTime?.() !== true) await breathe();
  }
  await placeGroup();
  const outcomes = ids.map((id) => (id === undefined ? 'refused' : grown.outcomeOf(id)));
  const isNew = outcomes.some((outcome) => outcome !== 'known');
  return { charter: isNew ? grown.result() : charter, outcomes };
}

/** Verified ops in whatever order: what `addOps` does, in slices. Without `breathe` all at once. */
export async function placeLog(
  charter: Charter,
  ops: readonly VerifiedOp[],
  breathe: Slicing<VerifiedOp>['breathe'] = () => undefined,
): Promise<Placement & { readonly inOrder: readonly VerifiedOp[] }> {
  const inOrder = parentsFirst(charter, ops);
  return { ...(await placeSliced(charter, inOrder, { read: (op) => op, breathe })), inOrder };
}

type Reading = Promise<VerifiedOp | undefined> | VerifiedOp | undefined;

function isRead(op: Reading): op is VerifiedOp | undefined {
  return !(op instanceof Promise);
}

function readOrRefuse<T>(read: Slicing<T>['read'], one: T): Reading {
  try {
    const op = read(one);
    return op instanceof Promise ? op.catch(refuse) : op;
  } catch (fault) {
    return refuse(fault);
  }
}

function refuse(fault: unknown): undefined {
  if (!(fault instanceof WireError)) throw fault;
}
