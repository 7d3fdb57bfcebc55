// Places a long log without holding up the one thread there is: in slices, with room to breathe between them.

import { WireError } from '../wire/wire-error.ts';
import { growing, parentsFirst, type Charter, type Growing, type OpOutcome } from './charter.ts';
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
  let group: (Promise<VerifiedOp | undefined> | VerifiedOp | undefined)[] = [];
  const placeGroup = async (): Promise<void> => {
    for (const op of await Promise.all(group)) {
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
  return placementOf(charter, grown, ids);
}

function placementOf(charter: Charter, grown: Growing, ids: readonly (OpId | undefined)[]): Placement {
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
  const grown = growing(charter);
  const inOrder: VerifiedOp[] = [];
  // As a rule few come before a parent of theirs: only these have to be sorted.
  const early: VerifiedOp[] = [];
  const placeAll = async (some: readonly VerifiedOp[], mayWait: boolean): Promise<void> => {
    for (let i = 0; i < some.length; i++) {
      const op = some[i]!;
      if (mayWait && !grown.takeReady(op)) early.push(op);
      else {
        if (!mayWait) grown.take(op);
        inOrder.push(op);
      }
      const breath = i % AT_ONCE === 0 ? breathe() : undefined;
      if (breath !== undefined) await breath;
    }
  };
  await placeAll(ops, true);
  await placeAll(parentsFirst(early), false);
  const ids = inOrder.map(({ id }) => id);
  return { ...placementOf(charter, grown, ids), inOrder };
}

async function readOrRefuse<T>(read: Slicing<T>['read'], one: T): Promise<VerifiedOp | undefined> {
  try {
    return await read(one);
  } catch (fault) {
    if (fault instanceof WireError) return undefined;
    throw fault;
  }
}
