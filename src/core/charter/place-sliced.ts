// Places a long log without holding up the one thread there is: in slices, with room to breathe between them.

import { WireError } from '../wire/wire-error.ts';
import { addOps, type Charter, type OpOutcome } from './charter.ts';
import type { VerifiedOp } from './op.ts';

export interface Slicing {
  /** Reads one op, several at the same time: verified, or `undefined`, or a `WireError`, when anything is false. */
  readonly read: (bytes: Uint8Array) => Promise<VerifiedOp | undefined> | VerifiedOp | undefined;
  /** Gives the thread back for a moment. */
  readonly breathe: () => Promise<void>;
  /** Whether this slice may go on. Without a clock a slice is a fixed number of ops. */
  readonly hasTime?: () => boolean;
}

export interface Placement {
  readonly charter: Charter;
  /** One for each op given; `refused` also for what could not be read. */
  readonly outcomes: readonly OpOutcome[];
}

/** Ops read before they are placed together: more would make a slice too long, fewer the whole. */
const BATCH = 64;
/** Ops read at the same time: verifying is done by the platform's threads, where it has any. */
const AT_ONCE = 16;

/** The same as reading all and placing them at once. Fastest when each op comes after its parents. */
export async function placeSliced(
  charter: Charter,
  encoded: Iterable<Uint8Array>,
  { read, breathe, hasTime }: Slicing,
): Promise<Placement> {
  const outcomes: OpOutcome[] = [];
  let grown = charter;
  let batch: (VerifiedOp | undefined)[] = [];
  const placeBatch = (): void => {
    const { charter: next, outcomes: placed } = addOps(
      grown,
      batch.filter((op) => op !== undefined),
    );
    const left = [...placed];
    for (const op of batch) outcomes.push(op === undefined ? 'refused' : left.shift()!);
    grown = next;
    batch = [];
  };
  let group: Uint8Array[] = [];
  const readGroup = async (): Promise<void> => {
    batch.push(...(await Promise.all(group.map((bytes) => readOrRefuse(read, bytes)))));
    group = [];
  };
  for (const bytes of encoded) {
    if (group.push(bytes) < AT_ONCE) continue;
    await readGroup();
    if (batch.length < BATCH && hasTime?.() !== false) continue;
    placeBatch();
    if (hasTime?.() !== true) await breathe();
  }
  await readGroup();
  placeBatch();
  return { charter: grown, outcomes };
}

async function readOrRefuse(read: Slicing['read'], bytes: Uint8Array): Promise<VerifiedOp | undefined> {
  try {
    return await read(bytes);
  } catch (fault) {
    if (fault instanceof WireError) return undefined;
    throw fault;
  }
}
