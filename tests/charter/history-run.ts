// Plays one random history and looks whether every law holds of it. A seed gives the same history on every machine.

import { addOps, emptyCharter } from '#core/charter/charter.ts';
import { viewOf } from '#core/charter/view.ts';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import { Dice } from '#tests/sim/dice.ts';
import { quickSuite } from '#tests/suites/space-kit.ts';
import { makeCast, type Cast } from './cast.ts';
import { LAWS, type Played } from './history-laws.ts';
import { takeTurn } from './turns.ts';

export interface HistoryOptions {
  /** With the primitives that ship, instead of ones that only hash. */
  readonly isReal?: boolean;
  readonly turns?: number;
}

export interface HistoryResult {
  readonly seed: number;
  /** One line for each law that does not hold. */
  readonly failures: readonly string[];
  /** How much of what there is to go wrong was in it. */
  readonly counts: Readonly<Record<string, number>>;
}

const production = makeProductionSuite();

export async function runHistory(seed: number, options: HistoryOptions = {}): Promise<HistoryResult> {
  const suite: CryptoSuite = options.isReal === true ? production : quickSuite;
  const counts: Record<string, number> = {};
  const failures: string[] = [];
  try {
    const played = await play(seed, suite, options.turns);
    count(played, counts);
    for (const law of LAWS) {
      const found = await law.broken(played, counts);
      if (found !== undefined) failures.push(`${law.name}: ${found}`);
    }
  } catch (fault) {
    failures.push(`threw ${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}`);
  }
  return { seed, failures, counts };
}

/** A history, and the log of somebody who has all of it. */
export async function play(seed: number, suite: CryptoSuite, turns?: number): Promise<Played> {
  const dice = new Dice(seed, 'history');
  const cast = await makeCast(dice, suite);
  for (let turn = turns ?? dice.between(20, 80); turn > 0; turn--) await takeTurn(cast);
  return { seed, cast, whole: addOps(emptyCharter(cast.space), cast.ops).charter };
}

function count({ cast, whole }: Played, counts: Record<string, number>): void {
  const view = viewOf(whole)!;
  const kept = [...whole.ops.values()];
  counts['ops'] = cast.ops.length;
  counts['forged'] = cast.forgeries;
  counts['refused'] = cast.ops.length - kept.length;
  counts['void'] = kept.filter(({ id }) => !view.stands(id)).length;
  counts['ended'] = [...(view.group?.members.values() ?? [])].filter(({ isLive }) => !isLive).length;
  counts['disputes'] = view.group?.disputes.length ?? 0;
  counts['frozen'] = [...view.devices.values()].filter(({ isFrozen }) => isFrozen).length;
  counts['voted'] = completed(cast, view.stands);
}

function completed({ ops }: Cast, stands: (id: Cast['ops'][number]['id']) => boolean): number {
  return ops.filter(({ id, op }) => op.body.type === 'endorse' && op.body.counted !== undefined && stands(id)).length;
}
