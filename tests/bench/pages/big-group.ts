// A big group in a real browser: its rows sealed in IndexedDB as the vault seals them, the session that ships over them.
import { breather } from '#adapters/platform/breather.ts';
import { systemRandom } from '#adapters/platform/system-random.ts';
import { IndexedDbDisk } from '#adapters/storage-indexeddb/indexeddb-disk.ts';
import { utf8, textOf, type Bytes } from '#core/bytes/bytes.ts';
import type { Millis, RowWrite } from '#core/ports.ts';
import { SealedRows } from '#core/vault/sealed-rows.ts';
import type { StorageKey } from '#core/vault/slots.ts';
import { moveTasks, openBigGroup, removeOne, takeMissed, until, type Opened } from '../big-group-use.ts';
import { unpacked } from '../packed.ts';

const KEY = utf8('the key of this bench and no vault') as StorageKey;
const ROWS_AT_ONCE = 1_000;

let opened: Opened | undefined;

async function sealedRows(): Promise<SealedRows> {
  return SealedRows.open(await IndexedDbDisk.open({ name: 'bench-group' }), KEY, systemRandom);
}

async function fetched(file: string): Promise<Bytes[]> {
  return unpacked(new Uint8Array(await (await fetch(file)).arrayBuffer())) as Bytes[];
}

/** Gives a way to read the longest task so far; 50 ms and more are noted by the browser. */
function watchLongTasks(): () => number {
  let longest = 0;
  const note = (entries: readonly PerformanceEntry[]): void => {
    for (const { duration } of entries) longest = Math.max(longest, duration);
  };
  const observer = new PerformanceObserver((list) => note(list.getEntries()));
  observer.observe({ type: 'longtask' });
  return () => {
    note(observer.takeRecords());
    observer.disconnect();
    return longest;
  };
}

const page = {
  /** Puts rows on the disk: collection, id and value of each, one after the other. */
  async fill(file: string): Promise<number> {
    const pieces = await fetched(file);
    const writes: RowWrite[] = [];
    for (let i = 0; i < pieces.length; i += 3) {
      writes.push({ collection: textOf(pieces[i]!)!, id: textOf(pieces[i + 1]!)!, value: pieces[i + 2]! });
    }
    const rows = await sealedRows();
    for (let i = 0; i < writes.length; i += ROWS_AT_ONCE) {
      await rows.commit(writes.slice(i, i + ROWS_AT_ONCE), 'strict');
    }
    return writes.length;
  },
  async missed(file: string, now: number, count: number): Promise<{ took: number; longestTask: number }> {
    const [runs, rows] = [await fetched(file), await sealedRows()];
    const tasks = watchLongTasks();
    return { took: await takeMissed(rows, now as Millis, { runs, count, breathe: breather() }), longestTask: tasks() };
  },
  /** From the disk, in a page that has held nothing of it. */
  async open(now: number): Promise<{ took: number; board: number; longestTask: number }> {
    const tasks = watchLongTasks();
    const begun = performance.now();
    opened = await openBigGroup(await sealedRows(), now as Millis, breather());
    const took = performance.now() - begun;
    const longestTask = tasks();
    const { group } = opened;
    const from = performance.now();
    await until(() => group.tasks!.state.current === 'open');
    return { took, board: performance.now() - from, longestTask };
  },
  shown: () => ({
    people: opened!.group.state.current.people.length,
    channels: opened!.group.channels.current.length,
    tasks: opened!.group.tasks!.list.current.length,
  }),
  move: () => moveTasks(opened!.group),
  remove: () => removeOne(opened!),
};

export type BigGroupPage = typeof page;

Object.assign(globalThis, { page });
