// What waits at a relay node: what comes now before what was left on former days, and nothing taken for read that was not.

import { expect, test } from 'vitest';
import type { Bytes } from '#core/bytes/bytes.ts';
import type { Batch, MailboxClient } from '#core/mailbox/client.ts';
import type { SubscribeOptions, Subscription } from '#core/mailbox/subscriptions.ts';
import type { TopicKey } from '#core/mailbox/topic-key.ts';
import type { RelayAddress } from '#core/ports.ts';
import type { Topic } from '#core/wire/envelope.ts';
import { Disk } from '../disk.ts';
import { EventQueue } from '../event-queue.ts';
import { MailIn, type WantedTopic } from './mail-in.ts';
import { MemoryRows } from '#tests/suites/group-replicas.ts';
import { handClock } from '#tests/suites/seeded.ts';

const RELAY = 'wss://oak.example' as RelayAddress;
const nothing: Batch = { envelopes: [], cursor: undefined, more: false };

interface Asked {
  readonly topic: Topic;
  readonly answer: (isWell?: boolean) => Promise<void>;
}

/** A relay node that answers when it is told to. */
class SlowRelay {
  day = 7;
  readonly subscribing: Asked[] = [];
  readonly collecting: Asked[] = [];

  subscribe = ({ topic }: TopicKey, _options: SubscribeOptions): Promise<Subscription> =>
    this.#ask(this.subscribing, topic, () => Promise.resolve({ close: () => undefined }));

  collect = ({ topic }: TopicKey, _after: unknown, take: (batch: Batch) => Promise<void>): Promise<void> =>
    this.#ask(this.collecting, topic, () => take(nothing));

  #ask<T>(asked: Asked[], topic: Topic, well: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const one: Asked = {
        topic,
        answer: (isWell = true) => {
          asked.splice(asked.indexOf(one), 1);
          if (isWell) void well().then(resolve);
          else reject(new Error('refused'));
          return new Promise((done) => setTimeout(done));
        },
      };
      asked.push(one);
    });
  }
}

function makeMail() {
  const relay = new SlowRelay();
  const queue = new EventQueue();
  const disk = new Disk({ rows: new MemoryRows(), clock: handClock(), queue, changed: () => undefined });
  const told: number[] = [];
  const wanted: WantedTopic[] = [];
  const logger = { count: () => undefined } as never;
  const mail = new MailIn({
    queue,
    disk,
    logger,
    wanted: () => Promise.resolve(wanted),
    caughtUp: (_, day) => told.push(day),
  });
  const want = (topic: string, isPast = false): void => {
    const onblob = (_blob: Bytes): Promise<void> => Promise.resolve();
    wanted.push({ key: { topic: topic as Topic } as TopicKey, onblob, isPast });
  };
  const refresh = () => queue.run(() => mail.refresh(RELAY, relay as unknown as MailboxClient));
  return { relay, told, wanted, want, refresh };
}

test('what was left on former days is read once what comes now is subscribed to, and only some of it at a time', async () => {
  const { relay, told, want, refresh } = makeMail();
  for (let i = 0; i < 20; i++) want(`past ${i}`, true);
  want('today');
  await refresh();
  expect([relay.subscribing.length, relay.collecting.length]).toEqual([1, 0]);
  await relay.subscribing[0]!.answer();
  expect(relay.collecting.map(({ topic }) => topic)).toEqual(Array.from({ length: 8 }, (_, i) => `past ${i}`));
  await relay.collecting[0]!.answer();
  expect(relay.collecting).toHaveLength(8);
  while (relay.collecting.length > 0) {
    expect(told).toEqual([]);
    await relay.collecting[0]!.answer();
  }
  expect(told).toEqual([7]);
});

test('a former day that could not be read is read the next time, and until then not everything was', async () => {
  const { relay, told, want, refresh } = makeMail();
  want('past', true);
  want('other', true);
  await refresh();
  await relay.collecting[0]!.answer(false);
  await relay.collecting[0]!.answer();
  expect(told).toEqual([]);
  await refresh();
  expect(relay.collecting.map(({ topic }) => topic)).toEqual(['past']);
  await relay.collecting[0]!.answer();
  expect(told).toEqual([7]);
});

test('the day that has begun at the relay node is not taken for read with what was wanted the day before', async () => {
  const { relay, told, wanted, want, refresh } = makeMail();
  want('day 7');
  await refresh();
  // Midnight there, and nobody looked since what is wanted now.
  relay.day = 8;
  await relay.subscribing[0]!.answer(false);
  expect(told).toEqual([7]);
  wanted.splice(0);
  want('day 7', true);
  want('day 8');
  await refresh();
  await relay.subscribing[0]!.answer();
  expect(told).toEqual([7]);
  await relay.collecting[0]!.answer();
  expect(told).toEqual([7, 8]);
});
