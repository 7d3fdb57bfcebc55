// What a person left behind in an earlier version: every build opens it and shows the same.

import { beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '#adapters/platform/system-clock.ts';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import { MINUTE, type Clock, type Millis } from '#core/ports.ts';
import { hex } from '#core/bytes/bytes.ts';
import { MemoryDisk } from '#core/vault/memory-disk.ts';
import { stretchPassphrase, type Stretch } from '#core/vault/passphrase.ts';
import { unlockVault } from '#core/vault/vault.ts';
import { AREA, readVault } from '#core/vault/vault-header.ts';
import { diskOf, readProfile } from '#tests/fixtures/profiles/profile-file.ts';
import { whatItShows, type WhatASessionShows } from '#tests/fixtures/profiles/what-a-session-shows.ts';
import { seededRandom } from '#tests/suites/seeded.ts';
import { openStoredDocuments } from '#tests/suites/stored-documents.ts';
import type { DocumentId } from './api.ts';
import { sessionRooms } from './session-rooms.ts';
import { openSession } from './session.ts';

const profile = readProfile('v1', 'session');

describe('the session of format 1', () => {
  /** Cells of hidden regions take long to make; nothing here changes them. */
  const { cells } = diskOf(profile);
  let stretch: Stretch;

  beforeAll(async () => {
    const reading = await readVault(new MemoryDisk(cells));
    if (reading.is !== 'vault') throw new Error(reading.is);
    const stretched = await stretchPassphrase(profile.passphrases['main']!, reading.header.salt);
    stretch = () => Promise.resolve(stretched.slice());
  });

  test('opens with the same contact, messages, document, draft, card and settings', async () => {
    expect(await opened(new MemoryDisk(new Map(cells)), stretch)).toEqual({ shows: profile.shows, damaged: 0 });
  });

  test('holds what this test is about', () => {
    const [talk] = profile.shows.conversations;
    const messages = talk!.entries.filter((entry) => entry.is === 'message');
    expect(messages).toHaveLength(10);
    const kinds = [messages.some((m) => m.edited), messages.some((m) => m.deleted), messages.some((m) => m.replyTo)];
    expect([...kinds, talk!.draft.length > 0]).toEqual([true, true, true, true]);
    expect(profile.shows.documents).toMatchObject([{ title: 'Harvest' }]);
  });

  const rows = Object.keys(profile.rows).filter((key) => key.startsWith(hex.encode(new Uint8Array([AREA.rows]))));

  test.each(rows.map((key, i) => [i, key]))('does not pass when a byte of row %i is another', async (_, key) => {
    const row = cells.get(key)!;
    const value = row.value.slice();
    value[value.length - 1]! ^= 1;
    const found = await opened(new MemoryDisk(new Map(cells).set(key, { ...row, value })), stretch);
    expect(found).not.toEqual({ shows: profile.shows, damaged: 0 });
    expect(found.damaged).toBe(1);
  });
});

async function opened(
  disk: MemoryDisk,
  stretch: Stretch,
): Promise<{ readonly shows: WhatASessionShows | undefined; readonly damaged: number }> {
  const random = seededRandom(7);
  const answer = await unlockVault({ disk, random, stretch }, profile.passphrases['main']!);
  if (answer.is !== 'open') throw new Error(answer.is);
  const { rows } = answer;
  // Nobody reads these; each unlock writes them anew.
  await rows.list('incarnation');
  const clock: Clock = { ...systemClock, now: () => (profile.lastUsed + MINUTE) as Millis };
  const session = await openSession({
    clock,
    random,
    rows,
    suite: makeProductionSuite(),
    logger: { count: () => undefined },
    network: undefined,
    relays: [],
    documents: openStoredDocuments,
    rooms: sessionRooms,
  });
  await session.idle();
  // Refused, but not before the list of documents was read.
  await session.documents.open('none' as DocumentId).catch(() => undefined);
  // A document of which something is missing may not open at all.
  const shows = await whatItShows(session).catch(() => undefined);
  await session.close();
  return { shows, damaged: rows.damagedRows };
}
