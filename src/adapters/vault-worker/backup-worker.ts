// Worker: seals or opens one backup file; scrypt at this strength would stop a page for seconds.

import { openBackupFile, sealBackupFile, type BackupReading } from './age-file.ts';

export type BackupOrder =
  | { readonly order: 'seal'; readonly state: Uint8Array<ArrayBuffer>; readonly passphrase: string }
  | { readonly order: 'open'; readonly file: Uint8Array; readonly passphrase: string };

export type BackupNews =
  | { readonly is: 'sealed'; readonly file: Uint8Array<ArrayBuffer> }
  | { readonly is: 'read'; readonly reading: BackupReading }
  | { readonly is: 'failed' };

onmessage = async ({ data }: MessageEvent<BackupOrder>) => {
  postMessage(await work(data));
};

async function work(data: BackupOrder): Promise<BackupNews> {
  try {
    if (data.order === 'open') return { is: 'read', reading: await openBackupFile(data.file, data.passphrase) };
    return { is: 'sealed', file: await sealBackupFile(data.state, data.passphrase) };
  } catch {
    return { is: 'failed' };
  }
}
