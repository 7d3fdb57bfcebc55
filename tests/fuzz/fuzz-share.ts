// The tests of a share of the decoders, so that several files can run side by side.
// FUZZ_INPUTS and FUZZ_SEED change count and dice; a failure prints the input as hex.
import { describe, expect, it } from 'vitest';
import { DECODERS } from '#core/decoders.ts';
import { bytesOfHex, readVectors } from '#tests/vectors/vector-files.ts';
import { fuzzDecoder, MOST_MILLIS } from './fuzz-decoder.ts';

const inputs = Number(process.env['FUZZ_INPUTS'] ?? 100_000);
const seed = Number(process.env['FUZZ_SEED'] ?? 2_026);
/** Far more than one decoder needs on a busy machine of two cores. */
const TIME_LIMIT = 120_000;

export function fuzzShare(share: number, of: number): void {
  const decoders = DECODERS.filter((_, i) => i % of === share);
  describe.each(decoders.map((decoder) => [decoder.name, decoder] as const))('%s', (name, decoder) => {
    it(
      `answers ${inputs} mutated inputs with typed faults only, each in ${MOST_MILLIS} ms`,
      { timeout: TIME_LIMIT },
      () => {
        const samples = readVectors(name, decoder.version).accept.map(({ bytes }) => bytesOfHex(bytes));
        const report = fuzzDecoder(decoder, samples, { inputs, seed });
        expect(report.failures).toEqual([]);
        expect(report.inputs).toBe(inputs);
        // Dice that produce only noise would prove nothing: some inputs must get deeper than the first check.
        expect(Object.keys(report.refused).length + (report.accepted > 0 ? 1 : 0)).toBeGreaterThan(1);
      },
    );
  });
}
