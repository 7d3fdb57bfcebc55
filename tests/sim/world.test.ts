// The simulated world itself: repeatable, honest about its disk, and with the two suites it runs on.

import { describe, expect, it } from 'vitest';
import { utf8 } from '#core/bytes/bytes.ts';
import { SealFault, type AeadKey, type Seed } from '#core/crypto/suite.ts';
import { makeCheapSuite } from './cheap-suite.ts';
import { Dice } from './dice.ts';
import { FAULT_KINDS, floorOf } from './faults.ts';
import { runSeed } from './run-seed.ts';
import { SimDisk } from './sim-disk.ts';
import { World } from './world.ts';

const PATIENCE = 120_000;

describe('a seed', () => {
  it.each([
    ['on cheap primitives', 7],
    ['on the primitives that ship', 10],
  ])('gives the same trace each time, %s', { timeout: PATIENCE }, async (_what, seed) => {
    const [one, two] = [await runSeed(seed, { operationsEach: 60 }), await runSeed(seed, { operationsEach: 60 })];
    expect(two.trace).toBe(one.trace);
    expect(two.faults).toEqual(one.faults);
    expect(two.findings).toEqual({ lost: [], diverged: [], illegal: [], leaked: [] });
  });

  it('gives another trace than another seed', { timeout: PATIENCE }, async () => {
    const [one, two] = [await runSeed(8, { operationsEach: 30 }), await runSeed(9, { operationsEach: 30 })];
    expect(two.trace).not.toBe(one.trace);
  });

  it('meets every kind of fault that pairs know', { timeout: PATIENCE }, async () => {
    const { faults } = await runSeed(12);
    const kinds = FAULT_KINDS.filter((kind) => floorOf(kind, { pairWorlds: 100, towns: 0 }) > 0);
    expect(kinds).toHaveLength(17);
    for (const kind of kinds) expect(faults[kind], kind).toBeGreaterThan(0);
  });
});

describe('the simulated disk', () => {
  const commit = (disk: SimDisk, value: number, durability: 'strict' | 'relaxed'): Promise<void> =>
    disk.commit([{ collection: 'c', id: String(value), value: new Uint8Array([value]) }], durability);

  it('keeps what was strictly committed and acknowledged through any crash', async () => {
    for (let seed = 0; seed < 40; seed++) {
      const world = new World(seed);
      const disk = new SimDisk(world, new Dice(seed));
      let acknowledged = 0;
      for (let i = 0; i < 5; i++) void commit(disk, i, 'strict').then(() => acknowledged++);
      await world.pass(seed % 30);
      disk.crash();
      expect((await disk.list('c')).length).toBeGreaterThanOrEqual(acknowledged);
    }
  });

  it('may lose what was relaxed, and a torn commit is whole or absent', async () => {
    const survivors = new Set<number>();
    for (let seed = 0; seed < 60; seed++) {
      const world = new World(seed);
      const disk = new SimDisk(world, new Dice(seed));
      await Promise.all([commit(disk, 1, 'relaxed'), world.pass(10)]);
      const two = ['a', 'b'].map((id) => ({ collection: 'two', id, value: new Uint8Array(1) }));
      void disk.commit(two, 'strict');
      disk.crash();
      survivors.add((await disk.list('c')).length);
      expect([0, 2]).toContain((await disk.list('two')).length);
    }
    expect(survivors).toEqual(new Set([0, 1]));
  });

  it('never answers an app that is gone', async () => {
    const world = new World(1);
    const disk = new SimDisk(world, new Dice(1));
    let answered = false;
    void commit(disk, 1, 'strict').finally(() => (answered = true));
    disk.crash();
    await world.pass(1_000);
    expect(answered).toBe(false);
  });
});

describe('the cheap primitives', () => {
  const suite = makeCheapSuite();
  const seed = new Uint8Array(32).fill(3) as Seed;

  it('open and verify what was sealed and signed, and nothing that was changed', async () => {
    const key = new Uint8Array(32).fill(1) as AeadKey;
    const sealed = suite.seal(key, new Uint8Array(24), utf8('hello'), utf8('to you'));
    expect(suite.open(key, new Uint8Array(24), sealed, utf8('to you'))).toEqual(utf8('hello'));
    const signer = await suite.signingKeyOf(seed);
    const signature = await suite.sign('header', utf8('said'), seed);
    expect(await suite.verify('header', utf8('said'), signature, signer)).toBe(true);
    expect(await suite.verify('body', utf8('said'), signature, signer)).toBe(false);
    for (let i = 0; i < sealed.length; i++) {
      const changed = sealed.slice();
      changed[i]! ^= 1;
      expect(() => suite.open(key, new Uint8Array(24), changed, utf8('to you'))).toThrow(SealFault);
    }
  });

  it.each([1, 2] as const)('wrap for one key only (suite %i)', async (kind) => {
    const to = await suite.sealingKeyOf(seed, kind);
    const options = { label: 'wrap', associated: utf8('here') } as const;
    const wrapped = await suite.wrap(to, utf8('secret'), { ...options, coins: new Uint8Array(64) });
    expect(await suite.unwrap(seed, kind, wrapped, options)).toEqual(utf8('secret'));
    const other = new Uint8Array(32).fill(4) as Seed;
    await expect(suite.unwrap(other, kind, wrapped, options)).rejects.toBeInstanceOf(SealFault);
  });
});
