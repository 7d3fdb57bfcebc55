// Threads in channels of groups: the code that ships, over a network in memory.

import { expect, test } from 'vitest';
import type { Message, Talk } from '#app/talk/talk-api.ts';
import { DAY } from '#core/ports.ts';
import { asleep, gathered, keeping, type Member } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';

const messagesOf = (talk: Talk): readonly Message[] => talk.timeline.current.filter((entry) => entry.is === 'message');
const texts = (talk: Talk): readonly string[] => messagesOf(talk).map(({ text }) => text);
const find = (member: Member, text: string): Message => member.messages().find((message) => message.text === text)!;
const threadOn = (member: Member, text: string): Talk => member.talk().thread(find(member, text).id);

test('X21 answers in a thread stand behind the message that begins it, with a count, for all', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await gathered(world, 'founder-led', 'alice', 'bob', 'carol');
  await alice.say('who brings pots?');
  await alice.say('and the van?');
  await world.pass(5_000);
  await world.during(threadOn(bob, 'who brings pots?').send('I have two'));
  await world.pass(5_000);
  const answered = messagesOf(threadOn(carol, 'who brings pots?'))[1]!;
  await world.during(threadOn(carol, 'who brings pots?').send('bring both, @alice says', answered.id));
  await world.pass(5_000);

  for (const member of [alice, bob, carol]) {
    expect(member.texts()).toEqual(['who brings pots?', 'and the van?']);
    expect(texts(threadOn(member, 'who brings pots?'))).toEqual([
      'who brings pots?',
      'I have two',
      'bring both, @alice says',
    ]);
    expect(messagesOf(threadOn(member, 'who brings pots?'))[2]!.replyTo?.text).toBe('I have two');
    expect(find(member, 'who brings pots?').answers?.count).toBe(2);
    expect(texts(threadOn(member, 'and the van?'))).toEqual(['and the van?']);
  }
  // What is unread in threads counts in the channel, and reading the channel does not read them.
  const { channel } = alice.talk();
  expect(channel.current).toMatchObject({ unread: 2, mentions: 1 });
  alice.talk().markRead(find(alice, 'and the van?').id);
  await world.pass(1_000);
  expect(channel.current.unread).toBe(2);
  expect(find(alice, 'who brings pots?').answers?.unread).toBe(2);
  const thread = threadOn(alice, 'who brings pots?');
  expect(thread.firstUnread.current).toBe(answered.id);
  thread.markRead(answered.id);
  await world.pass(1_000);
  expect(channel.current.unread).toBe(1);
  expect(alice.talk().threadOf(answered.id)).toBe(find(alice, 'who brings pots?').id);
  expect(alice.talk().firstUnread.current).toBeUndefined();
  thread.setDraft('thanks, ');
  await world.pass(1_000);

  await alice.person.stop();
  await alice.person.start();
  await world.pass(5_000);
  expect(alice.talk().channel.current.unread).toBe(1);
  expect(threadOn(alice, 'who brings pots?').draft.current).toBe('thanks, ');
  expect(alice.talk().draft.current).toBe('');
});

test('answers are changed and deleted in their thread, also after a restart', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = await gathered(world, 'founder-led', 'alice', 'bob');
  await alice.say('who brings pots?');
  await world.pass(5_000);
  const thread = threadOn(bob, 'who brings pots?');
  for (const text of ['I have two', 'and lids', 'maybe']) await world.during(thread.send(text));
  const [, pots, , maybe] = messagesOf(thread);
  expect(await world.during(thread.edit(pots!.id, 'I have three'))).toBe('saved');
  expect(await world.during(thread.deleteForAll(maybe!.id))).toBe('saved');
  await world.pass(5_000);
  await alice.person.stop();
  await alice.person.start();
  await world.pass(5_000);
  for (const member of [alice, bob]) {
    expect(texts(threadOn(member, 'who brings pots?'))).toEqual(['who brings pots?', 'I have three', 'and lids', '']);
    expect(member.texts()).toEqual(['who brings pots?']);
    expect(find(member, 'who brings pots?').answers?.count).toBe(2);
  }
  expect(await world.during(threadOn(alice, 'who brings pots?').edit(pots!.id, 'none'))).toBe('not-yours');
  // The thread outlives the words that began it.
  const begins = find(alice, 'who brings pots?').id;
  await world.during(alice.talk().deleteForAll(begins));
  await world.pass(5_000);
  expect(texts(bob.talk().thread(begins))).toEqual(['', 'I have three', 'and lids', '']);
  expect(bob.messages().map(({ deleted, answers }) => [deleted, answers?.count])).toEqual([[true, 2]]);
});

test('when the time of the beginning is over its answers stand in the channel until theirs is', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = await gathered(world, keeping(2), 'alice', 'bob');
  await alice.say('blackberries at dawn');
  await world.pass(3_000);
  const sleep = async (time: number): Promise<void> => {
    await asleep(world, [alice, bob], time);
    await world.pass(3_000);
  };
  await sleep(DAY);
  await world.during(threadOn(bob, 'blackberries at dawn').send('I bring baskets'));
  await world.pass(3_000);
  const begins = find(alice, 'blackberries at dawn').id;
  expect(texts(alice.talk().thread(begins))).toEqual(['blackberries at dawn', 'I bring baskets']);
  await sleep(DAY + DAY / 2);
  for (const member of [alice, bob]) {
    expect(member.texts()).toEqual(['I bring baskets']);
    expect(texts(member.talk().thread(begins))).toEqual([]);
  }
  await sleep(DAY);
  for (const member of [alice, bob]) expect(member.texts()).toEqual([]);
});
