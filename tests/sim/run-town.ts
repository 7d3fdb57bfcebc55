// One town from beginning to end: founded, stormed upon while everybody does things, calm again, and looked at.

import { live } from './deeds.ts';
import { calmNextDoor, settleNextDoor, stormNextDoor } from './next-door.ts';
import { lookAcross, lookNextDoor } from './next-door-judge.ts';
import { countOf, runStorm, STORM, type Findings, type RunResult } from './run-world.ts';
import { appsIn, makeTown, settle, type Town } from './town.ts';
import { look, lookAtCharter } from './town-judge.ts';
import { hasStranger } from './town-members.ts';
import { TownStorm } from './town-storm.ts';

const PATIENCE = 240_000;
/** Who knows of nobody that is there waits for the next key, and those for newcomers are made every ten minutes at most. */
const PATIENCE_WITH_STRANGERS = 900_000;
const LOOK = 12_000;

export interface TownOptions {
  readonly deedsEach?: number;
  /** Called at the end, for whoever looks into one. */
  readonly looked?: (town: Town) => void;
}

export async function runTown(seed: number, options: TownOptions = {}): Promise<RunResult> {
  const town = makeTown(seed);
  const { hostile } = town;
  const beside = town.nextDoor?.people ?? [];
  for (const member of hostile) member.codes = town.codes;
  await settle(town);
  await settleNextDoor(town);
  // What they go back to later is a time at which they were in.
  for (const member of hostile) void member.relock();
  const storm = new TownStorm(town);
  storm.start(STORM);
  stormNextDoor(town, STORM);
  const each = options.deedsEach ?? deedsEach(town);
  return runStorm({
    place: town,
    cast: { ...town, people: [...appsIn(town), ...beside], strikers: hostile },
    actsOf: (person) => (town.rare.includes(person) || beside.includes(person) ? 0 : each),
    act: (person) => live(town, person),
    operations: () => town.operations,
    calm: async () => {
      await storm.end();
      await calmNextDoor(town);
    },
    isSettled: async () => countOf(await lookAtAll(town)) === 0,
    patience: () => (hasStranger(town) ? PATIENCE_WITH_STRANGERS : PATIENCE),
    look: LOOK,
    findings: async () => {
      const findings = await lookAtAll(town);
      lookAtCharter(town, findings);
      lookAcross(town, findings);
      noteWords(town);
      options.looked?.(town);
      return findings;
    },
  });
}

async function lookAtAll(town: Town): Promise<Findings> {
  const findings = await look(town);
  lookNextDoor(town, findings);
  return findings;
}

/** The fewer there are, the more each of them does. */
function deedsEach({ people, isCity }: Town): number {
  return isCity ? 8 : Math.ceil(240 / people.length);
}

function noteWords({ taint, said, ledger }: Town): void {
  taint.words('the name of the group', 'simulated town');
  for (const { mark } of [...said.values(), ...ledger.words.values()]) taint.words('text', mark);
}
