// Metric 14: how long the three answers to a passphrase take: the right one, one that opens another slot, a wrong one.
import { systemRandom } from '#adapters/platform/system-random.ts';
import { IndexedDbDisk } from '#adapters/storage-indexeddb/indexeddb-disk.ts';
import { stretchInWorker } from '#adapters/vault-worker/vault-workers.ts';
import { openSlots, type StorageKey } from '#core/vault/slots.ts';
import { addPassphrase, createVault, unlockVault } from '#core/vault/vault.ts';
import { headerWrites, readVault } from '#core/vault/vault-header.ts';

const PASSPHRASES = { real: 'seven quiet herons', other: 'nine loud magpies', wrong: 'no such passphrase' } as const;
export type Door = keyof typeof PASSPHRASES;

let disk: IndexedDbDisk;

const page = {
  async prepare(): Promise<void> {
    disk = await IndexedDbDisk.open({ name: 'bench' });
    const ports = { disk, random: systemRandom, stretch: stretchInWorker };
    await createVault({ ...ports, passphrase: PASSPHRASES.real });
    const reading = await readVault(disk);
    if (reading.is !== 'vault') throw new Error('no vault');
    const first = await stretchInWorker(PASSPHRASES.real, reading.header.salt);
    const own = await openSlots(first, reading.header);
    const stretched = await stretchInWorker(PASSPHRASES.other, reading.header.salt);
    // A second occupied slot stands in for a hidden set's.
    const content = { stretched, region: 0 as const, storageKey: own!.storageKey as StorageKey };
    const header = await addPassphrase({ header: reading.header, inUse: [own!.slot] }, content, systemRandom);
    await disk.commit(headerWrites(header!), 'strict');
  },
  async knock(door: Door): Promise<{ ms: number; is: string }> {
    const begun = performance.now();
    const answer = await unlockVault({ disk, random: systemRandom, stretch: stretchInWorker }, PASSPHRASES[door]);
    return { ms: performance.now() - begun, is: answer.is };
  },
};

export type VaultPage = typeof page;

Object.assign(globalThis, { page });
