// The fuzzer knows every decoder, and would notice a bad one.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { fuzzDecoder, MOST_MILLIS } from './fuzz-decoder.ts';

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
    fuzzDecoder({ name: 'planted', decode, ...(encode && { encode }) }, samples, { inputs: 200, seed: 1 }).failures.map(
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
