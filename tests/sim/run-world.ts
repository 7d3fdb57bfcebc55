// What every run has in common: a storm comes while people do things, it passes, and it is looked at until all agree, or
// nobody has patience any more.

import type { FaultKind } from './faults.ts';
import type { Person } from './person.ts';
import type { Place } from './place.ts';
import { Storm, type StormyCast } from './storm.ts';

/** How long the storm lasts; long enough for relay nodes to come and go under the people. */
export const STORM = 20_000;

export interface Findings {
  readonly lost: string[];
  readonly diverged: string[];
  readonly illegal: string[];
  /** Plain text or private keys in what went to relay nodes. */
  readonly leaked: string[];
}

export const noFindings = (): Findings => ({ lost: [], diverged: [], illegal: [], leaked: [] });

export function countOf({ lost, diverged, illegal, leaked }: Findings): number {
  return lost.length + diverged.length + illegal.length + leaked.length;
}

export interface RunResult {
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

export interface Stormed {
  readonly place: Place;
  readonly cast: StormyCast;
  /** Everybody does so many things. */
  readonly actsOf: (person: Person) => number;
  readonly act: (person: Person) => void;
  readonly operations: () => number;
  /** When the storm has passed. */
  readonly calm?: () => Promise<void>;
  /** Whether all agree, told cheaply; what is waited for before the real look. */
  readonly isSettled: () => Promise<boolean>;
  /** How long after the storm everybody may take to agree, and how often it is looked whether they do. */
  readonly patience: () => number;
  readonly look: number;
  readonly findings: () => Promise<Findings>;
}

/** People meet before. */
export async function runStorm(run: Stormed): Promise<RunResult> {
  const { world } = run.place;
  const storm = new Storm(run.cast);
  storm.start(STORM);
  const planned = run.cast.people.map((person) => schedule(run, person));
  await world.pass(STORM);
  // Whoever was locked out for long has the rest of their day's work before them.
  while (run.operations() < planned.reduce((sum, count) => sum + count, 0)) await world.pass(500);
  await storm.end();
  await run.calm?.();
  const healedAt = world.now;
  do await world.pass(run.look);
  while (world.now - healedAt < run.patience() && !(await run.isSettled()));
  await world.stillness();
  const agreedAfter = world.now - healedAt;
  const findings = await run.findings();
  findings.leaked.push(...run.place.taint.found());
  return {
    seed: world.seed,
    trace: world.trace,
    operations: run.operations(),
    events: world.events,
    faults: world.faults.counts(),
    counts: Object.fromEntries([...world.counts].sort()),
    agreedAfter,
    findings,
  };
}

/** Somebody's operations, spread over the storm; one who is locked out waits. */
function schedule({ place, actsOf, act }: Stormed, person: Person): number {
  const count = actsOf(person);
  let left = count;
  const pace = Math.floor((STORM * 2) / count);
  const next = (): void => {
    place.world.after(person.dice.roll(pace), 'act', () => {
      if (person.session === undefined) {
        next();
        return;
      }
      act(person);
      if (--left > 0) next();
    });
  };
  if (count > 0) next();
  return count;
}
