// Profiles that earlier versions wrote: every build opens each of them.

import { describe, expect, test } from 'vitest';
import { diskOf, readProfile } from '#tests/fixtures/profiles/profile-file.ts';
import { seededRandom } from '#tests/suites/seeded.ts';
import { textOf } from '../bytes/bytes.ts';
import { cellKey, hiddenRegionsAreWhole, openCell } from './hidden-regions.ts';
import { stretchPassphrase } from './passphrase.ts';
import { openSlots } from './slots.ts';
import { unlockVault } from './vault.ts';
import { readVault } from './vault-header.ts';

describe('the profile of format 1', () => {
  const profile = readProfile('v1', 'profile');
  const ports = { random: seededRandom(3), stretch: stretchPassphrase };

  test.each(['main', 'second'])('opens with its %s passphrase and holds what it held', async (which) => {
    const answer = await unlockVault({ ...ports, disk: diskOf(profile) }, profile.passphrases[which]!);
    if (answer.is !== 'open') throw new Error(answer.is);
    for (const [collection, entries] of Object.entries(profile.holds)) {
      const rows = await answer.rows.list(collection);
      expect(Object.fromEntries(rows.map(({ id, value }) => [id, textOf(value)]))).toEqual(entries);
    }
    expect(answer.rows.damagedRows).toBe(0);
  });

  test('has a hidden region that its passphrase opens, and that shows nowhere else', { timeout: 60_000 }, async () => {
    const disk = diskOf(profile);
    expect(await hiddenRegionsAreWhole(disk)).toBe(true);
    const reading = await readVault(disk);
    if (reading.is !== 'vault') throw new Error(reading.is);
    const stretched = await stretchPassphrase(profile.passphrases['hidden']!, reading.header.salt);
    const slot = (await openSlots(stretched, reading.header))!;
    expect(slot.region).toBe(1);
    const place = { region: 1, cell: 7 } as const;
    const content = (await openCell(place, slot.storageKey, (await disk.get(cellKey(1, 7)))!))!;
    expect(textOf(content.slice(0, 13))).toBe('a hidden cell');
    expect(content.slice(13).every((byte) => byte === 0)).toBe(true);
    const answer = await unlockVault({ ...ports, disk }, profile.passphrases['hidden']!);
    expect(answer.is).toBe('wrong-passphrase');
  });

  test('does not open with any other passphrase', async () => {
    const answer = await unlockVault({ ...ports, disk: diskOf(profile) }, 'correct horse battery stapl');
    expect(answer.is).toBe('wrong-passphrase');
  });
});
