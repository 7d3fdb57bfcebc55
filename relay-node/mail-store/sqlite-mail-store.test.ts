// The store on disk keeps the promises of its interface, and some that only a disk can break.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, test } from 'vitest';
import { hex } from '#core/bytes/bytes.ts';
import { envelopeIdOf, makeEnvelope, type TopicKey } from '#core/mailbox/topic-key.ts';
import { encodeEnvelope, type Topic } from '#core/wire/envelope.ts';
import type { StoredEnvelope } from '#core/mailbox/store.ts';
import { mailStoreSuite } from '#tests/suites/mail-store-suite.ts';
import { cheapSuite, MailboxWorld } from '#tests/suites/mailbox-world.ts';
import { SqliteMailStore } from './sqlite-mail-store.ts';

const folders: string[] = [];
function freshFile(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'understory-store-'));
  folders.push(folder);
  return path.join(folder, 'mail.sqlite');
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

mailStoreSuite('sqlite', {
  fresh: () => SqliteMailStore.open(freshFile()),
  close: (store) => (store as SqliteMailStore).close(),
  histories: 8,
});

const world = new MailboxWorld();

async function someEnvelope(key: TopicKey, size = 512): Promise<StoredEnvelope> {
  const envelope = await makeEnvelope(cheapSuite, key, { blob: world.random.bytes(size), expiryDay: 20_010 });
  const encoded = encodeEnvelope(envelope);
  return { topic: key.topic, id: envelopeIdOf(encoded), expiryDay: 20_010, encoded };
}

describe('a mail store on sqlite', () => {
  test('finds everything again after it was closed', async () => {
    const file = freshFile();
    const key = await world.key(1);
    const envelopes = await Promise.all(Array.from({ length: 50 }, () => someEnvelope(key)));
    const store = await SqliteMailStore.open(file);
    await Promise.all(envelopes.map((envelope) => store.append(envelope)));
    await store.close();
    const again = await SqliteMailStore.open(file);
    const listed = await again.list(key.topic, undefined, 1e9);
    expect(listed.map(({ id }) => id)).toEqual(envelopes.map(({ id }) => id));
    expect(await again.usage()).toEqual({ envelopes: 50, bytes: 50 * 613 });
    await again.close();
  });

  test('24: one flipped bit is found by the scrub and by reading, and takes nothing else with it', async () => {
    const file = freshFile();
    const key = await world.key(1);
    const envelopes = await Promise.all(Array.from({ length: 600 }, () => someEnvelope(key)));
    const store = await SqliteMailStore.open(file);
    await Promise.all(envelopes.map((envelope) => store.append(envelope)));
    await store.close();
    const database = new DatabaseSync(file);
    for (const at of [3, 400]) {
      const { id, encoded } = envelopes[at]!;
      const bad = encoded.slice();
      bad[100]! ^= 1;
      database.prepare('UPDATE envelope SET encoded = ? WHERE id = ?').run(bad, hex.decode(id)!);
    }
    database.close();

    const again = await SqliteMailStore.open(file);
    expect(await again.read(key.topic, envelopes[3]!.id)).toBeUndefined();
    expect(await again.usage()).toMatchObject({ envelopes: 599 });
    expect(await again.scrub()).toBe(1);
    expect(await again.scrub()).toBe(0);
    expect(await again.usage()).toEqual({ envelopes: 598, bytes: 598 * 613 });
    expect(await again.has(key.topic, envelopes[400]!.id)).toBe(false);
    // What its sender deposits again is taken again.
    expect(await again.append(envelopes[400]!)).toBe(true);
    await again.close();
  });

  test('a file that is no database any more is moved aside, and the relay node starts', async () => {
    const file = freshFile();
    writeFileSync(file, Buffer.alloc(16_384, 'not a database '));
    const store = await SqliteMailStore.open(file);
    expect(store.wasSetAside).toBe(true);
    expect(await store.append(await someEnvelope(await world.key(1)))).toBe(true);
    await store.close();
    expect(readFileSync(`${file}.damaged`).subarray(0, 14).toString()).toBe('not a database');
  });

  test('a store whose writer is gone refuses instead of waiting for ever', async () => {
    const store = await SqliteMailStore.open(freshFile());
    await store.close();
    const late = store.append(await someEnvelope(await world.key(1), 131_072));
    await expect(late).rejects.toMatchObject({ fault: 'broken' });
    expect(store.fault).toBe('broken');
  });

  test('overwrites what expired', async () => {
    const file = freshFile();
    const key = await world.key(7);
    const envelope = await someEnvelope(key);
    const store = await SqliteMailStore.open(file);
    await store.append(envelope);
    expect(await store.expire(20_011)).toBe(1);
    await store.close();
    const left = readFileSync(file);
    expect(left.includes(envelope.encoded.subarray(60, 200))).toBe(false);
    expect(left.includes(hex.decode(key.topic as Topic)!)).toBe(false);
  });
});
