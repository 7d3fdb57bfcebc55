// What a person reads on one of their devices is read on the others: over a relay node and a network in memory.

import { expect, test } from 'vitest';
import type { Message, Talk } from '#app/talk/talk-api.ts';
import { Dice } from '#tests/sim/dice.ts';
import { gathered, Member } from '#tests/suites/group-members.ts';
import { linked } from '#tests/suites/linked-devices.ts';
import { SessionWorld, twoContacts, type TestPerson } from '#tests/suites/session-world.ts';

const unreadOf = (person: TestPerson): number => person.session.people.contacts.current[0]!.unread;
const readAll = (person: TestPerson): void => {
  person.session.conversation(person.contact).markRead(person.messages().at(-1)!.id);
};
const find = (member: Member, text: string): Message => member.messages().find((message) => message.text === text)!;
const thread = (member: Member, text: string): Talk => member.talk().thread(find(member, text).id);
const answersOf = (member: Member, text: string): number => find(member, text).answers!.unread;

test('W13 what was read on one device is read on the other, also when that one slept and the first is off again', async () => {
  const world = await SessionWorld.start();
  const { alice, bob } = await twoContacts(world);
  const laptop = await world.person('laptop').start();
  await world.pass(500);
  await linked(world, bob, laptop);
  for (const text of ['one', 'two', 'three']) await alice.say(text);
  await world.pass(5_000);
  expect([unreadOf(bob), unreadOf(laptop)]).toEqual([3, 3]);
  readAll(bob);
  await world.pass(8_000);
  expect([unreadOf(bob), unreadOf(laptop)]).toEqual([0, 0]);

  await laptop.stop();
  await alice.say('while the laptop slept');
  await world.pass(5_000);
  readAll(bob);
  // At once: what is to be told waits on the disk until the next start.
  await bob.stop();
  await laptop.start();
  await world.pass(8_000);
  expect(unreadOf(laptop)).toBe(1);
  await laptop.stop();
  await bob.start();
  await world.pass(10_000);
  await bob.stop();
  await laptop.start();
  await world.pass(10_000);
  expect(laptop.texts().at(-1)).toBe('while the laptop slept');
  expect(unreadOf(laptop)).toBe(0);
  await alice.say('new to both');
  await world.pass(5_000);
  expect(unreadOf(laptop)).toBe(1);
});

test('W13 channels and threads of a group are read together; a new device gets how far each thread was read', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = await gathered(world, 'founder-led', 'alice', 'bob');
  await alice.say('who brings pots?');
  await alice.say('and the van?');
  await world.during(thread(alice, 'who brings pots?').send('I have one'));
  await world.pass(5_000);
  bob.talk().markRead(find(bob, 'and the van?').id);
  const answered = thread(bob, 'who brings pots?').timeline.current.at(-1) as Message;
  thread(bob, 'who brings pots?').markRead(answered.id);
  await world.pass(1_000);
  expect(bob.talk().channel.current.unread).toBe(0);
  const laptop = new Member(world, await world.person('laptop').start());
  await linked(world, bob.person, laptop.person);
  expect(laptop.talk().channel.current.unread).toBe(0);

  await alice.say('a pan as well');
  await world.during(thread(alice, 'who brings pots?').send('a big one'));
  await world.during(thread(alice, 'and the van?').send('mine is broken'));
  await world.pass(5_000);
  const both = [bob, laptop];
  expect(both.map((member) => member.talk().channel.current.unread)).toEqual([3, 3]);
  laptop.talk().markRead(find(laptop, 'a pan as well').id);
  thread(laptop, 'and the van?').markRead((thread(laptop, 'and the van?').timeline.current.at(-1) as Message).id);
  await world.pass(8_000);
  for (const member of both) {
    expect(member.talk().channel.current.unread).toBe(1);
    expect([answersOf(member, 'who brings pots?'), answersOf(member, 'and the van?')]).toEqual([1, 0]);
    expect(member.talk().firstUnread.current).toBeUndefined();
  }
  await bob.person.stop();
  await bob.person.start();
  await world.pass(5_000);
  expect([answersOf(bob, 'who brings pots?'), answersOf(bob, 'and the van?')]).toEqual([1, 0]);
});

test('W13 what comes late to both is unread on a new device too, though it stands before what was read', async () => {
  const world = await SessionWorld.start();
  const all = await gathered(world, 'founder-led', 'alice', 'bob', 'carol');
  const [alice, bob, carol] = all;
  await alice.say('who brings pots?');
  await world.pass(5_000);
  const mend = world.roads.part(['carol'], ['alice', 'bob', 'relay0']);
  await world.pass(10_000);
  await carol.say('I was on a boat');
  await world.during(thread(carol, 'who brings pots?').send('two of mine'));
  for (const text of ['one', 'two', 'three']) await alice.say(text);
  for (const text of ['a pan', 'a lid', 'a spoon']) await world.during(thread(alice, 'who brings pots?').send(text));
  await world.pass(5_000);
  bob.talk().markRead(find(bob, 'three').id);
  const answers = (member: Member) => thread(member, 'who brings pots?').timeline.current as readonly Message[];
  thread(bob, 'who brings pots?').markRead(answers(bob).at(-1)!.id);
  await world.pass(5_000);
  const laptop = new Member(world, await world.person('laptop').start());
  await linked(world, bob.person, laptop.person);
  await world.pass(20_000);
  const both = [bob, laptop];
  const seen = () => both.map((one) => [one.talk().channel.current.unread, answersOf(one, 'who brings pots?')]);
  expect(seen()).toEqual(Array(2).fill([0, 0]));
  mend();
  await world.pass(60_000);
  for (const one of both) {
    // Said beside the first of three, before or after it in the order of content.
    expect(one.texts().filter((text) => text !== 'I was on a boat')).toEqual([
      'who brings pots?',
      'one',
      'two',
      'three',
    ]);
    expect([1, 2]).toContain(one.texts().indexOf('I was on a boat'));
    expect(answers(one).some(({ text }) => text === 'two of mine')).toBe(true);
  }
  expect(seen()).toEqual(Array(2).fill([2, 1]));
  for (const { person } of both) {
    await person.stop();
    await person.start();
  }
  await world.pass(10_000);
  expect(seen()).toEqual(Array(2).fill([2, 1]));
});

test.each([1, 2, 3, 4])(
  'W13 whoever reads what on which device, and whenever these are on: both say the same in the end (%i)',
  async (seed) => {
    const world = await SessionWorld.start();
    const [alice, bob] = await gathered(world, 'founder-led', 'alice', 'bob');
    const laptop = new Member(world, await world.person('laptop').start());
    await alice.say('first');
    await linked(world, bob.person, laptop.person);
    const devices = [bob, laptop] as const;
    const isOn = [true, true];
    const dice = new Dice(seed, 'reading');
    for (let i = 0; i < 40; i++) {
      const at = dice.roll(2);
      const device = devices[at]!;
      const does = dice.roll(5);
      if (does < 2) await alice.say(`message ${i}`);
      else if (does === 2) await world.during(thread(alice, 'first').send(`answer ${i}`));
      else if (does === 3 && isOn[at]) readSome(device, dice);
      else if (does === 4) {
        if (isOn[at]) await device.person.stop();
        else await device.person.start();
        isOn[at] = !isOn[at];
      }
      await world.pass(1_000 + dice.roll(6_000));
    }
    for (const at of [0, 1]) if (!isOn[at]) await devices[at]!.person.start();
    await world.pass(60_000);
    const seen = (member: Member): unknown => {
      const { unread, mentions } = member.talk().channel.current;
      const firsts = [member.talk().firstUnread.current, thread(member, 'first').firstUnread.current];
      return { unread, mentions, firsts, answers: answersOf(member, 'first'), texts: member.texts() };
    };
    expect(seen(laptop)).toEqual(seen(bob));
    const before = seen(bob);
    for (const { person } of devices) {
      await person.stop();
      await person.start();
    }
    await world.pass(20_000);
    for (const device of devices) expect(seen(device)).toEqual(before);
  },
);

function readSome(member: Member, dice: Dice): void {
  const talk = dice.roll(2) === 0 ? member.talk() : thread(member, 'first');
  const messages = talk.timeline.current.filter((entry): entry is Message => entry.is === 'message');
  talk.markRead(messages[dice.roll(messages.length)]!.id);
}
