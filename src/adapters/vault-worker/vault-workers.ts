// The slow work of the vault in Workers of their own: stretching a passphrase, sealing and opening backups.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { Stretch } from '#core/vault/passphrase.ts';
import type { BackupReading } from './age-file.ts';
import backupWorker from './backup-worker.ts?worker&url';
import type { BackupNews, BackupOrder } from './backup-worker.ts';
import { askWorker } from './one-order-worker.ts';
import { estimated } from './progress.ts';
import stretchWorker from './stretch-worker.ts?worker&url';
import type { StretchNews, StretchOrder } from './stretch-worker.ts';

export const stretchInWorker: Stretch = (passphrase, salt, progress) =>
  estimated(progress, async () => {
    const news = await askWorker<StretchOrder, StretchNews>(stretchWorker, { passphrase, salt });
    if (news.is !== 'done') throw new Error('stretching failed');
    return news.key;
  });

/** Rejects when the Worker fails, for instance for want of memory. */
export async function sealBackupInWorker(state: Bytes, passphrase: string): Promise<Uint8Array> {
  const order: BackupOrder = { order: 'seal', state, passphrase };
  const news = await askWorker<BackupOrder, BackupNews>(backupWorker, order);
  if (news.is !== 'sealed') throw new Error('sealing a backup failed');
  return news.file;
}

export async function openBackupInWorker(file: Uint8Array, passphrase: string): Promise<BackupReading> {
  const order: BackupOrder = { order: 'open', file, passphrase };
  const news = await askWorker<BackupOrder, BackupNews>(backupWorker, order);
  if (news.is !== 'read') throw new Error('opening a backup failed');
  return news.reading;
}
