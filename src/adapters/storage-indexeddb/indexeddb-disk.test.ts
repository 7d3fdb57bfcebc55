// The browser's disk keeps the promises of every disk, and says truly why it refuses.

import 'fake-indexeddb/auto';
import { describe, expect, test, vi } from 'vitest';
import { diskSuite, sealedRowsSuite, type DiskUnderTest } from '#tests/suites/storage-suite.ts';
import { utf8 } from '#core/bytes/bytes.ts';
import { StorageFault, type StorageFaultKind } from '#core/ports.ts';
import { IndexedDbDisk } from './indexeddb-disk.ts';
import { faultOf } from './storage-faults.ts';

const names = new WeakMap<object, string>();
let count = 0;

async function open(name = `disk-${count++}`, claim?: string): Promise<IndexedDbDisk> {
  const disk = await IndexedDbDisk.open(claim === undefined ? { name } : { name, claim: utf8(claim) });
  names.set(disk, name);
  return disk;
}

const isFault = (kind: StorageFaultKind) => (fault: unknown) => fault instanceof StorageFault && fault.fault === kind;
const row = (text: string) => [{ key: utf8(text), value: utf8(text) }];

const fake: DiskUnderTest = { fresh: () => open(), reopen: (closed) => open(names.get(closed)!) };
diskSuite('fake-indexeddb', fake);
sealedRowsSuite('fake-indexeddb', fake);

describe('a disk that ends from outside', () => {
  test('says `gone` when another tab deletes the database, and lets it be deleted', async () => {
    const disk = await open('deleted');
    const ended: string[] = [];
    disk.onended = (why) => ended.push(why);
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.deleteDatabase('deleted');
      request.onsuccess = () => resolve();
      request.onerror = () => reject(request.error);
    });
    expect(ended).toEqual(['gone']);
    await expect(disk.commit(row('a'), 'strict')).rejects.toSatisfy(isFault('gone'));
    await expect(disk.get(utf8('a'))).rejects.toSatisfy(isFault('gone'));
  });

  test('says `closed` when another tab claimed the disk, and changes nothing any more', async () => {
    const first = await open('claimed', 'first');
    const ended: string[] = [];
    first.onended = (why) => ended.push(why);
    await first.commit(row('before'), 'strict');
    const second = await open('claimed', 'second');
    await second.commit(row('second'), 'strict');
    await expect(first.commit([...row('late'), ...row('second')], 'strict')).rejects.toSatisfy(isFault('closed'));
    expect(ended).toEqual(['closed']);
    const rows = await second.range(new Uint8Array([0]), new Uint8Array([0xff]));
    expect(rows.map(({ key }) => key)).toEqual([utf8('before'), utf8('second')]);
    await second.close();
  });

  test('a look at the disk without a claim leaves the claim where it is', async () => {
    const owner = await open('looked-at', 'owner');
    const look = await open('looked-at');
    expect(await look.get(utf8('x'))).toBeUndefined();
    await look.close();
    await owner.commit(row('still'), 'strict');
    await owner.close();
  });
});

describe('a disk without room', () => {
  test('refuses the commit that does not fit with `full` and keeps the small ones of the same batch', async () => {
    const disk = await open();
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (value: Uint8Array, key?: IDBValidKey) {
      if (value.length > 1_000) throw new DOMException('no room', 'QuotaExceededError');
      return put.call(this, value, key);
    };
    try {
      const small = disk.commit(row('small'), 'relaxed');
      const big = disk.commit([...row('with-big'), { key: utf8('big'), value: new Uint8Array(2_000) }], 'strict');
      const after = disk.commit(row('after'), 'relaxed');
      await expect(big).rejects.toSatisfy(isFault('full'));
      await Promise.all([small, after]);
    } finally {
      IDBObjectStore.prototype.put = put;
    }
    const rows = await disk.range(new Uint8Array([0]), new Uint8Array([0xff]));
    expect(rows.map(({ key }) => key)).toEqual([utf8('after'), utf8('small')]);
    await disk.commit([{ key: utf8('big'), value: new Uint8Array(2_000) }], 'strict');
    await disk.close();
  });
});

test('lets what people write leave before it goes to work, and joins what comes meanwhile', async () => {
  vi.stubGlobal('document', { visibilityState: 'visible' });
  try {
    const disk = await open();
    const done: string[] = [];
    const transactions = vi.spyOn(IDBDatabase.prototype, 'transaction');
    const first = disk.commit(row('first'), 'strict').then(() => done.push('first'));
    await new Promise((resolve) => setTimeout(resolve));
    expect(transactions).not.toHaveBeenCalled();
    const second = disk.commit(row('second'), 'strict').then(() => done.push('second'));
    await Promise.all([first, second]);
    expect(done).toEqual(['first', 'second']);
    expect(transactions).toHaveBeenCalledTimes(1);
  } finally {
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  }
});

test('names each storage error by what it means', () => {
  expect(faultOf(new DOMException('', 'QuotaExceededError'), 'gone').fault).toBe('full');
  expect(faultOf(new DOMException('', 'InvalidStateError')).fault).toBe('closed');
  expect(faultOf(new DOMException('', 'AbortError'), 'gone').fault).toBe('gone');
  expect(faultOf(null).fault).toBe('broken');
  expect(faultOf(new StorageFault('full'), 'closed').fault).toBe('full');
});
