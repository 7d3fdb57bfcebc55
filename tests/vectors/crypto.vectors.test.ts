// Hashes, derived keys, wraps and seals come out as they always did, byte for byte.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { hex } from '#core/bytes/bytes.ts';
import { derive, hash } from '#core/crypto/hash.ts';
import { LABELS, type Label } from '#core/crypto/labels.ts';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import type { AeadKey, SealingKey, SealingSuite, Seed } from '#core/crypto/suite.ts';
import { bytesOfHex } from './vector-files.ts';

type Case = Readonly<Record<string, string>>;

const read = (file: string): readonly Case[] =>
  (JSON.parse(readFileSync(path.join(import.meta.dirname, 'crypto', file), 'utf8')) as { cases: Case[] }).cases;
const derivations = read('derivations.json');
const seals = read('seals.json');
const suite = makeProductionSuite();

describe('derivations', () => {
  it('have a vector for every label (node tests/vectors/craft-derivations.ts appends new ones)', () => {
    expect(derivations.map(({ name }) => name).sort()).toEqual(Object.keys(LABELS).sort());
  });

  it.each(derivations)('$label hashes and derives as ever', (c) => {
    const name = c['name'] as Label;
    const [bytes, secret, salt, context] = [c['bytes'], c['secret'], c['salt'], c['context']].map((t) =>
      bytesOfHex(t!),
    );
    expect(LABELS[name]).toBe(c['label']);
    expect(hex.encode(hash(name, bytes!))).toBe(c['hash']);
    expect(hex.encode(derive(secret!, salt!, name, context!))).toBe(c['derived']);
  });
});

describe('seals', () => {
  it.each(seals.filter(({ wrapped }) => wrapped !== undefined))('$name', async (c) => {
    const kind = Number(c['suite']) as SealingSuite;
    const seed = bytesOfHex(c['seed']!) as Seed;
    const psk = c['psk'] === null ? {} : { psk: bytesOfHex(c['psk']!) };
    const options = { label: 'answer', associated: bytesOfHex(c['associated']!), ...psk } as const;
    expect(hex.encode(await suite.sealingKeyOf(seed, kind))).toBe(c['sealingKey']);
    const wrapped = await suite.wrap(bytesOfHex(c['sealingKey']!) as SealingKey, bytesOfHex(c['plain']!), {
      ...options,
      coins: bytesOfHex(c['coins']!),
    });
    expect(hex.encode(wrapped)).toBe(c['wrapped']);
    expect(hex.encode(await suite.unwrap(seed, kind, wrapped, options))).toBe(c['plain']);
  });

  it.each(seals.filter(({ sealed }) => sealed !== undefined))('$name', (c) => {
    const [key, nonce, plain, associated] = [c['key'], c['nonce'], c['plain'], c['associated']].map((t) =>
      bytesOfHex(t!),
    );
    expect(hex.encode(suite.seal(key as AeadKey, nonce!, plain!, associated!))).toBe(c['sealed']);
  });
});
