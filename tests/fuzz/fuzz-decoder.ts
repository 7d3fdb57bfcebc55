// Feeds one decoder mutated inputs and says what it did wrong: an untyped fault, a slow input, a changed input, or an
// accepted input whose value spells differently.
import type { RegisteredDecoder } from '#core/decoders.ts';
import { WireError } from '#core/wire/wire-error.ts';
import { makeDice } from './dice.ts';
import { mutate, seedOf, type Seed } from './mutate.ts';

/** Longest a decoder may take: what a hostile contact can make the main thread wait for one input. */
export const MOST_MILLIS = 50;

export interface FuzzReport {
  readonly inputs: number;
  readonly accepted: number;
  readonly refused: Readonly<Record<string, number>>;
  /** The slowest input, after a second look at those that seemed slow. */
  readonly slowestMillis: number;
  /** Inputs that broke a promise, as hex, with what happened. */
  readonly failures: readonly { readonly input: string; readonly why: string }[];
}

const ENOUGH_FAILURES = 5;

export function fuzzDecoder(
  decoder: RegisteredDecoder,
  samples: readonly Uint8Array[],
  options: { readonly inputs: number; readonly seed: number },
): FuzzReport {
  const dice = makeDice(options.seed);
  const seeds = weighted(samples.map(seedOf));
  const refused: Record<string, number> = {};
  const failures: { input: string; why: string }[] = [];
  let accepted = 0;
  let slowestMillis = 0;
  for (let i = 0; i < options.inputs && failures.length < ENOUGH_FAILURES; i++) {
    const mutated = mutate(seeds, dice);
    const input = decoder.repair !== undefined && dice.below(2) === 0 ? decoder.repair(mutated) : mutated;
    const started = performance.now();
    const verdict = verdictOf(decoder, input);
    const millis = performance.now() - started;
    if (millis > slowestMillis) slowestMillis = millis > MOST_MILLIS ? secondLook(decoder, input) : millis;
    if (verdict.accepted) accepted++;
    else if (verdict.fault !== undefined) refused[verdict.fault] = (refused[verdict.fault] ?? 0) + 1;
    if (verdict.broken !== undefined) failures.push({ input: hexOf(input), why: verdict.broken });
    if (slowestMillis > MOST_MILLIS) failures.push({ input: hexOf(input), why: `${slowestMillis} ms` });
  }
  return { inputs: options.inputs, accepted, refused, slowestMillis, failures };
}

interface InputVerdict {
  readonly accepted: boolean;
  readonly fault?: string;
  readonly broken?: string;
}

function verdictOf(decoder: RegisteredDecoder, input: Uint8Array): InputVerdict {
  const first = input[0];
  const last = input.at(-1);
  try {
    const value = decoder.decode(input);
    if (typeof value === 'string') return { accepted: false, fault: value };
    if (input[0] !== first || input.at(-1) !== last) return { accepted: true, broken: 'changed its input' };
    if (decoder.encode === undefined) return { accepted: true };
    const again = decoder.encode(value as never);
    return hexOf(again) === hexOf(input)
      ? { accepted: true }
      : { accepted: true, broken: 'two spellings of one value' };
  } catch (fault) {
    if (fault instanceof WireError) return { accepted: false, fault: fault.fault };
    return { accepted: false, broken: `threw ${String(fault)}` };
  }
}

/** Other programs and the garbage collector take turns with us: only an input that is slow each time is slow. */
function secondLook(decoder: RegisteredDecoder, input: Uint8Array): number {
  const times = [0, 1, 2, 3].map(() => {
    const started = performance.now();
    verdictOf(decoder, input);
    return performance.now() - started;
  });
  return Math.min(...times);
}

/** Short samples more often: the same bugs at a fraction of the time. */
function weighted(seeds: readonly Seed[]): Seed[] {
  const isShort = (seed: Seed): boolean => seed.bytes.length <= 2_048;
  const short = seeds.filter(isShort);
  if (short.length === 0) return [...seeds];
  const copies = Math.ceil((19 * (seeds.length - short.length)) / short.length);
  return [...seeds, ...Array.from({ length: copies }, () => short).flat()];
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
