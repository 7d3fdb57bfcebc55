// The device with the session that ships: what a person made is there after locking, and in another browser from a
// backup.

import 'fake-indexeddb/auto';
import { sha256 } from '@noble/hashes/sha2.js';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '#adapters/platform/system-clock.ts';
import { systemRandom } from '#adapters/platform/system-random.ts';
import { TabLock } from '#adapters/platform/tab-lock.ts';
import { IndexedDbDisk } from '#adapters/storage-indexeddb/indexeddb-disk.ts';
import { openBackupFile, sealBackupFile } from '#adapters/vault-worker/age-file.ts';
import { utf8 } from '#core/bytes/bytes.ts';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import { DAY, type Millis } from '#core/ports.ts';
import { importFromBackup } from '../backup-state.ts';
import { openDocuments } from '../documents/documents.ts';
import { sessionRooms } from '../session-rooms.ts';
import { openSession } from '../session.ts';
import type { OpenSession } from '../session-ports.ts';
import { VaultDevice } from './vault-device.ts';

let count = 0;
let locks: TabLock[] = [];

afterEach(() => {
  for (const lock of locks) lock.close();
  locks = [];
});

function device(name = `whole-${count++}`): Promise<VaultDevice> {
  const suite = makeProductionSuite();
  const lock = new TabLock(name);
  locks.push(lock);
  return VaultDevice.start({
    clock: systemClock,
    random: systemRandom,
    openDisk: (claim) => IndexedDbDisk.open(claim === undefined ? { name } : { name, claim }),
    lock,
    stretch: async (passphrase, salt) => new Uint8Array(sha256(new Uint8Array([...salt, ...utf8(passphrase)]))),
    backups: { seal: (state, passphrase) => sealBackupFile(state, passphrase, 4), open: openBackupFile },
    storage: {
      facts: () => Promise.resolve({ persisted: true, usedBytes: undefined, allowedBytes: undefined }),
      askToPersist: () => Promise.resolve(true),
    },
    openSession: (vault) =>
      openSession({
        ...vault,
        clock: systemClock,
        random: systemRandom,
        suite,
        logger: { count: () => undefined },
        network: undefined,
        relays: [],
        documents: (host) => openDocuments(host, {}),
        rooms: sessionRooms,
      }),
    importBackup: (state, rows) => importFromBackup(state, { rows }),
  });
}

function sessionOf(opened: VaultDevice): OpenSession {
  const state = opened.state.current;
  if (state.is !== 'open') throw new Error(state.is);
  return state.session as OpenSession;
}

describe('a whole device', () => {
  test('has after locking and after a reload what was made before', { timeout: 60_000 }, async () => {
    const name = `whole-reload`;
    const first = await device(name);
    expect(await first.create('secret')).toBe('open');
    await sessionOf(first).changeSettings({ lockAfterMinutes: 7 });
    const card = await sessionOf(first).people.makeCard({ myName: 'Alice', validFor: DAY as Millis });
    const hash = await sessionOf(first).stateHash();
    await first.lock();
    const second = await device(name);
    expect(second.state.current.is).toBe('locked');
    expect(await second.unlock('secret')).toBe('open');
    const session = sessionOf(second);
    expect(session.settings.current.lockAfterMinutes).toBe(7);
    expect(session.people.cards.current.map(({ id, code }) => [id, code])).toEqual([[card.id, card.code]]);
    expect(await session.stateHash()).toBe(hash);
    await second.lock();
  });

  test('comes back from a backup in an empty browser, with the same state', { timeout: 60_000 }, async () => {
    const first = await device();
    await first.create('secret');
    await sessionOf(first).changeSettings({ lockAfterMinutes: 9 });
    const file = await sessionOf(first).backUp('backup words');
    const hash = await sessionOf(first).stateHash();
    expect(sessionOf(first).keeping.current.lastBackup).toBeDefined();
    await first.lock();
    const second = await device();
    expect(await second.restore(file, 'backup words', 'new secret')).toBe('open');
    expect(sessionOf(second).settings.current.lockAfterMinutes).toBe(9);
    expect(await sessionOf(second).stateHash()).toBe(hash);
    await second.lock();
  });

  test('takes state that is not from a session for no backup, and stays empty', async () => {
    const file = await sealBackupFile(utf8('something else'), 'p', 4);
    const empty = await device();
    expect(await empty.restore(file, 'p', 'n')).toBe('not-a-backup');
    expect(empty.state.current.is).toBe('empty');
  });
});
