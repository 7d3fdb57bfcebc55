// 39: whoever floods, garbles or hogs a relay node slows nobody else down for long, and does not bring it down.

import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import type { Stream } from '@libp2p/interface';
import { afterEach, describe, expect, test } from 'vitest';
import { MAILBOX_PROTOCOL } from '#core/mailbox/limits.ts';
import { decodeMailboxAnswer } from '#core/mailbox/answer-frames.ts';
import { proveReading } from '#core/mailbox/topic-key.ts';
import { makeTopicCrypto } from '#relay/topic-crypto.ts';
import { lpStream } from '@libp2p/utils';
import { encodeMailboxRequest } from '#core/mailbox/request-frames.ts';
import type { MailboxClient } from '#core/mailbox/client.ts';
import { WebSocket } from 'ws';
import { freshTopic, guestsLeave, makeGuest, openMailboxAt, relayMultiaddr, someEnvelope } from './relay-guest.ts';
import { cleanUp, startRelayProcess, temporaryFolder, type RelayProcess } from './relay-process.ts';

const MIB = 1_048_576;
/** A relay node under attack stays below 600 MB. */
const MEMORY_CAP = 600 * MIB;

afterEach(async () => {
  await guestsLeave();
  await cleanUp();
});

function memoryOf(relay: RelayProcess): number {
  const [, kib] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${relay.pid}/status`, 'utf8'))!;
  return Number(kib) * 1_024;
}

async function expectServed(mailbox: MailboxClient): Promise<void> {
  const envelope = await someEnvelope(await freshTopic(), { day: mailbox.day });
  expect(await mailbox.deposit(envelope)).toBe('stored');
}

async function rawMailboxStream(relay: RelayProcess): Promise<Stream> {
  const guest = await makeGuest();
  const connection = await guest.dial(relayMultiaddr(relay));
  return connection.newStream(MAILBOX_PROTOCOL);
}

const frame = (content: Uint8Array): Uint8Array => {
  const prefix: number[] = [];
  let rest = content.length;
  for (; rest >= 0x80; rest >>>= 7) prefix.push((rest & 0x7f) | 0x80);
  return Uint8Array.of(...prefix, rest, ...content);
};

describe('under attack', () => {
  test('garbage on the mailbox is ignored, and a frame too long ends its stream only', async () => {
    const relay = await startRelayProcess({ data: temporaryFolder() });
    const honest = await openMailboxAt(relay);
    const garbled = await rawMailboxStream(relay);
    for (let i = 0; i < 500; i++) garbled.send(frame(new Uint8Array(100).fill(i)));
    await expectServed(honest);
    const tooLong = await rawMailboxStream(relay);
    const ended = new Promise((resolve) => tooLong.addEventListener('close', resolve, { once: true }));
    // A length of 2 GiB, and then nothing that would fill it.
    tooLong.send(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x07, 1, 2, 3));
    await ended;
    await expectServed(honest);
  }, 30_000);

  test('a WebSocket message of 100 MiB is refused before it is held', async () => {
    const relay = await startRelayProcess({ data: temporaryFolder() });
    const before = memoryOf(relay);
    const socket = new WebSocket(`ws://127.0.0.1:${relay.port}/`);
    await new Promise((resolve) => socket.once('open', resolve));
    const ended = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    socket.send(new Uint8Array(100 * MIB));
    await ended;
    // Less than the message alone. What is read until the connection's end is thrown away as it comes, when V8 sees fit.
    expect(memoryOf(relay) - before).toBeLessThan(100 * MIB);
    await expectServed(await openMailboxAt(relay));
  }, 30_000);

  test('malformed WebSocket frames end their connection, not the relay node', async () => {
    const relay = await startRelayProcess({ data: temporaryFolder() });
    for (const bytes of ['ffffffffffffffff', '8300', '81ff7fffffffffffffff00000000', 'c100']) {
      const socket = connect(relay.port, '127.0.0.1');
      const ended = new Promise((resolve) => socket.once('close', resolve));
      socket.on('error', () => {});
      socket.once('data', () => socket.write(Buffer.from(bytes, 'hex')));
      socket.write(
        'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
      await ended;
    }
    await expectServed(await openMailboxAt(relay));
  }, 30_000);

  test('hundreds of silent connections leave room for those who speak', async () => {
    const flags = ['--max-connections', '400', '--max-connections-per-address', '400'];
    const relay = await startRelayProcess({ data: temporaryFolder(), flags });
    const honest = await openMailboxAt(relay);
    const silent: Socket[] = [];
    for (let i = 0; i < 500; i++) {
      const socket = connect(relay.port, '127.0.0.1');
      socket.on('error', () => {});
      silent.push(socket);
    }
    await expectServed(honest);
    expect((await fetch(`${relay.address}/healthz`)).status).toBe(200);
    await expectServed(await openMailboxAt(relay));
    for (const socket of silent) socket.destroy();
  }, 30_000);

  test('a flood of deposits from one link is slowed down to its rate, and others hardly notice', async () => {
    const flags = ['--requests-per-second', '100', '--deposit-kib-per-second', '256'];
    const relay = await startRelayProcess({ data: temporaryFolder(), flags });
    const honest = await openMailboxAt(relay);
    const flooder = await openMailboxAt(relay);
    const key = await freshTopic();
    const flood = await Promise.all(
      Array.from({ length: 100 }, () => someEnvelope(key, { day: honest.day, size: 32_768 })),
    );
    let stored = 0;
    for (const envelope of flood) {
      void flooder.deposit(envelope).then(
        () => (stored += 1),
        () => {},
      );
    }
    const started = Date.now();
    for (let i = 0; i < 20; i++) await expectServed(honest);
    // A burst of 4 s at 256 KiB/s is 32 envelopes; the rest comes at 8 a second.
    expect(stored).toBeLessThan(40 + ((Date.now() - started) / 1_000) * 10);
    expect(stored).toBeLessThan(flood.length);
  }, 30_000);

  test('answers nobody reads do not pile up in memory', async () => {
    const relay = await startRelayProcess({ data: temporaryFolder() });
    const honest = await openMailboxAt(relay);
    const before = memoryOf(relay);
    const key = await freshTopic();
    const stream = await rawMailboxStream(relay);
    const frames = lpStream(stream);
    await frames.write(encodeMailboxRequest({ is: 'hello', number: 1, nonce: new Uint8Array(32) }));
    const welcome = decodeMailboxAnswer((await frames.read()).subarray());
    if (welcome.is !== 'welcome') throw new Error('not greeted');
    const proof = await proveReading(makeTopicCrypto(), key, welcome);
    // Deaf from here on. Each of these asks for 32 KiB, 160 MiB in all.
    stream.pause();
    const fetch = { is: 'fetch', topic: key.topic, after: undefined, offset: 0, proof } as const;
    for (let number = 2; number <= 5_000; number++) {
      if (!stream.send(frame(encodeMailboxRequest({ ...fetch, number })))) await stream.onDrain();
      if (number % 200 === 0) await expectServed(honest);
    }
    await expectServed(honest);
    expect(memoryOf(relay)).toBeLessThan(MEMORY_CAP);
    expect(memoryOf(relay) - before).toBeLessThan(128 * MIB);
  }, 30_000);
});
