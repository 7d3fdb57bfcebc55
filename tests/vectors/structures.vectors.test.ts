// Every wire structure against its vector file: what is accepted decodes to just that value and encodes back to just
// those bytes; what is refused is refused for the reason that stands there.
import { describe, expect, it } from 'vitest';
import { DECODERS } from '#core/decoders.ts';
import { WireError } from '#core/wire/wire-error.ts';
import { bytesOfHex, readVectors, toJson, vectorFileOf, vectorFiles } from './vector-files.ts';

const fileOf = ({ name, version }: (typeof DECODERS)[number]): string => vectorFileOf(name, version);

describe.each(DECODERS.map((decoder) => [fileOf(decoder), decoder] as const))('%s', (_, decoder) => {
  const { accept, refuse } = readVectors(decoder.name, decoder.version);

  it('has cases of both kinds', () => {
    expect(accept.length).toBeGreaterThan(0);
    expect(refuse.length).toBeGreaterThan(0);
  });

  it.each(accept.map((c) => [c.name, c] as const))('accepts: %s', (_, { bytes, value }) => {
    const input = bytesOfHex(bytes);
    const decoded = decoder.decode(input);
    expect(toJson(decoded)).toEqual(value);
    expect(Buffer.from(input).toString('hex'), 'a decoder leaves its input alone').toBe(bytes);
    if (decoder.encode !== undefined) {
      expect(Buffer.from(decoder.encode(decoded as never)).toString('hex')).toBe(bytes);
    }
  });

  it.each(refuse.map((c) => [c.name, c] as const))('refuses: %s', (_, { bytes, fault }) => {
    expect(outcome(() => decoder.decode(bytesOfHex(bytes)))).toBe(fault);
  });
});

it('has a registered decoder for every vector file', () => {
  const known = new Set(DECODERS.map(fileOf));
  expect(vectorFiles().filter((file) => !known.has(file))).toEqual([]);
});

/** The fault a decoder throws; readers that answer in words give the word. */
function outcome(run: () => unknown): string {
  try {
    const value = run();
    return typeof value === 'string' ? value : 'accepted';
  } catch (fault) {
    if (fault instanceof WireError) return fault.fault;
    throw fault;
  }
}
