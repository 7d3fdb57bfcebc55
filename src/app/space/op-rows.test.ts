// Ops on disk: gathered in rows of many, never lost on the way, whenever the app is killed.

import { beforeAll, describe, expect, test } from 'vitest';
import { utf8, type Bytes } from '#core/bytes/bytes.ts';
import { addOps, emptyCharter, orderedOps } from '#core/charter/charter.ts';
import type { SpaceId } from '#core/charter/ids.ts';
import { encodeSignedOp, type VerifiedOp } from '#core/charter/op.ts';
import { viewOf } from '#core/charter/view.ts';
import type { Rows } from '#core/ports.ts';
import { selfGenesis } from '#core/charter/write-op.ts';
import { MemoryDisk, type MemoryCells } from '#core/vault/memory-disk.ts';
import { SealedRows } from '#core/vault/sealed-rows.ts';
import type { StorageKey } from '#core/vault/slots.ts';
import { FaultyDisk } from '#tests/suites/faulty-disk.ts';
import { handClock, seededRandom } from '#tests/suites/seeded.ts';
import { deviceNamed, quickSuite, Replica } from '#tests/suites/space-kit.ts';
import { Disk } from '../disk.ts';
import { EventQueue } from '../event-queue.ts';
import { opCollection, OpRows } from './op-rows.ts';

const KEY = utf8('a key for tests, and nothing else') as StorageKey;
const HELD = 700;

const never = (): never => {
  throw new Error('never asked');
};
const neverAsked = { get: never, commit: never };

let ops: readonly VerifiedOp[];
let space: SpaceId;

beforeAll(async () => {
  const author = await deviceNamed('keeper');
  const genesis = await selfGenesis(author, undefined, quickSuite);
  space = genesis.id as string as SpaceId;
  const replica = new Replica(space);
  replica.take(genesis);
  while (replica.charter.ops.size < HELD) {
    const at = replica.charter.ops.size;
    // One in fifty is too large to be gathered.
    const relays =
      at % 50 === 0 ? Array.from({ length: 8 }, () => 'wss://x.example'.padEnd(500, 'x')) : [`wss://${at}.example`];
    await replica.write(author, { type: 'relays', relays });
  }
  ops = orderedOps(replica.charter).map(({ signed }) => signed);
});

async function opened(under: MemoryDisk) {
  const rows = await SealedRows.open(under, KEY, seededRandom(7));
  const queue = new EventQueue();
  const clock = handClock();
  const disk = new Disk({ rows, clock, queue, changed: () => undefined });
  const kept = new OpRows(space);
  const put = (some: readonly VerifiedOp[]) => queue.run(() => kept.put(some, disk));
  return { rows, queue, clock, disk, kept, put };
}

/** As after a restart. */
async function stored(cells: MemoryCells) {
  const there = await opened(new MemoryDisk(cells));
  const rows = await there.rows.list(opCollection(space));
  return { ...there, listed: rows, ...(await there.kept.load(there.rows)) };
}

const idsOf = (some: readonly VerifiedOp[]): string[] => [...new Set(some.map(({ id }) => id))].sort();

describe('ops on disk', () => {
  test('come back whole from rows of many, and parents come before children', async () => {
    const disk = new MemoryDisk();
    const app = await opened(disk);
    for (const op of ops) await app.put([op]);
    await app.disk.flush();
    const after = await stored(disk.cells);
    expect(idsOf(after.ops)).toEqual(idsOf(ops));
    expect(after.listed.length).toBeLessThan(HELD / 3);
    expect(after.ops.map(encodeSignedOp).sort()).toEqual(ops.map(encodeSignedOp).sort());
    const { charter } = addOps(emptyCharter(space), after.ops);
    expect(viewOf(charter)!.relays).toEqual([`wss://${HELD - 1}.example`]);
  });

  test('are the same from rows none of which come early', async () => {
    const disk = new MemoryDisk();
    const app = await opened(disk);
    await app.put(ops);
    await app.disk.flush();
    const { rows, kept, ops: early } = await stored(disk.cells);
    const late: Rows = { ...neverAsked, list: (collection) => rows.list(collection) };
    expect(await kept.load(late)).toEqual({ ops: early, damaged: 0 });
  });

  test('that come in one event are never written one by one first', async () => {
    const disk = new FaultyDisk();
    const app = await opened(disk);
    await app.put(ops);
    await app.disk.flush();
    expect(disk.commits).toBe(1);
    const { listed, ops: read } = await stored(disk.cells);
    expect(idsOf(read)).toEqual(idsOf(ops));
    expect(listed.length).toBeLessThan(HELD / 3);
  });

  test('are read where an older app wrote a row for each, and gathered bit by bit', async () => {
    const disk = new MemoryDisk();
    const before = await opened(disk);
    const writes = ops.map((op) => ({ collection: opCollection(space), id: op.id, value: encodeSignedOp(op) }));
    await before.rows.commit(writes, 'strict');
    let after = await stored(disk.cells);
    expect(after.listed.length).toBe(HELD);
    expect(idsOf(after.ops)).toEqual(idsOf(ops));
    const { kept, queue } = after;
    await queue.run(() => kept.gather(after.disk));
    await after.disk.flush();
    after = await stored(disk.cells);
    expect(after.listed.length).toBeLessThan(HELD / 3);
    expect(idsOf(after.ops)).toEqual(idsOf(ops));
  });

  test('cost only themselves when a row of many is damaged: the others are read, and nothing is written over it', async () => {
    const disk = new MemoryDisk();
    const app = await opened(disk);
    await app.put(ops);
    await app.disk.flush();
    const [first] = [...disk.cells.entries()].filter(([, { value }]) => value.length > 20_000);
    const { key, value } = first![1];
    const torn: Bytes = value.slice(0, 9_000);
    disk.cells.set(first![0], { key, value: torn });
    const after = await stored(disk.cells);
    expect(after.rows.damagedRows).toBe(1);
    expect(after.ops.length).toBeGreaterThan(HELD / 2);
    expect(after.ops.length).toBeLessThan(HELD);
    await after.put(ops);
    await after.disk.flush();
    expect(disk.cells.get(first![0])!.value).toEqual(torn);
    expect(idsOf((await stored(disk.cells)).ops)).toEqual(idsOf(ops));
  });
});

describe('a kill (B20)', () => {
  /** Puts ops in small events and dies at a commit, of which the first writes may still arrive. */
  async function killedAt(commits: number, tornWrites: number) {
    const disk = new FaultyDisk();
    const app = await opened(disk);
    disk.commitsLeft = commits;
    disk.tornWrites = tornWrites;
    const saved = new Set<string>();
    const dice = seededRandom(commits);
    for (let at = 0; at < ops.length;) {
      const some = ops.slice(at, at + 1 + (dice.bytes(1)[0]! % 90));
      at += some.length;
      await app.put(some);
      app.disk.durable((outcome) => {
        if (outcome === 'saved') for (const { id } of some) saved.add(id);
      });
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    // What is told from now on may be younger than what will be read.
    return { cells: disk.cells, saved: new Set(saved) };
  }

  test('at any commit loses no op that was told to be saved, also if only the beginning of that commit arrived', async () => {
    let lost = 0;
    let most = 0;
    for (let commits = 1; commits <= 14; commits++) {
      for (const torn of [0, 1, 2, 40]) {
        const { cells, saved } = await killedAt(commits, torn);
        const after = await stored(cells);
        const there = new Set<string>(after.ops.map(({ id }) => id));
        for (const id of saved) if (!there.has(id)) lost++;
        most = Math.max(most, saved.size);
        expect([after.damaged, after.rows.damagedRows]).toEqual([0, 0]);
      }
    }
    expect(lost).toBe(0);
    expect(most).toBeGreaterThan(HELD / 3);
  });

  test('while an older log is gathered loses nothing, and the next start goes on with it', async () => {
    for (const torn of [0, 1, 2, 100, 300]) {
      const old = new MemoryDisk();
      const writes = ops.map((op) => ({ collection: opCollection(space), id: op.id, value: encodeSignedOp(op) }));
      await (await opened(old)).rows.commit(writes, 'strict');
      const dying = new FaultyDisk(old.cells);
      dying.commitsLeft = 1;
      dying.tornWrites = torn;
      const app = await opened(dying);
      await app.kept.load(app.rows);
      await app.queue.run(() => app.kept.gather(app.disk));
      await new Promise((resolve) => setTimeout(resolve, 20));
      const after = await stored(old.cells);
      expect(idsOf(after.ops)).toEqual(idsOf(ops));
      await after.queue.run(() => after.kept.gather(after.disk));
      await after.disk.flush();
      const last = await stored(old.cells);
      expect(idsOf(last.ops)).toEqual(idsOf(ops));
      expect(last.listed.length).toBeLessThan(HELD / 3);
    }
  });

  test('is not needed to refuse a row: a full disk keeps the single rows, and takes the rest when there is room', async () => {
    const disk = new FaultyDisk();
    const app = await opened(disk);
    await app.put(ops.slice(0, 60));
    await app.disk.flush();
    disk.capacity = 20_000;
    await app.put(ops.slice(60));
    await app.disk.tried();
    expect(app.disk.state).toBe('full');
    expect(idsOf((await stored(disk.cells)).ops)).toEqual(idsOf(ops.slice(0, 60)));
    disk.capacity = Infinity;
    const saved = app.disk.flush();
    await app.clock.pass(5_000);
    expect(await saved).toBe('saved');
    expect(idsOf((await stored(disk.cells)).ops)).toEqual(idsOf(ops));
  });
});
