// Groups on a person's second device: handed over by the first, read on both, ended with the words on paper.

import { expect, test } from 'vitest';
import { gathered, Member, personIn } from '#tests/suites/group-members.ts';
import { asked, linked } from '#tests/suites/linked-devices.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';

test('W13 a second device gets the groups of the first, with what was said, and writes there as the same person', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = await gathered(world, 'founder-led', 'alice', 'bob');
  await alice!.say('one');
  await world.pass(1_000);
  await bob!.say('two');
  await world.pass(2_000);
  const laptop = new Member(world, await world.person('laptop').start());
  await linked(world, bob!.person, laptop.person);
  expect(laptop.groups.list.current).toMatchObject([{ name: 'the garden', state: 'in' }]);
  expect(laptop.texts()).toEqual(['one', 'two']);
  expect(laptop.messages().map(({ mine }) => mine)).toEqual([false, true]);
  expect([...laptop.names()].sort()).toEqual(['alice', 'bob']);

  expect(await laptop.say('from the laptop')).toBe('saved');
  await world.pass(4_000);
  for (const member of [alice!, bob!, laptop]) expect(member.texts()).toEqual(['one', 'two', 'from the laptop']);
  expect(alice!.messages().at(-1)).toMatchObject({ by: personIn(alice!, 'bob').id });
  await alice!.say('to both');
  await world.pass(4_000);
  expect(laptop.texts().at(-1)).toBe('to both');
  // A group that is founded later comes to the other device too.
  await laptop.found('assembly');
  await world.pass(20_000);
  expect(bob!.groups.list.current.map(({ state }) => state)).toEqual(['in', 'in']);
  await laptop.person.stop();
  await laptop.person.start();
  await world.pass(5_000);
  expect(laptop.texts().at(-1)).toBe('to both');
});

test('W13 the new device is off when it is let in and the old one when it comes back: keys wait at the inbox', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = await gathered(world, 'founder-led', 'alice', 'bob');
  await bob!.say('before');
  await world.pass(2_000);
  const laptop = new Member(world, await world.person('laptop').start());
  const number = await asked(world, bob!.person, laptop.person);
  await laptop.person.stop();
  await world.during(bob!.person.session.ownDevices.confirm(number));
  await world.pass(20_000);
  await bob!.person.stop();
  await laptop.person.start();
  await world.pass(30_000);
  expect(laptop.groups.list.current).toMatchObject([{ name: 'the garden', state: 'in' }]);
  expect(await laptop.say('bob is asleep')).toBe('saved');
  await world.pass(5_000);
  expect(alice!.texts()).toEqual(['before', 'bob is asleep']);
  // What was said before comes from whoever has it.
  expect(laptop.texts()).toEqual(['before', 'bob is asleep']);
});

test('W13 what a new device says at once stands after what was said before, though little of that is here yet', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = await gathered(world, 'founder-led', 'alice', 'bob');
  await bob!.say('one');
  await world.pass(2_000);
  await alice!.say('two');
  await world.pass(2_000);
  await bob!.person.stop();
  const laptop = new Member(world, await world.person('laptop').start());
  const number = await asked(world, alice!.person, laptop.person);
  await world.during(alice!.person.session.ownDevices.confirm(number));
  for (let i = 0; i < 500 && !laptop.groups.list.current.some(({ lastMessage }) => lastMessage); i++)
    await world.pass(20);
  expect(await laptop.say('three')).toBe('saved');
  await bob!.person.start();
  await world.pass(10_000);
  for (const member of [alice!, bob!, laptop]) expect(member.texts()).toEqual(['one', 'two', 'three']);
});

/** Alice and Bob are in a group; Bob ended his phone, which was in it too and is switched off, by the words on paper. */
async function phoneEnded(world: SessionWorld): Promise<Readonly<Record<'alice' | 'bob' | 'phone', Member>>> {
  const [alice, bob] = await gathered(world, 'founder-led', 'alice', 'bob');
  await bob.person.stop();
  bob.person.isAsked = true;
  await bob.person.start();
  await world.pass(20_000);
  const { ownDevices } = bob.person.session;
  const shown = await world.during(ownDevices.showWords('right'));
  if (shown.is !== 'words') throw new Error(shown.is);
  const phone = new Member(world, await world.person('phone').start());
  await linked(world, bob.person, phone.person);
  expect(phone.groups.list.current).toMatchObject([{ state: 'in' }]);
  await phone.person.stop();
  const lost = ownDevices.list.current.find(({ isThis }) => !isThis)!;
  const ended = await world.during(ownDevices.end(lost.id, shown.words.join(' ')));
  expect(ended).toMatchObject({ is: 'ended', left: 0 });
  await world.pass(5_000);
  return { alice, bob, phone };
}

test('W14 the words on paper end a lost device in groups too: it reads no more, and the person stays', async () => {
  const world = await SessionWorld.start();
  const { alice, bob, phone } = await phoneEnded(world);
  await alice.say('not for the phone');
  await world.pass(5_000);
  expect(bob.texts()).toEqual(['not for the phone']);
  await phone.person.start();
  await world.pass(20_000);
  expect(phone.texts()).toEqual([]);
  expect(await phone.say('let me in')).not.toBe('saved');
  expect([...alice.names()].sort()).toEqual(['alice', 'bob']);
});

test('W14 a lost device of which a relay node lost the last word hears it from a group, and knows', async () => {
  const world = await SessionWorld.start();
  const { phone } = await phoneEnded(world);
  await world.loseMail();
  await phone.person.start();
  await world.pass(90_000);
  expect(phone.person.session.ownDevices.isEnded.current).toBe(true);
});
