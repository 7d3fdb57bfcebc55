// The vault under attack and misfortune: wrong passphrases, damaged headers, a process killed at every write.

import { argon2Sync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { contains, FaultyDisk } from '#tests/suites/faulty-disk.ts';
import { seededRandom } from '#tests/suites/seeded.ts';
import { utf8, type Bytes } from '../bytes/bytes.ts';
import { sha256 } from '@noble/hashes/sha2.js';
import {
  CELL_BYTES,
  CELL_CONTENT_BYTES,
  CELLS_PER_REGION,
  hiddenRegionsAreWhole,
  openCell,
  sealCell,
} from './hidden-regions.ts';
import { canonicalPassphrase, stretchPassphrase, type Stretch } from './passphrase.ts';
import type { SealedRows } from './sealed-rows.ts';
import { openSlots, sealSlot, type StorageKey } from './slots.ts';
import { addPassphrase, clearUnfinishedVault, createVault, unlockVault } from './vault.ts';
import { decodeVaultHeader, encodeVaultHeader, headerWrites, readVault, SLOTS, SLOT_BYTES } from './vault-header.ts';

/** Argon2id takes most of a second; what is tested here is what is done with its result. */
const quickly: Stretch = (passphrase, salt) =>
  Promise.resolve(new Uint8Array(sha256(new Uint8Array([...salt, ...utf8(canonicalPassphrase(passphrase))]))));

const ports = (disk: FaultyDisk, seed = 1) => ({ disk, random: seededRandom(seed), stretch: quickly });
const create = (disk: FaultyDisk, fill?: (rows: SealedRows) => Promise<void>) =>
  createVault({ ...ports(disk), passphrase: 'correct horse', ...(fill === undefined ? {} : { fill }) });
const survivor = (disk: FaultyDisk) => new FaultyDisk(disk.cells);

async function withRow(): Promise<FaultyDisk> {
  const disk = new FaultyDisk();
  const rows = await create(disk);
  await rows.commit([{ collection: 'c', id: 'x', value: utf8('kept') }], 'strict');
  return disk;
}

async function headerOf(disk: FaultyDisk) {
  const reading = await readVault(disk);
  if (reading.is !== 'vault') throw new Error(reading.is);
  return reading.header;
}

describe('opening', () => {
  test('the right passphrase gives the rows back, a wrong one says so and changes nothing', async () => {
    const disk = await withRow();
    const before = new Map(disk.cells);
    for (const wrong of ['', 'Correct horse', 'correct horse ', 'correct horse\u0000']) {
      expect((await unlockVault(ports(survivor(disk)), wrong)).is).toBe('wrong-passphrase');
    }
    expect(disk.cells).toEqual(before);
    const open = await unlockVault(ports(survivor(disk)), 'correct horse');
    if (open.is !== 'open') throw new Error(open.is);
    expect(await open.rows.get('c', 'x')).toEqual(utf8('kept'));
  });

  test('spellings that look the same open the same vault', () => {
    expect(canonicalPassphrase('cafe\u0301')).toBe(canonicalPassphrase('caf\u00e9'));
    expect(canonicalPassphrase('a\u00a0b\u3000c')).toBe('a b c');
    expect(canonicalPassphrase('Straße')).not.toBe(canonicalPassphrase('strasse'));
  });

  test(
    'the one Argon2id run is the one of the specification, by another implementation too',
    { timeout: 60_000 },
    async () => {
      const salt = new Uint8Array(32).fill(1);
      const reference = argon2Sync('argon2id', {
        message: 'correct horse\0',
        nonce: salt,
        parallelism: 1,
        tagLength: 32,
        memory: 64 * 1024,
        passes: 3,
      });
      expect(await stretchPassphrase('correct horse', salt)).toEqual(new Uint8Array(reference));
    },
  );

  test('every slot is tried, whichever opens (P26)', async () => {
    const stretched = await quickly('p', new Uint8Array(32));
    const salt = new Uint8Array(32);
    const decrypt = crypto.subtle.decrypt.bind(crypto.subtle);
    for (const right of [0, 1, 2, 3, undefined]) {
      const random = seededRandom(5);
      const slots: Bytes[] = [];
      for (let slot = 0; slot < SLOTS; slot++) {
        const storageKey = new Uint8Array(32).fill(9) as StorageKey;
        slots.push(
          slot === right
            ? await sealSlot(stretched, salt, { slot, region: 0, storageKey }, random)
            : random.bytes(SLOT_BYTES),
        );
      }
      let tried = 0;
      crypto.subtle.decrypt = (...rest) => {
        tried++;
        return decrypt(...rest);
      };
      const open = await openSlots(stretched, { salt, slots });
      crypto.subtle.decrypt = decrypt;
      expect([tried, open?.slot]).toEqual([SLOTS, right]);
    }
  });

  test('a slot moved to another place, or under another salt, does not open', async () => {
    const disk = await withRow();
    const header = await headerOf(disk);
    const stretched = await quickly('correct horse', header.salt);
    const at = (await openSlots(stretched, header))!.slot;
    const moved = [...header.slots];
    [moved[at], moved[(at + 1) % SLOTS]] = [moved[(at + 1) % SLOTS]!, moved[at]!];
    expect(await openSlots(stretched, { ...header, slots: moved })).toBeUndefined();
    expect(await openSlots(stretched, { ...header, salt: new Uint8Array(32) })).toBeUndefined();
  });
});

describe('a second passphrase', () => {
  test('opens the same rows, and both go on working', async () => {
    const disk = await withRow();
    const header = await headerOf(disk);
    const first = (await openSlots(await quickly('correct horse', header.salt), header))!;
    const stretched = await quickly('another', header.salt);
    const content = { stretched, region: first.region, storageKey: first.storageKey };
    const changed = await addPassphrase({ header, inUse: [first.slot] }, content, seededRandom(3));
    await disk.commit(headerWrites(changed!), 'strict');
    for (const passphrase of ['correct horse', 'another']) {
      const open = await unlockVault(ports(survivor(disk)), passphrase);
      if (open.is !== 'open') throw new Error(open.is);
      expect(await open.rows.get('c', 'x')).toEqual(utf8('kept'));
    }
  });

  test('is refused when every slot is in use', async () => {
    const header = await headerOf(await withRow());
    const content = { stretched: new Uint8Array(32), region: 0 as const, storageKey: new Uint8Array(32) as StorageKey };
    expect(await addPassphrase({ header, inUse: [0, 1, 2, 3] }, content, seededRandom(3))).toBeUndefined();
  });
});

describe('hidden regions (W10, W12)', () => {
  test('exist in every vault from its first run, with the same number and size of cells', async () => {
    const disk = new FaultyDisk();
    await create(disk);
    expect(await hiddenRegionsAreWhole(disk)).toBe(true);
    const cells = [...disk.cells.values()].filter(({ key }) => key[0] === 2);
    expect(cells.length * CELL_BYTES).toBe(3 * 8 * 1024 * 1024);
    disk.cells.delete([...disk.cells.keys()].find((cell) => cell.startsWith('02'))!);
    expect(await hiddenRegionsAreWhole(disk)).toBe(false);
  });

  test('a used cell opens at its place under its key only, and a used region leaves sizes and counts as they were', async () => {
    const disk = new FaultyDisk();
    await create(disk);
    const sizes = [...disk.cells.values()].map(({ key, value }) => `${key.join()}:${value.length}`);
    const storageKey = new Uint8Array(32).fill(4) as StorageKey;
    const content = new Uint8Array(CELL_CONTENT_BYTES).fill(1);
    const place = { region: 2, cell: CELLS_PER_REGION - 1 } as const;
    const write = await sealCell(place, storageKey, content, seededRandom(6));
    await disk.commit([write], 'strict');
    expect([...disk.cells.values()].map(({ key, value }) => `${key.join()}:${value.length}`).sort()).toEqual(
      sizes.sort(),
    );
    const stored = (await disk.get(write.key))!;
    expect(await openCell(place, storageKey, stored)).toEqual(content);
    expect(await openCell({ ...place, cell: 0 }, storageKey, stored)).toBeUndefined();
    expect(await openCell({ ...place, region: 1 }, storageKey, stored)).toBeUndefined();
    expect(await openCell(place, new Uint8Array(32) as StorageKey, stored)).toBeUndefined();
  });

  test('a hidden region made by a later version does not show here', async () => {
    const disk = await withRow();
    const header = await headerOf(disk);
    const first = (await openSlots(await quickly('correct horse', header.salt), header))!;
    const stretched = await quickly('hidden', header.salt);
    const content = { stretched, region: 1 as const, storageKey: new Uint8Array(32).fill(4) as StorageKey };
    const changed = await addPassphrase({ header, inUse: [first.slot] }, content, seededRandom(3));
    await disk.commit(headerWrites(changed!), 'strict');
    expect((await unlockVault(ports(survivor(disk)), 'hidden')).is).toBe('wrong-passphrase');
    expect((await unlockVault(ports(survivor(disk)), 'correct horse')).is).toBe('open');
  });

  test('random bytes and sealed cells look alike to a byte count', async () => {
    const random = seededRandom(8);
    const { value } = await sealCell(
      { region: 1, cell: 0 },
      new Uint8Array(32) as StorageKey,
      new Uint8Array(CELL_CONTENT_BYTES),
      random,
    );
    const counts = new Uint32Array(256);
    for (const byte of value!) counts[byte]!++;
    const expected = CELL_BYTES / 256;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 255 degrees of freedom: beyond 400 once in a hundred million.
    expect(chiSquare).toBeLessThan(400);
  });
});

describe('a damaged header (B20)', () => {
  test('any flipped byte of one copy loses nothing, and the copy is mended at the next unlocking', async () => {
    const disk = await withRow();
    const [cell, { key, value }] = [...disk.cells].find(([name]) => name === '0000')!;
    for (let at = 0; at < value.length; at += 7) {
      const flipped = value.slice();
      flipped[at]! ^= 0x10;
      disk.cells.set(cell, { key, value: flipped });
      expect((await unlockVault(ports(survivor(disk)), 'correct horse')).is).toBe('open');
      expect(disk.cells.get(cell)!.value).toEqual(value);
    }
  });

  test('with all copies damaged or gone it says so, and never that there is no vault', async () => {
    const disk = await withRow();
    for (const copy of ['0000', '0001', '0002']) disk.cells.get(copy)!.value[40]! ^= 1;
    expect((await unlockVault(ports(survivor(disk)), 'correct horse')).is).toBe('damaged');
    for (const copy of ['0000', '0001', '0002']) disk.cells.delete(copy);
    expect((await unlockVault(ports(survivor(disk)), 'correct horse')).is).toBe('damaged');
  });

  test('decodes what it encoded, and tells damage, cuts and a newer version apart', () => {
    const random = seededRandom(2);
    const header = { salt: random.bytes(32), slots: Array.from({ length: SLOTS }, () => random.bytes(SLOT_BYTES)) };
    const bytes = encodeVaultHeader(header);
    expect(decodeVaultHeader(bytes)).toEqual(header);
    expect(() => decodeVaultHeader(bytes.slice(0, 4))).toThrow('truncated');
    expect(() => decodeVaultHeader(bytes.slice(0, -1))).toThrow('bad-field');
    expect(() => decodeVaultHeader(new Uint8Array([2, ...bytes.slice(1)]))).toThrow('bad-field');
  });
});

describe('making a vault', () => {
  test(
    'killed at any write, it leaves a disk that reads as empty or a vault that opens (B20)',
    { timeout: 60_000 },
    async () => {
      const whole = new FaultyDisk();
      await create(whole, (rows) => rows.commit([{ collection: 'c', id: 'x', value: utf8('first') }], 'strict'));
      const last = whole.commits;
      expect(last).toBeGreaterThan(20);
      for (let left = 1; left <= last; left++) {
        const disk = new FaultyDisk();
        disk.commitsLeft = left;
        disk.tornWrites = left === last ? 1 : left % 2;
        void create(disk, (rows) => rows.commit([{ collection: 'c', id: 'x', value: utf8('first') }], 'strict'));
        await until(() => disk.commitsLeft === 0);
        const after = survivor(disk);
        const { is } = await readVault(after);
        expect(is, `killed at write ${left} of ${last}`).toBe(left === last ? 'vault' : 'none');
        if (is === 'none' && left % 7 !== 0) continue;
        if (is === 'none') expect(await (await create(after)).list('c')).toEqual([]);
        expect((await unlockVault(ports(survivor(after)), 'correct horse')).is).toBe('open');
      }
    },
  );

  test('on a full disk it is refused, and gives the room back', async () => {
    const disk = new FaultyDisk();
    disk.capacity = 4 * 1024 * 1024;
    await expect(create(disk)).rejects.toThrow('full');
    await clearUnfinishedVault(disk);
    expect((await readVault(disk)).is).toBe('none');
    expect(disk.cells.size).toBeLessThanOrEqual(1);
  });

  test('never writes over one that can be opened', async () => {
    const disk = await withRow();
    await expect(create(survivor(disk))).rejects.toThrow('never written over');
    await clearUnfinishedVault(survivor(disk));
    expect((await unlockVault(ports(survivor(disk)), 'correct horse')).is).toBe('open');
  });

  test('ends with a strict commit, so that a vault that was shown open survives the power cut', async () => {
    const disk = new FaultyDisk();
    await create(disk);
    expect(disk.durabilities.at(-1)).toBe('strict');
  });

  test('leaves neither passphrase nor storage key on disk', async () => {
    const disk = await withRow();
    const header = await headerOf(disk);
    const stretched = await quickly('correct horse', header.salt);
    const { storageKey } = (await openSlots(stretched, header))!;
    expect(contains(disk.image(), utf8('correct horse'))).toBe(false);
    expect(contains(disk.image(), storageKey)).toBe(false);
    expect(contains(disk.image(), stretched)).toBe(false);
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 0));
}
