// In which order a group is given what is stored of its messages.

import { expect, test } from 'vitest';
import { hex } from '#core/bytes/bytes.ts';
import type { MessageId } from '#core/charter/ids.ts';
import { encodeChatBody } from '#core/chat/body.ts';
import type { ChannelId } from '#core/chat/channel.ts';
import type { Millis } from '#core/ports.ts';
import { Town, type Member } from '#tests/suites/group-replicas.ts';
import { EventQueue } from '../event-queue.ts';
import type { Entry } from '../space/log.ts';
import { StoredMessages } from './stored-messages.ts';

const QUIET = hex.encode(new Uint8Array(16).fill(1)) as ChannelId;
const BUSY = hex.encode(new Uint8Array(16).fill(2)) as ChannelId;

async function said(member: Member, channel: ChannelId, count: number): Promise<MessageId[]> {
  const before = member.replica.log.entries.length;
  for (let i = 0; i < count; i++) {
    const body = { kind: 'chat' as const, text: `${i}`, at: i as Millis, replyTo: undefined, channel };
    await member.sayBytes(encodeChatBody(body), 'chat');
  }
  return member.replica.log.entries.slice(before).map(({ message }) => message.id);
}

function stored({ replica }: Member) {
  const queue = new EventQueue();
  const told: MessageId[] = [];
  const tell = ({ message }: Entry): void => void told.push(message.id);
  let touched = 0;
  const messages = new StoredMessages({ replica, queue, tell, touch: () => touched++ });
  return { messages, queue, tell, told, touched: () => touched };
}

test('names and edits come before words, the newest words before the group is shown, all others after it', async () => {
  const alice = await new Town().found('alice');
  const old = await said(alice, QUIET, 600);
  await alice.sayBytes(encodeChatBody({ kind: 'delete', target: old[0]! }), 'delete');
  const deletion = alice.replica.log.entries.at(-1)!.message.id;
  const late = await said(alice, BUSY, 900);
  const { messages, queue, tell, told, touched } = stored(alice);
  for (const entry of messages.newest()) tell(entry);
  await queue.idle();
  expect(told).toEqual([deletion, ...old.slice(501), ...late]);
  messages.tellOlder();
  await queue.idle();
  expect(told.slice(1 + 99 + 900)).toEqual(old.slice(0, 501).reverse());
  expect(touched()).toBe(1);
});

test('words of a channel that is looked at come before older words of others', async () => {
  const alice = await new Town().found('alice');
  const quiet = await said(alice, QUIET, 3);
  const busy = await said(alice, BUSY, 1_600);
  const { messages, queue, tell, told, touched } = stored(alice);
  for (const entry of messages.newest()) tell(entry);
  expect(told).toEqual(busy.slice(600));
  messages.tellOf(QUIET);
  messages.tellOlder();
  await queue.idle();
  expect(told.slice(1_000, 1_003)).toEqual([...quiet].reverse());
  expect(new Set(told)).toEqual(new Set([...quiet, ...busy]));
  expect(touched()).toBe(2);
  messages.tellOf(QUIET);
  await queue.idle();
  expect(touched()).toBe(2);
});

test('a group that was closed is told nothing more', async () => {
  const alice = await new Town().found('alice');
  await said(alice, BUSY, 1_600);
  const { messages, queue, tell, told } = stored(alice);
  for (const entry of messages.newest()) tell(entry);
  messages.tellOlder();
  messages.close();
  messages.tellOf(BUSY);
  await queue.idle();
  expect(told.length).toBeLessThanOrEqual(1_250);
});
