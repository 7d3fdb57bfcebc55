// Beckonings come out as they always did, byte for byte, and open for whom they are and for nobody else
// (node tests/vectors/craft-beckonings.ts appends new cases).
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { hex } from '#core/bytes/bytes.ts';
import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import type { SealingSuite, Seed } from '#core/crypto/suite.ts';
import { sealingKeyIdOf } from '#core/keys/device-record.ts';
import { openBeckoning, sealBeckoning, type Beckoning } from '#core/sync/beckon.ts';
import { bytesOfHex } from './vector-files.ts';

interface Case {
  readonly name: string;
  readonly suite: SealingSuite;
  readonly space: SpaceId;
  readonly device: DeviceId;
  readonly signingSeed: string;
  readonly sealingSeed: string;
  readonly secret: string;
  readonly coins: string;
  readonly beat: Beckoning['beat'];
  readonly sealed: string;
}

const file = path.join(import.meta.dirname, 'crypto', 'beckonings.json');
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: readonly Case[] };
const suite = makeProductionSuite();

describe('a beckoning', () => {
  it.each(cases)('$name: is sealed as ever', async (c) => {
    const sealingKey = await suite.sealingKeyOf(bytesOfHex(c.sealingSeed) as Seed, c.suite);
    const random = { bytes: () => bytesOfHex(c.coins) };
    const { space, device, beat } = c;
    const by = { space, beat, seed: bytesOfHex(c.signingSeed) as Seed, secret: bytesOfHex(c.secret) };
    const sealed = await sealBeckoning(suite, random, { ...by, to: { device, sealingKey } });
    expect(hex.encode(sealed!)).toBe(c.sealed);
    expect([512, 2_048]).toContain(sealed!.length);
  });

  it.each(cases)('$name: opens with the key it names, in its space, for its device', async (c) => {
    const opener = { seed: bytesOfHex(c.sealingSeed) as Seed, suite: c.suite };
    const id = sealingKeyIdOf(await suite.sealingKeyOf(opener.seed, c.suite));
    const by = { space: c.space, device: c.device, keyFor: (named: string) => (named === id ? opener : undefined) };
    const opened = await openBeckoning(suite, by, bytesOfHex(c.sealed));
    expect(hex.encode(opened!.secret)).toBe(c.secret);
    expect(opened!.beat).toEqual({ ...c.beat, relays: c.beat.relays.slice(0, opened!.beat.relays.length) });
    expect(c.beat.relays.length === 0 || opened!.beat.relays.length > 0).toBe(true);
    const elsewhere = [
      { ...by, space: c.device as string as SpaceId },
      { ...by, device: c.space as string as DeviceId },
      { ...by, keyFor: () => undefined },
    ];
    for (const other of elsewhere) expect(await openBeckoning(suite, other, bytesOfHex(c.sealed))).toBeUndefined();
    const damaged = bytesOfHex(c.sealed);
    damaged[damaged.length - 1]! ^= 1;
    expect(await openBeckoning(suite, by, damaged)).toBeUndefined();
  });
});
