// Which message stands where in a channel with threads, whatever came first.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MessageId, PrincipalId } from '#core/charter/ids.ts';
import { Timeline, type ToldMessage } from '#core/chat/timeline.ts';
import type { Millis } from '#core/ports.ts';
import { ChannelThreads } from './channel-threads.ts';
import type { Message, TimelineEntry } from './talk-api.ts';

const id = (n: number): MessageId => n.toString(16).padStart(64, '0') as MessageId;
const AUTHOR = 'aa'.repeat(33) as PrincipalId;

interface Saying {
  readonly id: number;
  readonly lamport: number;
  /** The number of another, or one that nobody heard. */
  readonly thread: number | undefined;
}

function told({ id: n, lamport, thread }: Saying, arrival: number): ToldMessage {
  const says = thread === undefined ? {} : { thread: id(thread) };
  const at = (1_000 + lamport) as Millis;
  const body = { kind: 'chat' as const, text: `words ${n}`, at, replyTo: undefined, ...says };
  return { id: id(n), lamport, author: AUTHOR, mine: false, heardAt: 5_000 as Millis, arrival, body };
}

function room(sayings: readonly Saying[]) {
  const timeline = new Timeline();
  const threads = new ChannelThreads(() => timeline, new Map());
  sayings.forEach((saying, arrival) => {
    timeline.add(told(saying, arrival));
    const says = saying.thread === undefined ? undefined : id(saying.thread);
    threads.note(says);
    threads.noteUnread(id(saying.id), saying.lamport, says);
  });
  const entries = timeline.entries.map((entry): TimelineEntry => ({
    ...entry,
    is: 'message',
    by: undefined,
    delivery: undefined,
    replyTo: undefined,
  }));
  const { channel, threads: answers } = threads.split(entries);
  return { timeline, threads, channel: channel as readonly Message[], answers };
}

const sayings = fc.uniqueArray(
  fc.record({ id: fc.nat(12), lamport: fc.nat(9), thread: fc.option(fc.nat(14), { nil: undefined }) }),
  { selector: (saying) => saying.id, maxLength: 13 },
);
const plain = (messages: readonly Message[]): unknown => messages.map(({ id: one, answers }) => [one, answers]);

test('X21 any order of arrival puts every message in the same place, once', () => {
  const shuffled = sayings.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  fc.assert(
    fc.property(shuffled, ([all, other]) => {
      const [a, b] = [room(all), room(other)];
      expect(plain(b.channel)).toEqual(plain(a.channel));
      expect([...b.answers.keys()].sort()).toEqual([...a.answers.keys()].sort());
      for (const [begins, answers] of a.answers) expect(plain(b.answers.get(begins)!)).toEqual(plain(answers));
      const shown = [...a.channel, ...[...a.answers.values()].flat()].map((message) => message.id);
      expect(shown.sort()).toEqual(all.map((saying) => id(saying.id)).sort());
    }),
  );
});

test('what names no beginning that is here, or one that answers itself, stands in the channel', () => {
  const { channel, answers, threads } = room([
    { id: 1, lamport: 1, thread: undefined },
    { id: 2, lamport: 2, thread: 1 },
    { id: 3, lamport: 3, thread: 2 },
    { id: 4, lamport: 4, thread: 9 },
  ]);
  expect(channel.map((message) => message.id)).toEqual([id(1), id(3), id(4)]);
  expect(answers.get(id(1))!.map((message) => message.id)).toEqual([id(2)]);
  expect(channel[0]!.answers).toEqual({ count: 1, unread: 1, last: 1_002 });
  expect(threads.threadOf(id(1))).toBe(id(1));
  expect(threads.threadOf(id(2))).toBeUndefined();
});

test('reading a channel leaves its threads unread, and the other way round', () => {
  const { threads, timeline } = room([
    { id: 1, lamport: 1, thread: undefined },
    { id: 2, lamport: 2, thread: 1 },
    { id: 3, lamport: 3, thread: undefined },
    { id: 4, lamport: 4, thread: 9 },
    { id: 5, lamport: 5, thread: 1 },
  ]);
  expect([threads.firstUnread(undefined), threads.firstUnread(id(1))]).toEqual([id(1), id(2)]);
  const marks = threads.markRead(timeline.get(id(4))!, undefined, 5);
  expect([...marks.keys()]).toEqual([undefined, id(9)]);
  expect(threads.unread).toEqual([id(2), id(5)]);
  expect([...threads.markRead(timeline.get(id(2))!, id(1), 5)]).toEqual([
    [id(1), { mark: { lamport: 2, id: id(2), arrivals: 5 }, ids: [id(2)] }],
  ]);
  expect(threads.unread).toEqual([id(5)]);
  expect(threads.markRead(timeline.get(id(1))!, id(1), 5).size).toBe(0);
});

test('the message that begins a thread stays the same object until something is to be said otherwise', () => {
  const { threads, timeline, channel } = room([
    { id: 1, lamport: 1, thread: undefined },
    { id: 2, lamport: 2, thread: 1 },
  ]);
  const [first] = channel;
  const from: Message = { ...first!, answers: undefined };
  const answer: Message = { ...from, id: id(2), thread: id(1), text: 'words 2' };
  const once = threads.split([from, answer]).channel[0];
  expect(threads.split([from, answer]).channel[0]).toBe(once);
  threads.markRead(timeline.get(id(2))!, id(1), 2);
  expect((threads.split([from, answer]).channel[0] as Message).answers?.unread).toBe(0);
});
