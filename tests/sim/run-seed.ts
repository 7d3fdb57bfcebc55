// One world of pairs from beginning to end: people meet, a storm comes while they work, it passes, and all is looked at.

import { introduce, makeCast } from './cast.ts';
import { check, isSettled } from './checker.ts';
import { act } from './operations.ts';
import type { Planted } from './person.ts';
import { runStorm, type RunResult } from './run-world.ts';

const OPERATIONS_EACH = 300;
const PATIENCE = 180_000;
const LOOK = 6_000;

export interface SeedOptions {
  readonly planted?: Planted;
  readonly operationsEach?: number;
  /** Simulated time after the storm in which all must agree. */
  readonly patience?: number;
}

export async function runSeed(seed: number, options: SeedOptions = {}): Promise<RunResult> {
  const cast = makeCast(seed, options.planted);
  const { ledger } = cast;
  await introduce(cast);
  return runStorm({
    place: cast,
    cast: { ...cast, strikers: [cast.forger] },
    actsOf: () => options.operationsEach ?? OPERATIONS_EACH,
    act: (person) => act(person, cast.directory),
    operations: () => ledger.operations,
    isSettled: () => isSettled(cast),
    patience: () => options.patience ?? PATIENCE,
    look: LOOK,
    findings: async () => {
      for (const { mark } of [...ledger.messages.values(), ...ledger.words.values()]) cast.taint.words('text', mark);
      return check(cast);
    },
  });
}
