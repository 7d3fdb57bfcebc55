// The device over a real (fake-indexeddb) database and real locks: tabs, deletions, full disks, backups.

import 'fake-indexeddb/auto';
import { sha256 } from '@noble/hashes/sha2.js';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { TabLock } from '#adapters/platform/tab-lock.ts';
import { IndexedDbDisk } from '#adapters/storage-indexeddb/indexeddb-disk.ts';
import { openBackupFile, sealBackupFile } from '#adapters/vault-worker/age-file.ts';
import { handClock } from '#tests/suites/seeded.ts';
import { textOf, utf8 } from '#core/bytes/bytes.ts';
import { StorageFault } from '#core/ports.ts';
import type { Contact, DeviceState } from '../api.ts';
import { LiveValue } from '../live-value.ts';
import type { OpenSession } from '../session-ports.ts';
import type { DeviceParts, UnlockedVault } from './device-parts.ts';
import { VaultDevice } from './vault-device.ts';

interface FakeSession extends OpenSession {
  readonly identity: string;
  readonly vault: UnlockedVault;
  readonly contacts: LiveValue<readonly Contact[]>;
  closed: boolean;
}

let count = 0;
let locks: TabLock[] = [];
const systemRandom = { bytes: (n: number) => crypto.getRandomValues(new Uint8Array(Math.min(n, 65_536))) };

afterEach(() => {
  for (const lock of locks) lock.close();
  locks = [];
});

/** A browser: one database and one lock name, any number of tabs, one marker. */
function browser(name = `device-${count++}`) {
  let marked = false;
  const clock = handClock();
  const persist = vi.fn(() => Promise.resolve(true));
  const parts = (change: Partial<DeviceParts> = {}): DeviceParts => {
    const lock = new TabLock(name);
    locks.push(lock);
    return {
      clock,
      random: systemRandom,
      openDisk: (claim) => IndexedDbDisk.open(claim === undefined ? { name } : { name, claim }),
      lock,
      stretch: async (passphrase, salt, progress) => {
        progress?.(0.5);
        return new Uint8Array(sha256(new Uint8Array([...salt, ...utf8(passphrase)])));
      },
      backups: { seal: (state, passphrase) => sealBackupFile(state, passphrase, 4), open: openBackupFile },
      storage: {
        facts: () => Promise.resolve({ persisted: false, usedBytes: 10, allowedBytes: 100 }),
        askToPersist: persist,
      },
      openSession: fakeSession,
      importBackup: async (state, rows) => {
        const text = textOf(state) ?? '';
        if (text === 'from-the-future') return 'newer-version';
        if (!text.startsWith('identity-')) return 'not-a-backup';
        await rows.commit([{ collection: 'identity', id: 'own', value: state }], 'strict');
        return 'imported';
      },
      marker: { isSet: () => marked, set: (present) => void (marked = present) },
      ...change,
    };
  };
  return { name, clock, persist, parts, tab: (change?: Partial<DeviceParts>) => VaultDevice.start(parts(change)) };
}

/** As the real one: makes an identity where the rows have none, and continues as the one they have. */
async function fakeSession(vault: UnlockedVault): Promise<OpenSession> {
  const stored = await vault.rows.get('identity', 'own');
  const identity = stored === undefined ? `identity-${count++}` : (textOf(stored) ?? '');
  if (stored === undefined) {
    await vault.rows.commit([{ collection: 'identity', id: 'own', value: utf8(identity) }], 'strict');
  }
  const contacts = new LiveValue<readonly Contact[]>([]);
  const session = { identity, vault, contacts, closed: false, people: { contacts }, keeping: vault.keeping };
  return Object.assign(session, {
    close: async () => {
      await vault.rows
        .commit([{ collection: 'identity', id: 'closed', value: utf8('cleanly') }], 'strict')
        .catch(() => {});
      session.closed = true;
    },
  }) as unknown as FakeSession;
}

function sessionOf(device: VaultDevice): FakeSession {
  const state = device.state.current;
  if (state.is !== 'open') throw new Error(state.is);
  return state.session as unknown as FakeSession;
}

const soon = (ms = 20) => new Promise((resolve) => setTimeout(resolve, ms));
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await soon(1);
}

describe('one tab', () => {
  test('says goodbye for the open session when the page goes, and no more once it is locked', async () => {
    const listening = new Set<() => void>();
    const device = await browser().tab({
      onleaving: (leaving) => {
        listening.add(leaving);
        return () => listening.delete(leaving);
      },
    });
    await device.create('secret');
    const goodbye = vi.fn();
    Object.assign(sessionOf(device), { goodbye });
    for (const leaving of listening) leaving();
    expect(goodbye).toHaveBeenCalledOnce();
    await device.lock();
    expect(listening.size).toBe(0);
  });

  test('creates, locks and unlocks; a wrong passphrase says so and the right one still works', async () => {
    const device = await browser().tab();
    expect(device.state.current.is).toBe('empty');
    const seen: DeviceState['is'][] = [];
    device.state.subscribe(() => seen.push(device.state.current.is));
    expect(await device.create('secret')).toBe('open');
    const { identity } = sessionOf(device);
    const first = sessionOf(device);
    await device.lock();
    expect([first.closed, device.state.current.is]).toEqual([true, 'locked']);
    expect(await device.unlock('wrong')).toBe('wrong-passphrase');
    expect(device.state.current.is).toBe('locked');
    expect(await device.unlock('secret')).toBe('open');
    expect(sessionOf(device).identity).toBe(identity);
    expect([...new Set(seen)]).toEqual(['working', 'open', 'locked']);
    await device.lock();
  });

  test('after a reload it is locked, and the same identity opens', async () => {
    const { tab } = browser();
    const before = await tab();
    await before.create('secret');
    const { identity } = sessionOf(before);
    await before.lock();
    const after = await tab();
    expect(after.state.current.is).toBe('locked');
    await after.unlock('secret');
    expect(sessionOf(after).identity).toBe(identity);
    await after.lock();
  });

  test('actions asked for at the same time run one after the other', async () => {
    const device = await browser().tab();
    const results = await Promise.all([device.create('a'), device.lock(), device.unlock('a'), device.unlock('b')]);
    expect(results).toEqual(['open', undefined, 'open', 'open']);
    await device.lock();
  });

  test('no second vault is made where one is', async () => {
    const device = await browser().tab();
    await device.create('a');
    await device.lock();
    await expect(device.create('b')).rejects.toThrow('already');
    expect(await device.unlock('a')).toBe('open');
    await device.lock();
  });

  test('without room nothing is left half made, and nothing seems to be at work', async () => {
    const { tab, parts, name } = browser();
    const device = await tab({
      stretch: async (_passphrase, salt, progress) => {
        await soon(30);
        progress?.(0.9);
        return salt;
      },
      openDisk: async (claim) => {
        const disk = await IndexedDbDisk.open(claim === undefined ? { name } : { name, claim });
        const commit = disk.commit.bind(disk);
        disk.commit = (writes, durability) =>
          writes.length > 10 && writes.some(({ value }) => value !== null)
            ? Promise.reject(new StorageFault('full'))
            : commit(writes, durability);
        return disk;
      },
    });
    expect(await device.create('a')).toBe('no-room');
    await soon(40);
    expect(device.state.current.is).toBe('empty');
    const roomy = await VaultDevice.start(parts());
    expect(await roomy.create('a')).toBe('open');
    await roomy.lock();
  });

  test('a session that does not end in time does not keep the vault open', async () => {
    const { tab, clock } = browser();
    const device = await tab({
      openSession: async (vault) =>
        Object.assign(await fakeSession(vault), { close: () => new Promise<void>(() => {}) }),
    });
    await device.create('a');
    const locking = device.lock();
    expect(device.state.current.is).toBe('locked');
    await soon();
    await clock.pass(4_000);
    await locking;
    const next = await tab();
    expect(await next.unlock('a')).toBe('open');
    await next.lock();
  });

  test('a session that cannot start leaves a locked vault, and no second identity', async () => {
    const { tab } = browser();
    let fails = true;
    const device = await tab({
      openSession: (vault) => (fails ? Promise.reject(new StorageFault('broken')) : fakeSession(vault)),
    });
    expect(await device.create('a')).toBe('no-room');
    expect(device.state.current.is).toBe('locked');
    expect(await device.unlock('a')).toBe('broken');
    fails = false;
    expect(await device.unlock('a')).toBe('open');
    await device.lock();
  });
});

describe('two tabs', () => {
  test('the second sees that the vault is open elsewhere, takes it over, and the first closes cleanly', async () => {
    const { tab } = browser();
    const first = await tab();
    await first.create('secret');
    const session = sessionOf(first);
    const second = await tab();
    expect(second.state.current.is).toBe('elsewhere');
    expect(await second.unlock('secret')).toBe('elsewhere');
    await second.takeOver();
    expect([second.state.current.is, first.state.current.is, session.closed]).toEqual(['locked', 'elsewhere', true]);
    expect(await second.unlock('secret')).toBe('open');
    expect(sessionOf(second).identity).toBe(session.identity);
    expect(textOf((await sessionOf(second).vault.rows.get('identity', 'closed'))!)).toBe('cleanly');
    await expect(session.vault.rows.get('identity', 'own')).rejects.toBeInstanceOf(StorageFault);
    await second.lock();
    await until(() => first.state.current.is === 'locked');
    expect(await first.unlock('secret')).toBe('open');
    await until(() => second.state.current.is === 'elsewhere');
    await first.lock();
  });

  test('two that create at once make one vault', async () => {
    const { tab } = browser();
    const [first, second] = [await tab(), await tab()];
    const answers = await Promise.all([first.create('a'), second.create('b')]);
    expect(answers.sort()).toEqual(['elsewhere', 'open']);
    const [winner, loser] = first.state.current.is === 'open' ? [first, second] : [second, first];
    expect(loser.state.current.is).toBe('elsewhere');
    await winner.lock();
    await until(() => loser.state.current.is === 'locked');
  });

  test('a frozen tab that lost the vault by force cannot write into it when it wakes up', async () => {
    const { parts, name } = browser();
    const frozen = await VaultDevice.start(parts());
    await frozen.create('secret');
    const session = sessionOf(frozen);
    const other = await IndexedDbDisk.open({ name, claim: utf8('another tab') });
    const late = session.vault.rows.commit([{ collection: 'identity', id: 'own', value: utf8('late') }], 'strict');
    await expect(late).rejects.toSatisfy((fault) => fault instanceof StorageFault && fault.fault === 'closed');
    await until(() => frozen.state.current.is !== 'open' && session.closed);
    await other.close();
  });
});

describe('storage that is taken away (B23)', () => {
  const remove = (name: string) =>
    new Promise<void>((resolve) => {
      indexedDB.deleteDatabase(name).onsuccess = () => resolve();
    });

  test('while the vault is open: the session ends and the device says so', async () => {
    const { tab, name } = browser();
    const device = await tab();
    await device.create('secret');
    const session = sessionOf(device);
    await remove(name);
    await until(() => device.state.current.is === 'gone' && session.closed);
    expect(session.keeping.current.gone).toBe(true);
  });

  test('while nothing was open: it is not taken for a fresh device, and said once', async () => {
    const { tab, name } = browser();
    const device = await tab();
    await device.create('secret');
    await device.lock();
    await remove(name);
    const next = await tab();
    expect(next.state.current.is).toBe('gone');
    expect((await tab()).state.current.is).toBe('empty');
    expect(await next.create('again')).toBe('open');
    await next.lock();
  });

  test('while it was locked on the screen: unlocking says so instead of beginning anew', async () => {
    const { tab, name } = browser();
    const device = await tab();
    await device.create('secret');
    await device.lock();
    await remove(name);
    expect(await device.unlock('secret')).toBe('broken');
    expect(device.state.current.is).toBe('gone');
  });
});

describe('backups', () => {
  async function backedUp(): Promise<{ file: Uint8Array; identity: string }> {
    const device = await browser().tab();
    await device.create('secret');
    const { vault, identity } = sessionOf(device);
    const file = await vault.sealBackup(utf8(identity), 'backup words');
    await device.lock();
    return { file, identity };
  }

  test('restore on an empty browser gives the identity back under a new passphrase', async () => {
    const { file, identity } = await backedUp();
    const { tab } = browser();
    const device = await tab();
    expect(await device.restore(file, 'backup words', 'new secret')).toBe('open');
    expect(sessionOf(device).identity).toBe(identity);
    await until(() => sessionOf(device).keeping.current.lastBackup !== undefined);
    await device.lock();
    expect(await device.unlock('backup words')).toBe('wrong-passphrase');
    expect(await device.unlock('new secret')).toBe('open');
    await device.lock();
  });

  test('answers a wrong passphrase, a foreign file and a later form, and leaves the browser as it was', async () => {
    const { file } = await backedUp();
    const { tab } = browser();
    const device = await tab();
    const damaged = file.slice();
    damaged[damaged.length - 1]! ^= 1;
    const future = await sealBackupFile(utf8('from-the-future'), 'p', 4);
    const foreign = await sealBackupFile(utf8('something else'), 'p', 4);
    expect(await device.restore(file, 'guess', 'n')).toBe('wrong-passphrase');
    expect(await device.restore(damaged, 'backup words', 'n')).toBe('not-a-backup');
    expect(await device.restore(utf8('hello'), 'p', 'n')).toBe('not-a-backup');
    expect(await device.restore(future, 'p', 'n')).toBe('newer-version');
    expect(await device.restore(foreign, 'p', 'n')).toBe('not-a-backup');
    expect(device.state.current.is).toBe('empty');
    expect(await device.restore(file, 'backup words', 'n')).toBe('open');
    await device.lock();
  });

  test('are noted with their time, which is still known after unlocking again', async () => {
    const { tab, clock } = browser();
    const device = await tab();
    await device.create('secret');
    expect(sessionOf(device).keeping.current.lastBackup).toBeUndefined();
    await clock.pass(5_000);
    const at = clock.now();
    await sessionOf(device).vault.sealBackup(utf8('identity-x'), 'p');
    expect(sessionOf(device).keeping.current.lastBackup).toBe(at);
    await device.lock();
    await device.unlock('secret');
    await until(() => sessionOf(device).keeping.current.lastBackup === at);
    await device.lock();
  });
});

describe('keeping', () => {
  test('asks for persistent storage once, when there is a contact to lose', async () => {
    const { tab, persist } = browser();
    const device = await tab();
    await device.create('secret');
    const { contacts, keeping } = sessionOf(device);
    await soon();
    expect([persist.mock.calls.length, keeping.current.usedBytes, keeping.current.allowedBytes]).toEqual([0, 10, 100]);
    contacts.set([{} as Contact]);
    await soon();
    contacts.set([{} as Contact, {} as Contact]);
    await soon();
    expect([persist.mock.calls.length, keeping.current.persisted]).toEqual([1, true]);
    await device.lock();
  });

  test('counts rows that could not be read', async () => {
    const { tab, name } = browser();
    const device = await tab();
    await device.create('secret');
    await device.lock();
    const disk = await IndexedDbDisk.open({ name });
    const rows = await disk.range(new Uint8Array([1]), new Uint8Array([2]));
    await disk.commit(
      rows.map(({ key, value }) => ({ key, value: value.map((byte) => byte ^ 1) })),
      'strict',
    );
    await disk.close();
    await device.unlock('secret');
    await until(() => sessionOf(device).keeping.current.damagedRows > 0);
    await device.lock();
  });
});
