// What a relay node acknowledged it has: after kill -9, after a full disk, and as often as it is asked.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { MailboxClient } from '#core/mailbox/client.ts';
import type { TopicKey } from '#core/mailbox/topic-key.ts';
import type { Envelope } from '#core/wire/envelope.ts';
import { dice } from '#tests/suites/mailbox-world.ts';
import { everythingIn, freshTopic, guestsLeave, makeGuest, openMailboxAt, someEnvelope } from './relay-guest.ts';
import { cleanUp, startRelayProcess, temporaryFolder } from './relay-process.ts';

const KILLS = 10;

afterEach(async () => {
  await guestsLeave();
  await cleanUp();
});

const textOf = (signature: Uint8Array): string => Buffer.from(signature).toString('hex');

/** Deposits without pause until the relay node is gone; gives what was acknowledged. */
async function depositUntilGone(mailbox: MailboxClient, keys: readonly TopicKey[]): Promise<string[]> {
  const acknowledged: string[] = [];
  let isGone = false;
  mailbox.onclose = () => (isGone = true);
  const writer = async (key: TopicKey): Promise<void> => {
    while (!isGone) {
      const envelope = await someEnvelope(key, { day: mailbox.day });
      const answer = await mailbox.deposit(envelope).catch(() => 'lost');
      if (answer === 'stored') acknowledged.push(textOf(envelope.signature));
    }
  };
  await Promise.all(keys.flatMap((key) => [writer(key), writer(key), writer(key)]));
  return acknowledged;
}

describe('a relay node', () => {
  test('P04: killed ten times under load, it loses nothing it acknowledged', async () => {
    const data = temporaryFolder();
    const keys = await Promise.all([freshTopic(), freshTopic(), freshTopic()]);
    const acknowledged: string[] = [];
    const roll = dice(Date.now());
    for (let kill = 0; kill < KILLS; kill++) {
      const relay = await startRelayProcess({ data });
      const mailbox = await openMailboxAt(relay);
      const load = depositUntilGone(mailbox, keys);
      await new Promise((resolve) => setTimeout(resolve, 100 + roll() * 400));
      expect(await relay.end('SIGKILL')).toBe('SIGKILL');
      acknowledged.push(...(await load));
      await guestsLeave();
    }
    const relay = await startRelayProcess({ data });
    const mailbox = await openMailboxAt(relay);
    const kept = (await Promise.all(keys.map((key) => everythingIn(mailbox, key)))).flat();
    const signatures = kept.map(({ signature }) => textOf(signature));
    expect(acknowledged.length).toBeGreaterThan(KILLS * 10);
    expect(new Set(signatures).size).toBe(signatures.length);
    expect(acknowledged.filter((signature) => !signatures.includes(signature))).toEqual([]);
  }, 120_000);

  test('P35: 10,000 missed envelopes are collected by one reader while a subscriber hears of new ones', async () => {
    const relay = await startRelayProcess({ data: temporaryFolder(), flags: ['--requests-per-second', '20000'] });
    const key = await freshTopic();
    const writer = await openMailboxAt(relay);
    const envelopes = await Promise.all(Array.from({ length: 10_000 }, () => someEnvelope(key, { day: writer.day })));
    const answers = await Promise.all(envelopes.map((envelope) => writer.deposit(envelope)));
    expect(new Set(answers)).toEqual(new Set(['stored']));

    const reader = await openMailboxAt(relay);
    const kept = await everythingIn(reader, key);
    // Compared as one text: a failure should not print 20,000 signatures.
    const sorted = (some: readonly Envelope[]): string =>
      some
        .map(({ signature }) => textOf(signature))
        .sort()
        .join();
    expect(kept).toHaveLength(envelopes.length);
    expect(sorted(kept) === sorted(envelopes)).toBe(true);

    const last = (await lastCursor(reader, key))!;
    const pushed = new Promise<string>((resolve) => {
      void reader.subscribe(key, {
        after: last,
        onbatch: (batch) => resolve(textOf(batch.envelopes[0]!.signature)),
      });
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    const fresh = await someEnvelope(key, { day: writer.day });
    await writer.deposit(fresh);
    expect(await pushed).toBe(textOf(fresh.signature));
  }, 120_000);

  test('the same envelope twice, also after a restart, is kept once', async () => {
    const data = temporaryFolder();
    const key = await freshTopic();
    let relay = await startRelayProcess({ data });
    const first = await openMailboxAt(relay);
    const envelope = await someEnvelope(key, { day: first.day });
    expect(await Promise.all([first.deposit(envelope), first.deposit(envelope)])).toEqual(['stored', 'stored']);
    await relay.end();
    relay = await startRelayProcess({ data });
    const second = await openMailboxAt(relay);
    expect(await second.deposit(envelope)).toBe('stored');
    expect(await everythingIn(second, key)).toHaveLength(1);
  }, 30_000);

  test('quotas are refusals in words', async () => {
    const flags = ['--max-topic-envelopes', '2', '--max-store-mib', '1'];
    const relay = await startRelayProcess({ data: temporaryFolder(), flags });
    const mailbox = await openMailboxAt(relay);
    const deposit = async (key: TopicKey, size: number): Promise<string> =>
      mailbox.deposit(await someEnvelope(key, { day: mailbox.day, size }));
    const key = await freshTopic();
    expect([await deposit(key, 512), await deposit(key, 512), await deposit(key, 512)]).toEqual([
      'stored',
      'stored',
      'topic-full',
    ]);
    const answers: string[] = [];
    for (let i = 0; i < 8; i++) answers.push(await deposit(await freshTopic(), 131_072));
    expect(answers).toEqual([...Array.from({ length: 7 }, () => 'stored'), 'relay-full']);
  }, 30_000);

  test('a disk that is full refuses deposits and keeps on serving what it has', async () => {
    const data = temporaryFolder();
    // Files may not grow beyond 1 MiB: to sqlite a disk without room.
    const relay = await startRelayProcess({ data, under: 'ulimit -f 2048;' });
    const mailbox = await openMailboxAt(relay);
    const key = await freshTopic();
    const answers: string[] = [];
    for (let i = 0; i < 24; i++) {
      answers.push(await mailbox.deposit(await someEnvelope(key, { day: mailbox.day, size: 131_072 })));
    }
    const stored = answers.filter((answer) => answer === 'stored').length;
    expect(stored).toBeGreaterThan(0);
    expect(answers.at(-1)).toBe('relay-full');
    expect((await fetch(`${relay.address}/healthz`)).status).toBe(503);
    expect(await everythingIn(mailbox, key)).toHaveLength(stored);
    expect(await relay.end()).toBe(0);

    const roomy = await startRelayProcess({ data });
    const again = await openMailboxAt(roomy);
    expect(await everythingIn(again, key)).toHaveLength(stored);
    expect(await again.deposit(await someEnvelope(key, { day: again.day }))).toBe('stored');
    expect((await fetch(`${roomy.address}/healthz`)).status).toBe(200);
  }, 60_000);

  test('T23, P07: disk and output name no address, no peer and no content', async () => {
    const data = temporaryFolder();
    const relay = await startRelayProcess({ data });
    const guest = await makeGuest();
    const mailbox = await openMailboxAt(relay, guest);
    const key = await freshTopic();
    await mailbox.subscribe(key, { onbatch: () => {} });
    const envelope = await someEnvelope(key, { day: mailbox.day });
    expect(await mailbox.deposit(envelope)).toBe('stored');
    expect(await relay.end()).toBe(0);

    const left = Buffer.concat([
      ...readdirSync(data).map((name) => readFileSync(path.join(data, name))),
      Buffer.from(relay.output().replaceAll(relay.address, '')),
    ]);
    // It was written, and topics only as the bytes that the mailbox is looked up by.
    expect(left.includes(Buffer.from(envelope.blob))).toBe(true);
    for (const word of ['127.0.0.1', '::ffff', guest.peerId.toString(), key.topic, '/ip4/', 'p2p-circuit']) {
      expect(left.includes(word), word).toBe(false);
    }
    expect(relay.output()).toMatch(/Stopped: \d+ connected, 1 envelopes kept/);
  }, 30_000);
});

async function lastCursor(mailbox: MailboxClient, key: TopicKey) {
  let cursor: Awaited<ReturnType<MailboxClient['fetch']>>['cursor'];
  await mailbox.collect(key, undefined, (batch) => void (cursor = batch.cursor));
  return cursor;
}
