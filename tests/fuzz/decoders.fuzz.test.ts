// 100,000 mutated inputs for every decoder there is: typed faults only, none slower than 50 ms (P17).
// FUZZ_INPUTS and FUZZ_SEED change count and dice; a failure prints the input as hex.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DECODERS } from '#core/decoders.ts';
import { bytesOfHex, readVectors } from '#tests/vectors/vector-files.ts';
import { fuzzDecoder, MOST_MILLIS } from './fuzz-decoder.ts';

const inputs = Number(process.env['FUZZ_INPUTS'] ?? 100_000);
const seed = Number(process.env['FUZZ_SEED'] ?? 2_026);
/** Far more than one decoder needs on a busy machine of two cores. */
const TIME_LIMIT = 120_000;

describe.each(DECODERS.map((decoder) => [decoder.name, decoder] as const))('%s', (name, decoder) => {
  it(
    `answers ${inputs} mutated inputs with typed faults only, each in ${MOST_MILLIS} ms`,
    { timeout: TIME_LIMIT },
    () => {
      const samples = readVectors(name).accept.map(({ bytes }) => bytesOfHex(bytes));
      const report = fuzzDecoder(decoder, samples, { inputs, seed });
      expect(report.failures).toEqual([]);
      expect(report.inputs).toBe(inputs);
      // Dice that produce only noise would prove nothing: some inputs must get deeper than the first check.
      expect(Object.keys(report.refused).length + (report.accepted > 0 ? 1 : 0)).toBeGreaterThan(1);
    },
  );
});

it('knows every exported decoder in core', () => {
  const core = path.resolve(import.meta.dirname, '../../src/core');
  const registry = readFileSync(path.join(core, 'decoders.ts'), 'utf8');
  const missing = exportedDecoders(core).filter(
    ({ file, name }) => !new RegExp(`\\b${name}\\b[^;]*from '\\./${file}'`, 'u').test(registry),
  );
  expect(missing).toEqual([]);
});

it('notices a decoder that is slow, untyped, or accepts two spellings', () => {
  const samples = [Uint8Array.of(1, 2, 3)];
  const run = (decode: (bytes: Uint8Array) => unknown, encode?: () => Uint8Array<ArrayBuffer>): string[] =>
    fuzzDecoder({ name: 'planted', decode, ...(encode && { encode }) }, samples, { inputs: 200, seed }).failures.map(
      ({ why }) => why,
    );
  expect(run(() => JSON.parse('{'))[0]).toMatch(/threw SyntaxError/u);
  expect(
    run(
      () => ({}),
      () => Uint8Array.of(1),
    )[0],
  ).toBe('two spellings of one value');
  expect(run((bytes) => void bytes.fill(255))[0]).toBe('changed its input');
  expect(run(() => stall(MOST_MILLIS + 5))[0]).toMatch(/ms$/u);
});

function stall(millis: number): void {
  const end = performance.now() + millis;
  while (performance.now() < end);
}

/** `export function decode…` and `export const decode…` in every file of core. */
function exportedDecoders(core: string): { file: string; name: string }[] {
  return readdirSync(core, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) => {
      const source = readFileSync(path.join(core, file), 'utf8');
      const found = source.matchAll(/^export (?:async )?(?:function|const) (decode\w*)/gmu);
      return [...found].map(([, name]) => ({ file: file.split(path.sep).join('/'), name: name! }));
    });
}
