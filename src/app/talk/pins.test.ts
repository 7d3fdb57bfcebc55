// Pins in channels of groups: the code that ships, over a network in memory.

import { expect, test } from 'vitest';
import { DAY } from '#core/ports.ts';
import { asleep, gathered, keeping, type Member } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';

const pinned = (member: Member): readonly string[] => member.talk().pins.current.map(({ message }) => message.text);
const idOf = (member: Member, text: string) => member.messages().find((message) => message.text === text)!.id;

test('X21 what somebody pins all have in sight, newest pin first; anybody who may post takes it down', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = (await gathered(world, 'founder-led', 'alice', 'bob', 'carol')) as Member[];
  await alice!.say('the hall opens at nine');
  await bob!.say('keys hang by the door');
  await world.pass(5_000);
  expect(await world.during(bob!.talk().setPinned(idOf(bob!, 'the hall opens at nine'), true))).toBe('done');
  expect(await world.during(alice!.talk().setPinned(idOf(alice!, 'keys hang by the door'), true))).toBe('done');
  await world.pass(5_000);
  for (const member of [alice!, bob!, carol!])
    expect(pinned(member)).toEqual(['keys hang by the door', 'the hall opens at nine']);
  expect(carol!.talk().pins.current[1]!.by).toBe(bob!.group.state.current.me);
  // A pin is no message that one had to read.
  expect(carol!.talk().channel.current.unread).toBe(2);

  expect(await world.during(carol!.talk().setPinned(idOf(carol!, 'the hall opens at nine'), false))).toBe('done');
  await world.during(alice!.talk().edit(idOf(alice!, 'the hall opens at nine'), 'the hall opens at ten'));
  await world.during(bob!.talk().edit(idOf(bob!, 'keys hang by the door'), 'keys are with Carol'));
  await world.pass(5_000);
  for (const member of [alice!, bob!, carol!]) expect(pinned(member)).toEqual(['keys are with Carol']);

  await carol!.person.stop();
  const deleted = idOf(bob!, 'keys are with Carol');
  await world.during(bob!.talk().deleteForAll(deleted));
  await world.pass(5_000);
  await carol!.person.start();
  await world.pass(5_000);
  for (const member of [alice!, bob!, carol!]) expect(pinned(member)).toEqual([]);
  expect(carol!.entry.state).toBe('in');
  expect(await world.during(carol!.talk().setPinned(deleted, true))).toBe('gone');
});

test('a pin outlives a restart, and goes with its message when the time of that is over', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = await gathered(world, keeping(2), 'alice', 'bob');
  await alice.say('blackberries at dawn');
  await world.pass(3_000);
  await world.during(bob.talk().setPinned(idOf(bob, 'blackberries at dawn'), true));
  await world.pass(3_000);
  await asleep(world, [alice, bob], DAY);
  await world.pass(3_000);
  for (const member of [alice, bob]) expect(pinned(member)).toEqual(['blackberries at dawn']);
  await asleep(world, [alice, bob], 2 * DAY);
  await world.pass(3_000);
  for (const member of [alice, bob]) expect(pinned(member)).toEqual([]);
});
