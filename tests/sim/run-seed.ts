// One seed from beginning to end: people meet, a storm comes while they work, it passes, and everything is looked at.

import { introduce, makeCast, PEOPLE, type Cast } from './cast.ts';
import { check, isSettled, type Findings } from './checker.ts';
import type { FaultKind } from './faults.ts';
import { act } from './operations.ts';
import type { Planted } from './person.ts';
import { Storm } from './storm.ts';

export const OPERATIONS_EACH = 300;
/** How long the storm lasts; long enough for relay nodes to come and go under the people. */
const STORM = 20_000;
/** How long after it everybody may take to agree, and how often it is looked whether they do. */
const PATIENCE = 180_000;
const LOOK = 6_000;

export interface SeedResult {
  readonly seed: number;
  readonly trace: string;
  readonly operations: number;
  readonly events: number;
  readonly faults: Record<FaultKind, number>;
  readonly counts: Readonly<Record<string, number>>;
  /** Simulated time until all agreed. */
  readonly agreedAfter: number;
  readonly findings: Findings;
}

export interface SeedOptions {
  readonly planted?: Planted;
  readonly operationsEach?: number;
  /** Simulated time after the storm in which all must agree. */
  readonly patience?: number;
}

export async function runSeed(seed: number, options: SeedOptions = {}): Promise<SeedResult> {
  const cast = makeCast(seed, options.planted);
  const { world, ledger } = cast;
  await introduce(cast);
  const storm = new Storm(cast);
  storm.start(STORM);
  const each = options.operationsEach ?? OPERATIONS_EACH;
  for (const person of cast.people) schedule(cast, person, each);
  await world.pass(STORM);
  // Whoever was locked out for long has the rest of their day's work before them.
  while (ledger.operations < each * PEOPLE) await world.pass(500);
  await storm.end();
  const healedAt = world.now;
  do await world.pass(LOOK);
  while (world.now - healedAt < (options.patience ?? PATIENCE) && !(await isSettled(cast)));
  await world.stillness();
  return {
    seed,
    trace: world.trace,
    operations: ledger.operations,
    events: world.events,
    faults: world.faults.counts(),
    counts: Object.fromEntries([...world.counts].sort()),
    agreedAfter: world.now - healedAt,
    findings: await check(cast),
  };
}

/** Somebody's operations, spread over the storm; one who is locked out waits. */
function schedule(cast: Cast, person: Cast['people'][number], count: number): void {
  let left = count;
  const pace = Math.floor((STORM * 2) / count);
  const next = (): void => {
    cast.world.after(person.dice.roll(pace), 'act', () => {
      if (person.session === undefined) {
        next();
        return;
      }
      act(person, cast.directory);
      if (--left > 0) next();
    });
  };
  next();
}
