// What every disk and every sealed store over it must do. Memory, fake-indexeddb and a real browser all run it.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compare, concat, utf8, type Bytes } from '#core/bytes/bytes.ts';
import { hex } from '#core/bytes/text-forms.ts';
import { StorageFault, type Row } from '#core/ports.ts';
import type { DiskRow, RowDisk } from '#core/vault/row-disk.ts';
import { SealedRows } from '#core/vault/sealed-rows.ts';
import type { StorageKey } from '#core/vault/slots.ts';
import { seededRandom } from './seeded.ts';

export interface DiskUnderTest {
  /** A disk whose content nobody else has. */
  fresh(): Promise<RowDisk>;
  /** Opens again what a closed disk of `fresh` held. */
  reopen(closed: RowDisk): Promise<RowDisk>;
}

const key = (...bytes: number[]): Bytes => new Uint8Array(bytes);

export function diskSuite(name: string, under: DiskUnderTest): void {
  describe(`a disk (${name})`, () => {
    test('gives back what was committed, also after it was closed and opened again', async () => {
      const disk = await under.fresh();
      await disk.commit([{ key: key(1, 2), value: utf8('kept') }], 'strict');
      expect(await disk.get(key(1, 2))).toEqual(utf8('kept'));
      await disk.close();
      const again = await under.reopen(disk);
      expect(await again.get(key(1, 2))).toEqual(utf8('kept'));
      expect(await again.get(key(1))).toBeUndefined();
      await again.close();
    });

    test('orders keys byte by byte, a shorter one before those it begins, and leaves the end of a range out', async () => {
      const disk = await under.fresh();
      const keys = [key(1, 0xff), key(1), key(1, 0), key(1, 0x80, 1), key(1, 0x80), key(2), key(0, 0xff)];
      await disk.commit(
        keys.map((k) => ({ key: k, value: concat(k) })),
        'relaxed',
      );
      const rows = await disk.range(key(1), key(2));
      expect(rows.map((row) => [...row.key])).toEqual([[1], [1, 0], [1, 0x80], [1, 0x80, 1], [1, 0xff]]);
      for (const row of rows) expect(row.value).toEqual(row.key);
      await disk.close();
    });

    test('gives rows small and large as they come, each once and the same as in the end', async () => {
      const disk = await under.fresh();
      const sizes = Array.from({ length: 300 }, (_, n) => (n % 7 === 0 ? 40_000 : 10));
      await disk.commit(
        sizes.map((size, n) => ({ key: key(1, n >> 8, n & 0xff), value: utf8('x'.repeat(size + n)) })),
        'relaxed',
      );
      const came: DiskRow[] = [];
      const rows = await disk.range(key(1), key(2), (some) => came.push(...some));
      expect(rows.map(({ value }) => value.length)).toEqual(sizes.map((size, n) => size + n));
      expect(rows.map((row) => [...row.key])).toEqual(sizes.map((_, n) => [1, n >> 8, n & 0xff]));
      expect([...came].sort((a, b) => compare(a.key, b.key))).toEqual(rows);
      await disk.range(key(5), key(6), (some) => expect(some).toEqual([]));
      await disk.close();
    });

    test('lets a read see every commit that was called before it', async () => {
      const disk = await under.fresh();
      const commits = [1, 2, 3].map((n) =>
        disk.commit([{ key: key(9), value: key(n) }], n === 2 ? 'strict' : 'relaxed'),
      );
      expect(await disk.get(key(9))).toEqual(key(3));
      await Promise.all(commits);
      const removed = disk.commit([{ key: key(9), value: null }], 'relaxed');
      expect(await disk.range(key(0), key(0xff))).toEqual([]);
      await removed;
      await disk.close();
    });

    test('keeps a value of its own: what the caller changes later does not change the row', async () => {
      const disk = await under.fresh();
      const value = utf8('before');
      await disk.commit([{ key: key(1), value }], 'relaxed');
      value.fill(0);
      const read = await disk.get(key(1));
      expect(read).toEqual(utf8('before'));
      read!.fill(0);
      expect(await disk.get(key(1))).toEqual(utf8('before'));
      await disk.close();
    });

    test('stores a part of a larger buffer as that part alone', async () => {
      const disk = await under.fresh();
      const part = utf8('secret-part-secret').subarray(7, 11);
      await disk.commit([{ key: key(1), value: part }], 'relaxed');
      const read = await disk.get(key(1));
      expect(read).toEqual(utf8('part'));
      expect(read!.buffer.byteLength).toBe(4);
      await disk.close();
    });

    test('finishes what was committed before it closes, and refuses everything after with `closed`', async () => {
      const disk = await under.fresh();
      const pending = disk.commit([{ key: key(1), value: key(1) }], 'relaxed');
      await disk.close();
      await pending;
      const isClosed = (fault: unknown) => fault instanceof StorageFault && fault.fault === 'closed';
      await expect(disk.get(key(1))).rejects.toSatisfy(isClosed);
      await expect(disk.range(key(0), key(9))).rejects.toSatisfy(isClosed);
      await expect(disk.commit([{ key: key(1), value: key(2) }], 'strict')).rejects.toSatisfy(isClosed);
      const again = await under.reopen(disk);
      expect(await again.get(key(1))).toEqual(key(1));
      await again.close();
    });

    test('takes a thousand commits at once and keeps each', async () => {
      const disk = await under.fresh();
      const commits = Array.from({ length: 1_000 }, (_, n) =>
        disk.commit([{ key: key(n >> 8, n & 0xff), value: key(n & 0xff) }], n % 100 === 0 ? 'strict' : 'relaxed'),
      );
      await Promise.all(commits);
      expect(await disk.range(key(0), key(0xff))).toHaveLength(1_000);
      await disk.close();
    });
  });
}

const STORAGE_KEY = new Uint8Array(32).fill(7) as StorageKey;

/** What sealed rows must do over a disk. */
export function sealedRowsSuite(name: string, under: DiskUnderTest): void {
  const open = (disk: RowDisk) => SealedRows.open(disk, STORAGE_KEY, seededRandom(1));

  describe(`sealed rows (${name})`, () => {
    test(
      'give back 1,000 random rows, one by one and as lists in order of id, after reopening',
      { timeout: 60_000 },
      async () => {
        const disk = await under.fresh();
        const rows = await open(disk);
        const collections = ['a', 'b', 'collection with a longer name'];
        const row = fc.record({
          collection: fc.constantFrom(...collections),
          id: fc.string({ unit: 'binary', maxLength: 20 }),
          value: fc.uint8Array({ maxLength: 300 }).map((bytes) => new Uint8Array(bytes)),
        });
        const written = fc.sample(row, { numRuns: 1_000, seed: 5 }).map((one, n) => ({ ...one, id: `${one.id} ${n}` }));
        await Promise.all(written.map((write, n) => rows.commit([write], n % 50 === 0 ? 'strict' : 'relaxed')));
        await disk.close();
        const again = await open(await under.reopen(disk));
        const read = await Promise.all(written.map(({ collection, id }) => again.get(collection, id)));
        expect(read.map((value) => value && hex.encode(value))).toEqual(written.map(({ value }) => hex.encode(value)));
        for (const collection of collections) {
          const expected = written
            .filter((write) => write.collection === collection)
            .map(({ id, value }) => ({ id, value: hex.encode(value) }))
            .sort((x, y) => (x.id < y.id ? -1 : 1));
          const came: Row[] = [];
          const listed = await again.list(collection, (some) => came.push(...some));
          expect([...came].sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual(listed);
          expect(listed.map(({ id, value }) => ({ id, value: hex.encode(value) }))).toEqual(expected);
        }
        expect(again.damagedRows).toBe(0);
      },
    );

    test('let the last of many writes to one row win, whatever their sizes', async () => {
      const disk = await under.fresh();
      const rows = await open(disk);
      const sizes = [200_000, 1, 50_000, 3, 0, 7];
      const commits = sizes.map((size) =>
        rows.commit([{ collection: 'c', id: 'x', value: new Uint8Array(size) }], size > 1_000 ? 'strict' : 'relaxed'),
      );
      expect((await rows.get('c', 'x'))?.length).toBe(7);
      await Promise.all(commits);
      await rows.commit([{ collection: 'c', id: 'x', value: null }], 'relaxed');
      expect(await rows.get('c', 'x')).toBeUndefined();
      expect(await rows.list('c')).toEqual([]);
      await disk.close();
    });

    test('show no collection, id or value to whoever reads the disk', async () => {
      const disk = await under.fresh();
      const rows = await open(disk);
      const canaries = ['canary-collection', 'canary-id', 'canary-value'];
      const [collection, id, value] = canaries as [string, string, string];
      await rows.commit([{ collection, id, value: utf8(value.repeat(20)) }], 'strict');
      const image = (await disk.range(key(0), key(0xff, 0xff))).flatMap((row) => [row.key, row.value]);
      expect(image.length).toBe(2);
      for (const canary of canaries) {
        const found = image.some((bytes) => String.fromCharCode(...bytes).includes(canary));
        expect(found, canary).toBe(false);
      }
      await disk.close();
    });

    test('do not open under another storage key, and say so', async () => {
      const disk = await under.fresh();
      await (await open(disk)).commit([{ collection: 'c', id: 'x', value: utf8('v') }], 'strict');
      const other = await SealedRows.open(disk, new Uint8Array(32).fill(8) as StorageKey, seededRandom(2));
      expect(await other.list('c')).toEqual([]);
      expect(await other.get('c', 'x')).toBeUndefined();
      await disk.close();
    });
  });
}
