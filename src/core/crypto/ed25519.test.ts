// One verdict on every signature, whoever computes it (SPEC.md §3).
import { ed25519 } from '@noble/curves/ed25519.js';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { concat, hex, utf8, type Bytes } from '../bytes/bytes.ts';
import { nobleEd25519, webEd25519 } from './ed25519.ts';
import { hash, labelPrefix } from './hash.ts';
import { makeProductionSuite } from './production-suite.ts';
import type { Seed, SigningKey } from './suite.ts';

interface VerdictCase {
  readonly name: string;
  readonly key: string;
  readonly message: string;
  readonly signature: string;
  readonly keyAcceptable: boolean;
  readonly valid: boolean;
}

const file = path.resolve(import.meta.dirname, '../../../tests/vectors/crypto/ed25519-verdicts.json');
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: VerdictCase[] };
const bytes = (text: string) => hex.decode(text)!;

describe.each(['platform', 'noble'] as const)('Ed25519 by %s', (choice) => {
  const suite = makeProductionSuite(choice);

  it.each(cases.map((c) => [c.name, c] as const))('agrees on: %s', async (_, c) => {
    expect(suite.isAcceptableKey(bytes(c.key))).toBe(c.keyAcceptable);
    expect(await suite.verify('op', bytes(c.message), bytes(c.signature), bytes(c.key) as SigningKey)).toBe(c.valid);
  });

  it('signs what both accept, and nobody accepts under another label', async () => {
    const seed = new Uint8Array(32).fill(9) as Seed;
    const key = await suite.signingKeyOf(seed);
    const signature = await suite.sign('op', utf8('hello'), seed);
    for (const reader of [suite, makeProductionSuite('platform'), makeProductionSuite('noble')]) {
      expect(await reader.verify('op', utf8('hello'), signature, key)).toBe(true);
      expect(await reader.verify('header', utf8('hello'), signature, key)).toBe(false);
      expect(await reader.verify('op', utf8('hellO'), signature, key)).toBe(false);
    }
  });
});

it('makes the same key of a seed, whoever computes it', async () => {
  const [platform, noble] = [makeProductionSuite('platform'), makeProductionSuite('noble')];
  for (let i = 0; i < 50; i++) {
    const seed = hash('op', new Uint8Array([i])) as Bytes as Seed;
    expect(await platform.signingKeyOf(seed)).toEqual(await noble.signingKeyOf(seed));
  }
});

it('derives keys in the prime-order group, and so need not look at them again', async () => {
  const suite = makeProductionSuite();
  for (let i = 0; i < 50; i++) {
    const key = await suite.signingKeyOf(hash('op', new Uint8Array([i, i])) as Bytes as Seed);
    const point = ed25519.Point.fromBytes(key);
    expect([point.is0(), point.isTorsionFree(), suite.isAcceptableKey(key)]).toEqual([false, true, true]);
  }
});

describe('the crafted cases', () => {
  it('are needed: noble alone accepts R with a part of small order, which WebCrypto refuses', async () => {
    const c = cases.find(({ name }) => name === 'R with a part of small order 1')!;
    const signed = concat(labelPrefix('op'), bytes(c.message));
    expect(ed25519.verify(bytes(c.signature), signed, bytes(c.key), { zip215: false })).toBe(true);
    const web = (await webEd25519())!;
    expect(await web.verify(signed, bytes(c.signature), bytes(c.key) as SigningKey)).toBe(false);
    expect(await nobleEd25519.verify(signed, bytes(c.signature), bytes(c.key) as SigningKey)).toBe(false);
  });

  it('are needed: keys with a part of small order would let one signature be two verdicts', async () => {
    const web = (await webEd25519())!;
    const accepted = await Promise.all(
      cases
        .filter(({ keyAcceptable, key }) => !keyAcceptable && key.length === 64)
        .map(async (c) => {
          const signed = concat(labelPrefix('op'), bytes(c.message));
          try {
            return await web.verify(signed, bytes(c.signature), bytes(c.key) as SigningKey);
          } catch {
            return false;
          }
        }),
    );
    // Some pass the raw equation: only the rule that such a key is never accepted keeps them out.
    expect(accepted).toContain(true);
  });
});

describe('RFC 8032 §7.1', () => {
  const published = [
    {
      seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      key: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      message: '',
      signature:
        'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    },
    {
      seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
      key: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      message: 'af82',
      signature:
        '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    },
  ];

  it.each(published)('both implementations make and accept the published signature of $message', async (v) => {
    for (const curve of [nobleEd25519, (await webEd25519())!]) {
      const signature = await curve.sign(bytes(v.message), bytes(v.seed) as Seed);
      expect(hex.encode(signature)).toBe(v.signature);
      expect(await curve.verify(bytes(v.message), signature, bytes(v.key) as SigningKey)).toBe(true);
    }
  });
});
