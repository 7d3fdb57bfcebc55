// Changes reach the disk in whole events, in order, and wait where there is no room.

import { describe, expect, test } from 'vitest';
import { utf8 } from '#core/bytes/bytes.ts';
import { StorageFault, type Clock, type Millis, type RowWrite, type Rows, type StorageFaultKind } from '#core/ports.ts';
import { Disk, type DiskState } from './disk.ts';
import { EventQueue } from './event-queue.ts';

class TestRows implements Rows {
  readonly commits: RowWrite[][] = [];
  readonly durabilities: string[] = [];
  fault: StorageFaultKind | undefined;
  held: (() => void)[] | undefined;

  get = () => Promise.resolve(undefined);
  list = () => Promise.resolve([]);

  async commit(writes: readonly RowWrite[], durability: 'strict' | 'relaxed'): Promise<void> {
    if (this.held !== undefined) await new Promise<void>((resolve) => this.held!.push(resolve));
    if (this.fault !== undefined) throw new StorageFault(this.fault);
    this.commits.push([...writes]);
    this.durabilities.push(durability);
  }
}

function makeDisk() {
  const rows = new TestRows();
  const queue = new EventQueue();
  const wakes: (() => void)[] = [];
  const states: DiskState[] = [];
  const clock: Clock = { now: () => 0 as Millis, after: (_, wake) => (wakes.push(wake), () => undefined) };
  const disk = new Disk({ rows, clock, queue, changed: (state) => states.push(state) });
  return { rows, queue, disk, states, wake: () => wakes.splice(0).forEach((wake) => wake()) };
}

const ids = (commits: readonly (readonly RowWrite[])[]): string[][] =>
  commits.map((writes) => writes.map(({ id }) => id));

describe('the disk', () => {
  test('makes the rows of a commit in steps before any other event, and commits none of them where it ends meanwhile', async () => {
    const rows = new TestRows();
    const pauses: (() => void)[] = [];
    const breathe = (): Promise<void> => new Promise((resolve) => void pauses.push(resolve));
    const queue = new EventQueue(breathe);
    const clock: Clock = { now: () => 0 as Millis, after: () => () => undefined };
    const disk = new Disk({ rows, clock, queue, changed: () => undefined });
    const turns = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        for (const go of pauses.splice(0)) go();
        await new Promise((resolve) => setTimeout(resolve));
      }
    };
    const made: string[] = [];
    const put = (id: string): void =>
      disk.put('row', id, () => {
        made.push(id);
        return utf8(id);
      });
    void queue.run(() => ['a', 'b', 'c'].forEach(put));
    const saved = disk.flush();
    await turns(2);
    void queue.run(() => void made.push('another event'));
    await turns(12);
    expect(await saved).toBe('saved');
    expect(made).toEqual(['a', 'b', 'c', 'another event']);
    expect(ids(rows.commits)).toEqual([['a', 'b', 'c']]);
    void queue.run(() => ['d', 'e'].forEach(put));
    const never = disk.flush();
    for (let i = 0; i < 20 && !made.includes('d'); i++) await turns(1);
    disk.end();
    await turns(12);
    expect(await never).toBe('closed');
    expect(rows.commits).toHaveLength(1);
  });

  test('commits what somebody waits for before other events that were queued, and all of the event', async () => {
    const { disk, queue, rows } = makeDisk();
    const seen: number[] = [];
    const done = disk.flush();
    await queue.run(() => {
      disk.put('row', 'a', utf8('a'));
      disk.hurry();
      void queue.run(() => {
        seen.push(rows.commits.length);
        disk.put('row', 'c', utf8('c'));
      });
      disk.put('row', 'b', utf8('b'));
    });
    await done;
    await disk.flush();
    expect(seen).toEqual([1]);
    expect(ids(rows.commits)).toEqual([['a', 'b'], ['c']]);
  });

  test('lets what can wait go after a commit that somebody waits for, and after a moment for the screen', async () => {
    const { disk, queue, rows, wake } = makeDisk();
    const seen: number[] = [];
    const look = (): void => void seen.push(rows.commits.length);
    disk.unhurried(look);
    await queue.run(() => {
      disk.put('row', 'a', utf8('a'));
      disk.hurry();
      disk.unhurried(look);
    });
    await disk.flush();
    disk.unhurried(look);
    await queue.idle();
    expect([seen, disk.isHurried]).toEqual([[0], true]);
    wake();
    await queue.idle();
    disk.unhurried(look);
    expect([seen, disk.isHurried]).toEqual([[0, 1, 1, 1], false]);
  });

  test('what is hurried while another commit is under way follows at once', async () => {
    const { disk, queue, rows, wake } = makeDisk();
    rows.held = [];
    const first = queue.run(() => disk.put('row', 'a', utf8('a')));
    await first;
    while (rows.held.length === 0) await Promise.resolve();
    let isCalm = false;
    await queue.run(() => {
      disk.put('row', 'b', utf8('b'));
      disk.hurry();
      disk.unhurried(() => (isCalm = true));
    });
    expect(isCalm).toBe(false);
    for (const land of rows.held.splice(0)) land();
    while (rows.held.length === 0) await Promise.resolve();
    expect(isCalm).toBe(false);
    for (const land of rows.held.splice(0)) land();
    await queue.idle();
    wake();
    await queue.idle();
    expect([isCalm, ids(rows.commits)]).toEqual([true, [['a'], ['b']]]);
  });

  test('neither writes nor removes a row that came and went between two commits, and removes one that was in flight', async () => {
    const { disk, queue, rows } = makeDisk();
    const [a, b] = [utf8('a'), utf8('b')];
    await queue.run(() => {
      disk.add('pending', '1', a);
      disk.put('pending', '1', b);
      disk.put('pending', '1', null);
      disk.add('pending', '2', a);
    });
    await disk.flush();
    expect(rows.commits).toEqual([[{ collection: 'pending', id: '2', value: a }]]);
    rows.held = [];
    const done = disk.flush();
    await queue.run(() => disk.add('pending', '3', a));
    await new Promise((resolve) => setTimeout(resolve));
    await queue.run(() => disk.put('pending', '3', null));
    await queue.run(() => disk.put('pending', '2', null));
    await queue.run(() => {
      // Its removal has not left yet: the disk still has the old one.
      disk.add('pending', '2', b);
      disk.put('pending', '2', null);
    });
    rows.held.splice(0).forEach((go) => go());
    rows.held = undefined;
    await done;
    await disk.flush();
    expect(rows.commits.slice(1).flat()).toEqual([
      { collection: 'pending', id: '3', value: a },
      { collection: 'pending', id: '3', value: null },
      { collection: 'pending', id: '2', value: null },
    ]);
  });

  test('goes on at once with much that came during a commit, before all that came since', async () => {
    const { disk, queue, rows } = makeDisk();
    rows.held = [];
    await queue.run(() => disk.put('row', 'first', utf8('a')));
    while (rows.held.length === 0) await Promise.resolve();
    const names = Array.from({ length: 20 }, (_, i) => `much ${i}`);
    await queue.run(() => names.forEach((name) => disk.put('row', name, utf8('b'))));
    const others: Promise<unknown>[] = [];
    for (let i = 0; i < 100; i++) others.push(queue.run(() => disk.put('row', `late ${i}`, utf8('c'))));
    for (const land of rows.held.splice(0)) land();
    await Promise.all(others);
    // Some of what came is not in it, and waits for the next one.
    while (rows.held.length === 0) await Promise.resolve();
    rows.held.splice(0).forEach((land) => land());
    rows.held = undefined;
    await disk.flush();
    const [, second] = ids(rows.commits);
    expect(second).toEqual(expect.arrayContaining(names));
    expect(second!.length).toBeLessThan(20 + 40);
  });

  test('begins at once with much that comes, before all that came since', async () => {
    const { disk, queue, rows } = makeDisk();
    const names = Array.from({ length: 20 }, (_, i) => `much ${i}`);
    const events = [queue.run(() => names.forEach((name) => disk.put('row', name, utf8('b'))))];
    for (let i = 0; i < 100; i++) events.push(queue.run(() => disk.put('row', `late ${i}`, utf8('c'))));
    await Promise.all(events);
    await disk.flush();
    expect(ids(rows.commits)[0]).toEqual(names);
    expect(new Set(ids(rows.commits).flat()).size).toBe(120);
  });

  test('does not write what waits for others by the hundreds, but what becomes of it', async () => {
    const { disk, queue, rows } = makeDisk();
    const waiting = Array.from({ length: 200 }, (_, i) => `${i}`);
    const events = [
      queue.run(() => waiting.forEach((id) => disk.add('pending', id, utf8(id)))),
      queue.run(() => waiting.slice(0, 20).forEach((id) => disk.put('row', id, utf8(id)))),
    ];
    for (let i = 0; i < 200; i += 20) {
      events.push(queue.run(() => waiting.slice(i, i + 20).forEach((id) => disk.put('pending', id, null))));
    }
    await Promise.all(events);
    await disk.flush();
    const written = rows.commits.flat().filter(({ collection, value }) => collection === 'pending' && value !== null);
    expect(written.length).toBeLessThan(100);
    // It did not wait for the last of them.
    expect(rows.commits.length).toBeGreaterThan(1);
  });

  test('commits all changes of an event together, and later ones after them', async () => {
    const { disk, queue, rows } = makeDisk();
    await queue.run(() => {
      disk.put('a', '1', utf8('x'));
      disk.put('a', '2', utf8('y'));
    });
    await queue.idle();
    await queue.run(() => disk.put('a', '3', null));
    await queue.idle();
    expect(ids(rows.commits)).toEqual([['1', '2'], ['3']]);
  });

  test('never commits half an event, however long it takes', async () => {
    const { disk, queue, rows } = makeDisk();
    await queue.run(async () => {
      disk.put('a', '1', utf8('x'));
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(rows.commits).toEqual([]);
      disk.put('a', '2', utf8('y'));
    });
    await queue.idle();
    expect(ids(rows.commits)).toEqual([['1', '2']]);
  });

  test('says durable only after the commit that holds what was changed before', async () => {
    const { disk, queue, rows } = makeDisk();
    rows.held = [];
    const said: string[] = [];
    await queue.run(() => {
      disk.put('a', '1', utf8('x'));
      disk.durable((outcome) => said.push(outcome));
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(said).toEqual([]);
    rows.held.splice(0).forEach((go) => go());
    await queue.idle();
    expect(said).toEqual(['saved']);
  });

  test('says durable only after a strict commit, also where all was committed already in a loose one', async () => {
    const { disk, queue, rows } = makeDisk();
    await queue.run(() => {
      disk.put('row', 'long', utf8('much of it'));
      disk.put('row', 'short', utf8('s'));
      disk.put('row', 'gone', null);
    });
    await queue.idle();
    expect(rows.durabilities).toEqual(['relaxed']);
    expect(await disk.flush()).toBe('saved');
    expect(rows.durabilities).toEqual(['relaxed', 'strict']);
    expect(ids(rows.commits)[1]).toEqual(['short']);
    // Nothing has changed since.
    expect(await disk.flush()).toBe('saved');
    expect(rows.commits).toHaveLength(2);

    rows.held = [];
    await queue.run(() => disk.put('row', 'late', utf8('l')));
    await expect.poll(() => rows.held!.length).toBe(1);
    const saved = disk.flush();
    const landing = rows.held.splice(0);
    rows.held = undefined;
    landing.forEach((land) => land());
    expect(await saved).toBe('saved');
    expect(rows.durabilities).toEqual(['relaxed', 'strict', 'relaxed', 'strict']);
    expect(ids(rows.commits).slice(2)).toEqual([['late'], ['late']]);
  });

  test('takes what somebody waits for in one strict commit', async () => {
    const { disk, rows } = makeDisk();
    const { done, saved } = await disk.saving(async () => {
      disk.put('row', 'one', utf8('1'));
      await Promise.resolve();
      disk.put('row', 'two', utf8('2'));
      return 'made';
    });
    expect([done, await saved]).toEqual(['made', 'saved']);
    expect(rows.durabilities).toEqual(['strict']);
    expect(ids(rows.commits)).toEqual([['one', 'two']]);
  });

  test('keeps what a full disk refused, tells so once, and tries again with all that came since', async () => {
    const { disk, queue, rows, states, wake } = makeDisk();
    rows.fault = 'full';
    const said: string[] = [];
    await queue.run(() => {
      disk.put('a', '1', utf8('old'));
      disk.durable((outcome) => said.push(outcome));
    });
    await queue.idle();
    await queue.run(() => disk.put('a', '1', utf8('new')));
    await queue.run(() => disk.put('a', '2', utf8('y')));
    wake();
    await queue.idle();
    expect([states, said, rows.commits]).toEqual([['full'], [], []]);
    rows.fault = undefined;
    wake();
    await queue.idle();
    expect([states, said]).toEqual([['full', 'well'], ['saved']]);
    expect(rows.commits).toEqual([
      [
        { collection: 'a', id: '1', value: utf8('new') },
        { collection: 'a', id: '2', value: utf8('y') },
      ],
    ]);
  });

  test('says so where a row cannot be made, loses nothing for it, and goes on once it can', async () => {
    const { rows, disk, states, wake, queue } = makeDisk();
    let isWell = false;
    void queue.run(() => {
      disk.put('row', 'a', utf8('a'));
      disk.put('row', 'b', () => {
        if (!isWell) throw new Error('not yet');
        return utf8('b');
      });
    });
    const saved = disk.flush();
    await queue.idle();
    expect([states, rows.commits]).toEqual([['full'], []]);
    isWell = true;
    disk.put('row', 'c', utf8('c'));
    wake();
    expect(await saved).toBe('saved');
    expect([states, ids(rows.commits)]).toEqual([['full', 'well'], [['a', 'b', 'c']]]);
  });

  test('ends when the database is gone, and promises nothing any more', async () => {
    const { disk, queue, rows, states } = makeDisk();
    rows.fault = 'gone';
    const said: string[] = [];
    await queue.run(() => {
      disk.put('a', '1', utf8('x'));
      disk.durable((outcome) => said.push(outcome));
    });
    await queue.idle();
    expect([disk.state, states, said, await disk.flush()]).toEqual(['ended', ['ended'], ['closed'], 'closed']);
  });
});
