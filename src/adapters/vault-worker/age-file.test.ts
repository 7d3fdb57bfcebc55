// Backup files: what they answer to wrong passphrases and bad bytes, and what they tell whoever finds one.

import { armor, Decrypter, Encrypter } from 'age-encryption';
import { describe, expect, test } from 'vitest';
import { utf8 } from '#core/bytes/bytes.ts';
import { encodeBackupContent } from '#core/vault/backup-content.ts';
import { openBackupFile, sealBackupFile } from './age-file.ts';

const QUICK = 2;
const state = utf8('the whole state of a device, canary');

describe('a backup file', () => {
  test('gives back what it holds under its passphrase, however that is spelled', async () => {
    const file = await sealBackupFile(state, 'cafe\u0301 au lait', QUICK);
    expect(await openBackupFile(file, 'caf\u00e9\u00a0au lait')).toEqual({ is: 'open', state });
    expect(await openBackupFile(file, 'cafe au lait')).toEqual({ is: 'wrong-passphrase' });
  });

  test('asks for as much work as the age tool does', { timeout: 60_000 }, async () => {
    const file = await sealBackupFile(state, 'p');
    expect(new TextDecoder().decode(file.subarray(0, 80))).toMatch(/^age-encryption\.org\/v1\n-> scrypt \S+ 18\n/);
  });

  test('is an ordinary age file: whoever has the tool and the passphrase reads its first line', async () => {
    const tool = new Decrypter();
    tool.addPassphrase('p');
    const content = await tool.decrypt(await sealBackupFile(state, 'p', QUICK));
    expect(new TextDecoder().decode(content)).toMatch(/^understory-backup\/1\n/);
  });

  test('shows neither content nor passphrase, and its size only roughly', async () => {
    const sizes = await Promise.all(
      [0, 1, 4_000].map(async (n) => (await sealBackupFile(new Uint8Array(n), 'p', QUICK)).length),
    );
    expect(new Set(sizes).size).toBe(1);
    const file = await sealBackupFile(state, 'pass-canary', QUICK);
    expect(Buffer.from(file).includes('canary')).toBe(false);
  });

  test('packs nothing together: equal text takes as much room as random text (B11)', async () => {
    const same = await sealBackupFile(new Uint8Array(60_000), 'p', QUICK);
    const random = await sealBackupFile(crypto.getRandomValues(new Uint8Array(60_000)), 'p', QUICK);
    expect(same.length).toBe(random.length);
    expect(same.length).toBeGreaterThan(60_000);
  });

  test('opens in the text form that the age tool writes too', async () => {
    const file = await sealBackupFile(state, 'p', QUICK);
    expect(await openBackupFile(utf8(armor.encode(file)), 'p')).toEqual({ is: 'open', state });
    expect(await openBackupFile(utf8(armor.encode(file).slice(0, 200)), 'p')).toEqual({ is: 'not-a-backup' });
  });
});

describe('a file that is no backup of ours', () => {
  test('is told from a wrong passphrase: other files, other age files, other content, a later form', async () => {
    const other = new Encrypter();
    other.setScryptWorkFactor(QUICK);
    other.setPassphrase('p');
    const content = encodeBackupContent(state);
    content[18] = '2'.charCodeAt(0);
    const later = await other.encrypt(content);
    const letter = await other.encrypt('a letter');
    const { generateX25519Identity, identityToRecipient } = await import('age-encryption');
    const forKey = new Encrypter();
    forKey.addRecipient(await identityToRecipient(await generateX25519Identity()));
    const answers = [
      new Uint8Array(0),
      utf8('hello'),
      letter,
      await forKey.encrypt('x'),
      later,
      utf8('age-encryption.org/v9\n'),
    ];
    const readings = await Promise.all(answers.map(async (file) => (await openBackupFile(file, 'p')).is));
    const no = 'not-a-backup';
    expect(readings).toEqual([no, no, no, no, 'newer-version', 'newer-version']);
  });

  test('whichever byte of a backup is changed or wherever it is cut, the answer is a word', async () => {
    const file = await sealBackupFile(state, 'p', QUICK);
    const places = [...Array(200).keys(), 1_000, 3_000, file.length - 1];
    for (const at of places) {
      const changed = file.slice();
      changed[at]! ^= 0x21;
      expect(['wrong-passphrase', 'not-a-backup', 'newer-version']).toContain((await openBackupFile(changed, 'p')).is);
      expect(['wrong-passphrase', 'not-a-backup']).toContain((await openBackupFile(file.slice(0, at), 'p')).is);
    }
  }, 60_000);
});
