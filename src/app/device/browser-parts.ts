// The parts of a device in a browser; start.ts adds the session.

import { askToPersist, storageFacts } from '#adapters/platform/browser-storage.ts';
import { systemClock } from '#adapters/platform/system-clock.ts';
import { systemRandom } from '#adapters/platform/system-random.ts';
import { TabLock } from '#adapters/platform/tab-lock.ts';
import { vaultMarker } from '#adapters/platform/vault-marker.ts';
import { attachDocumentVault, detachDocumentVault } from '#adapters/storage-indexeddb/document-vault.ts';
import { IndexedDbDisk } from '#adapters/storage-indexeddb/indexeddb-disk.ts';
import { openBackupInWorker, sealBackupInWorker, stretchInWorker } from '#adapters/vault-worker/vault-workers.ts';
import type { DeviceParts } from './device-parts.ts';

/** Name of the database and of the lock. Another name would make every vault of this browser unreachable. */
const NAME = 'understory';

export function browserParts(): Omit<DeviceParts, 'openSession' | 'importBackup'> {
  return {
    clock: systemClock,
    random: systemRandom,
    openDisk: (claim) => IndexedDbDisk.open(claim === undefined ? { name: NAME } : { name: NAME, claim }),
    lock: new TabLock(NAME),
    stretch: stretchInWorker,
    backups: { seal: sealBackupInWorker, open: openBackupInWorker },
    storage: { facts: storageFacts, askToPersist },
    attachDocuments: (rows) => {
      if (rows === undefined) detachDocumentVault();
      else attachDocumentVault({ rows, clock: systemClock });
    },
    onleaving: (leaving) => {
      addEventListener('pagehide', leaving);
      return () => removeEventListener('pagehide', leaving);
    },
    marker: vaultMarker,
  };
}
