// Attacks on sealed rows: flipped bytes, rows put in each other's place, torn batches, a full disk.

import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { FaultyDisk } from '#tests/suites/faulty-disk.ts';
import { seededRandom } from '#tests/suites/seeded.ts';
import { utf8 } from '../bytes/bytes.ts';
import { StorageFault, type Row } from '../ports.ts';
import { SealedRows } from './sealed-rows.ts';
import type { StorageKey } from './slots.ts';

const KEY = new Uint8Array(32).fill(3) as StorageKey;
const IDS = ['a', 'b', 'c', 'd', 'e'];

async function filled(): Promise<{ disk: FaultyDisk; rows: SealedRows }> {
  const disk = new FaultyDisk();
  const rows = await SealedRows.open(disk, KEY, seededRandom(1));
  await rows.commit(
    IDS.flatMap((id) => [
      { collection: 'one', id, value: utf8(`one ${id}`) },
      { collection: 'two', id, value: utf8(`two ${id}`) },
    ]),
    'strict',
  );
  return { disk, rows };
}

const reopened = (disk: FaultyDisk) => SealedRows.open(new FaultyDisk(disk.cells), KEY, seededRandom(9));

async function readAll(rows: SealedRows): Promise<string[]> {
  const lists = await Promise.all(['one', 'two'].map((collection) => rows.list(collection)));
  return lists.flat().map(({ value }) => String.fromCharCode(...value));
}

describe('a damaged disk (B20)', () => {
  test('any flipped byte of any row loses that row alone, and is reported once', { timeout: 60_000 }, async () => {
    const { disk } = await filled();
    for (const [cell, { key, value }] of [...disk.cells]) {
      for (let at = 0; at < value.length; at++) {
        const flipped = value.slice();
        flipped[at]! ^= 1 << (at % 8);
        disk.cells.set(cell, { key, value: flipped });
        const rows = await reopened(disk);
        const reports: number[] = [];
        rows.ondamage = (count) => reports.push(count);
        expect(await readAll(rows)).toHaveLength(9);
        await readAll(rows);
        expect([rows.damagedRows, reports]).toEqual([1, [1]]);
      }
      disk.cells.set(cell, { key, value });
    }
  });

  test('gives none of the damaged rows early, and all others once, as in the end', async () => {
    const { disk } = await filled();
    const [cell, { key, value }] = [...disk.cells].find(([, row]) => row.key.length > 1)!;
    disk.cells.set(cell, { key, value: value.slice(0, 20) });
    const rows = await reopened(disk);
    const early: Row[] = [];
    const lists = ['one', 'two'].map((collection) => rows.list(collection, (some) => early.push(...some)));
    const listed = await Promise.all(lists);
    expect(rows.damagedRows).toBe(1);
    expect(early).toHaveLength(9);
    expect(new Set(early)).toEqual(new Set(listed.flat()));
  });

  test('rows of every length, also shorter than a nonce, are left out without a fault', async () => {
    const { disk } = await filled();
    const [cell, { key, value }] = [...disk.cells][0]!;
    for (let length = 0; length < value.length; length++) {
      disk.cells.set(cell, { key, value: value.slice(0, length) });
      const rows = await reopened(disk);
      expect(await readAll(rows)).toHaveLength(9);
      expect(rows.damagedRows).toBe(1);
    }
  });

  test(
    'two rows put in each other’s place are noticed and neither is read as the other',
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.nat(9), fc.nat(9), async (first, second) => {
          fc.pre(first !== second);
          const { disk } = await filled();
          const cells = [...disk.cells];
          const [a, rowA] = cells[first]!;
          const [b, rowB] = cells[second]!;
          disk.cells.set(a, { key: rowA.key, value: rowB.value });
          disk.cells.set(b, { key: rowB.key, value: rowA.value });
          const rows = await reopened(disk);
          expect(await readAll(rows)).toHaveLength(8);
          expect(rows.damagedRows).toBe(2);
        }),
        { numRuns: 30 },
      );
    },
  );

  test('a damaged row that is written anew, or removed, is no longer damaged, but stays counted', async () => {
    const { disk } = await filled();
    const [cell, { key }] = [...disk.cells][0]!;
    disk.cells.set(cell, { key, value: new Uint8Array(40) });
    const rows = await reopened(disk);
    await readAll(rows);
    expect(rows.damagedRows).toBe(1);
    const lost = (await rows.list('one')).length === 4 ? 'one' : 'two';
    const there = new Set((await rows.list(lost)).map(({ id }) => id));
    const id = IDS.find((candidate) => !there.has(candidate))!;
    await rows.commit([{ collection: lost, id, value: utf8('again') }], 'strict');
    expect([rows.damagedRows, rows.damagedIn(lost)]).toEqual([1, 0]);
    expect(await rows.get(lost, id)).toEqual(utf8('again'));
  });

  test('damaged rows of a collection can be removed without touching any other', async () => {
    const { disk, rows: first } = await filled();
    const others = (await first.list('two')).length;
    for (const { key } of (await disk.range(new Uint8Array([0]), new Uint8Array([9]))).slice(0, 10)) {
      disk.cells.get(Buffer.from(key).toString('hex'))!.value[20]! ^= 1;
    }
    const rows = await reopened(disk);
    await rows.list('one');
    await rows.list('two');
    expect([rows.damagedIn('one'), rows.damagedIn('two'), others]).toEqual([5, 5, 5]);
    await rows.removeDamaged('one', 'relaxed');
    await rows.list('one');
    expect([rows.damagedIn('one'), rows.damagedIn('two'), rows.damagedRows]).toEqual([0, 5, 10]);
    expect(disk.cells.size).toBe(5);
  });

  test('a batch torn by a disk that breaks its promise leaves each row old or new, and none damaged', async () => {
    for (let torn = 0; torn <= 5; torn++) {
      const { disk } = await filled();
      const dying = new FaultyDisk(disk.cells);
      dying.commitsLeft = 1;
      dying.tornWrites = torn;
      const rows = await SealedRows.open(dying, KEY, seededRandom(2));
      const writes = IDS.map((id) => ({ collection: 'one', id, value: utf8(`new ${id}`) }));
      let settled = false;
      void rows.commit(writes, 'strict').finally(() => {
        settled = true;
      });
      await vi.waitUntil(() => dying.commitsLeft === 0);
      const after = await reopened(disk);
      const texts = (await after.list('one')).map(({ value }) => String.fromCharCode(...value));
      expect(texts).toEqual(IDS.map((id, n) => (n < torn ? `new ${id}` : `one ${id}`)));
      expect([after.damagedRows, settled]).toEqual([0, false]);
    }
  });
});

describe('a full disk (B20)', () => {
  test('refuses with `full`, keeps what it had, and takes it again when there is room', async () => {
    const { disk, rows } = await filled();
    disk.capacity = 2_000;
    const big = { collection: 'one', id: 'a', value: new Uint8Array(5_000) };
    await expect(rows.commit([big], 'strict')).rejects.toSatisfy(
      (f) => f instanceof StorageFault && f.fault === 'full',
    );
    expect(await rows.get('one', 'a')).toEqual(utf8('one a'));
    disk.capacity = Infinity;
    await rows.commit([big], 'strict');
    expect((await rows.get('one', 'a'))?.length).toBe(5_000);
  });

  test('a refused commit does not hold up the ones behind it', async () => {
    const { disk, rows } = await filled();
    disk.capacity = 2_000;
    const refused = rows.commit([{ collection: 'one', id: 'big', value: new Uint8Array(5_000) }], 'relaxed');
    const small = rows.commit([{ collection: 'one', id: 'small', value: utf8('s') }], 'relaxed');
    await expect(refused).rejects.toBeInstanceOf(StorageFault);
    await small;
    expect(await rows.get('one', 'small')).toEqual(utf8('s'));
  });
});

test('no two rows on disk share a nonce, even with equal content', async () => {
  const disk = new FaultyDisk();
  const rows = await SealedRows.open(disk, KEY, seededRandom(4));
  const writes = Array.from({ length: 500 }, (_, n) => ({ collection: 'c', id: `${n}`, value: utf8('same') }));
  await rows.commit(writes, 'relaxed');
  const nonces = new Set([...disk.cells.values()].map(({ value }) => String(value.slice(1, 13))));
  expect(nonces.size).toBe(500);
});

test('names that have no bytes of their own are refused, since two of them would be one row', async () => {
  const rows = await SealedRows.open(new FaultyDisk(), KEY, seededRandom(4));
  await expect(rows.commit([{ collection: 'c', id: '\ud800', value: utf8('v') }], 'strict')).rejects.toThrow(
    'row name',
  );
  expect(await rows.list('c')).toEqual([]);
});
