// A person's second device, taken in by the first: over a relay node and a network in memory.

import { expect, test } from 'vitest';
import { asked, linked } from '#tests/suites/linked-devices.ts';
import { SessionWorld, twoContacts, type TestPerson } from '#tests/suites/session-world.ts';

test('W13: a second device gets contacts and history, and both go on as one person', async () => {
  const world = await SessionWorld.start();
  const { alice, bob } = await twoContacts(world);
  await alice.say('one');
  await world.pass(1_000);
  await bob.say('two');
  await world.pass(2_000);
  await world.during(alice.session.people.setNickname(alice.contact, 'Bobby'));
  const laptop = await world.person('laptop').start();
  await world.pass(500);
  await linked(world, alice, laptop);
  await world.pass(8_000);
  expect(alice.session.ownDevices.offer.current).toEqual({ is: 'added', name: 'Kitchen laptop' });
  expect(laptop.session.ownDevices.joining.current).toEqual({ is: 'none' });
  expect(laptop.session.people.contacts.current).toMatchObject([
    { name: 'Bobby', state: 'connected', myName: 'alice' },
  ]);
  expect(laptop.texts()).toEqual(['one', 'two']);
  expect(laptop.messages().map(({ mine }) => mine)).toEqual([true, false]);

  await laptop.say('from the laptop');
  await world.pass(4_000);
  expect(bob.texts()).toEqual(['one', 'two', 'from the laptop']);
  expect(alice.texts()).toEqual(['one', 'two', 'from the laptop']);
  expect(bob.session.people.contacts.current).toHaveLength(1);
  await bob.say('to both');
  await world.pass(4_000);
  expect(alice.texts().at(-1)).toBe('to both');
  expect(laptop.texts().at(-1)).toBe('to both');
  expect(alice.messages().at(-2)).toMatchObject({ mine: true });
});

test('a device that was let in knows of one self space at every moment, and nothing is left of the one it had', async () => {
  const world = await SessionWorld.start();
  const alice = await world.person('alice').start();
  const laptop = await world.person('laptop').start();
  await world.pass(500);
  const [before] = await laptop.disk.list('space');
  const known: string[][] = [];
  const commit = laptop.disk.commit.bind(laptop.disk);
  laptop.disk.commit = async (writes, durability) => {
    await commit(writes, durability);
    if (writes.some(({ collection }) => collection === 'space')) {
      known.push((await laptop.disk.list('space')).map(({ id }) => id));
    }
  };
  await linked(world, alice, laptop);
  const [now] = await alice.disk.list('space');
  expect(known.at(-1)).toEqual([now!.id]);
  for (const [i, ids] of known.entries()) expect(ids).toHaveLength(i === known.length - 1 ? 1 : 2);
  for (const part of ['op', 'record', 'key', 'wrap', 'ratchet', 'log']) {
    expect(await laptop.disk.list(`${part}:${before!.id}`)).toEqual([]);
  }
});

/** Alice with a conversation of some length, and a laptop with nothing on it; Bob is away. */
async function aliceAlone(world: SessionWorld): Promise<{ alice: TestPerson; bob: TestPerson; laptop: TestPerson }> {
  const { alice, bob } = await twoContacts(world);
  for (let i = 0; i < 30; i++) {
    await alice.say(`from alice ${i}`);
    await bob.say(`from bob ${i}`);
  }
  await world.pass(4_000);
  await bob.stop();
  return { alice, bob, laptop: await world.person('laptop').start() };
}

test('the new device is off when it is let in, the old one when it comes back: the relay node had it all', async () => {
  const world = await SessionWorld.start();
  const { alice, bob, laptop } = await aliceAlone(world);
  const before = alice.texts();
  await asked(world, alice, laptop);
  const joining = laptop.session.ownDevices.joining.current;
  if (joining.is !== 'asking') throw new Error(joining.is);
  await laptop.stop();
  await world.during(alice.session.ownDevices.confirm(joining.number));
  await world.pass(20_000);
  await alice.stop();
  await laptop.start();
  await world.pass(20_000);
  expect(laptop.session.ownDevices.joining.current).toEqual({ is: 'none' });
  expect(laptop.texts()).toEqual(before);
  expect(laptop.session.people.contacts.current).toMatchObject([{ unread: 30 }]);
  await laptop.say('alice is asleep');
  await world.pass(3_000);
  await laptop.stop();
  await bob.start();
  await world.pass(8_000);
  expect(bob.texts().at(-1)).toBe('alice is asleep');
});

test('the old device goes away half-way and comes back: it goes on where it was', async () => {
  const world = await SessionWorld.start();
  const { alice, laptop } = await aliceAlone(world);
  const before = alice.texts();
  await asked(world, alice, laptop);
  const joining = laptop.session.ownDevices.joining.current;
  if (joining.is !== 'asking') throw new Error(joining.is);
  await world.during(alice.session.ownDevices.confirm(joining.number));
  // Just let in: nothing but that is on the disk.
  while (alice.session.ownDevices.offer.current.is !== 'added') await world.pass(20);
  alice.vanish();
  await world.pass(30_000);
  await laptop.stop();
  await alice.start();
  await world.pass(20_000);
  await laptop.start();
  await world.pass(20_000);
  expect(laptop.texts()).toEqual(before);
});

test('contacts made later on either device come to the other, and what was set about one too', async () => {
  const world = await SessionWorld.start();
  const { alice, laptop } = await aliceAlone(world);
  await linked(world, alice, laptop);
  await world.pass(10_000);
  const carol = await world.person('carol').start();
  const dave = await world.person('dave').start();
  await world.pass(500);
  const names = (person: TestPerson) => person.session.people.contacts.current.map(({ name }) => name).sort();
  await carol.answer(await laptop.card());
  await world.pass(4_000);
  expect(names(laptop)).toEqual(['bob', 'carol']);
  await world.pass(10_000);
  expect(names(alice)).toEqual(['bob', 'carol']);
  await laptop.answer(await dave.card());
  await world.pass(14_000);
  expect(names(alice)).toEqual(['bob', 'carol', 'dave']);
  const carolHere = alice.session.people.contacts.current.find(({ name }) => name === 'carol')!;
  await world.during(alice.session.people.setNickname(carolHere.id, 'Caz'));
  await world.pass(4_000);
  expect(names(laptop)).toEqual(['Caz', 'bob', 'dave']);
  // The other side sees one person, whichever device writes.
  await world.during(alice.session.conversation(carolHere.id).send('hello carol'));
  await world.pass(4_000);
  expect(carol.texts()).toEqual(['hello carol']);
  expect(carol.session.people.contacts.current).toHaveLength(1);
});

test('a third device is announced to the second, and gets everything', async () => {
  const world = await SessionWorld.start();
  const { alice, laptop } = await aliceAlone(world);
  await linked(world, alice, laptop);
  await world.pass(10_000);
  const announced = (person: TestPerson) => person.session.ownDevices.list.current.filter(({ isNew }) => isNew);
  expect(announced(alice)).toMatchObject([{ name: 'Kitchen laptop' }]);
  expect(announced(laptop)).toEqual([]);
  await world.during(alice.session.ownDevices.acknowledge(announced(alice)[0]!.id));
  expect(announced(alice)).toEqual([]);
  const tablet = await world.person('tablet').start();
  await world.pass(500);
  await linked(world, laptop, tablet);
  await world.pass(20_000);
  expect(announced(alice)).toHaveLength(1);
  expect(tablet.texts()).toEqual(alice.texts());
  expect(tablet.session.ownDevices.list.current).toHaveLength(3);
  await tablet.say('third');
  await world.pass(4_000);
  expect([alice, laptop].map((person) => person.texts().at(-1))).toEqual(['third', 'third']);
});

test('threat 16: a code is shown to who knows the passphrase only, and ends with time, by hand, by a wrong number, by a second request', async () => {
  const world = await SessionWorld.start();
  const alice = await world.person('alice').start();
  await world.pass(500);
  const own = () => alice.session.ownDevices;
  expect(await world.during(own().showCode('wrong'))).toBe('wrong-passphrase');
  expect(own().offer.current).toEqual({ is: 'none' });
  await world.during(own().showCode('right'));
  await world.during(own().withdrawCode());
  expect(own().offer.current).toEqual({ is: 'none' });
  await world.during(own().showCode('right'));
  await world.pass(601_000);
  expect(own().offer.current).toEqual({ is: 'over', why: 'expired' });

  const laptop = await world.person('laptop').start();
  await world.pass(500);
  await asked(world, alice, laptop);
  for (const verdict of ['wrong-number', 'wrong-number', 'over']) {
    expect(await world.during(own().confirm('0000 0000'))).toBe(verdict);
  }
  expect(own().offer.current).toEqual({ is: 'over', why: 'wrong-number' });
  await world.during(laptop.session.ownDevices.cancelJoin());

  await asked(world, alice, laptop);
  const joining = laptop.session.ownDevices.joining.current;
  const offered = alice.session.ownDevices.offer.current;
  expect(offered).toMatchObject({ is: 'asked', name: 'Kitchen laptop' });
  expect(joining.is).toBe('asking');
  await world.during(laptop.session.ownDevices.cancelJoin());
  expect(alice.session.ownDevices.list.current).toHaveLength(1);
});

test('a second request ends the code, also in the moment after the number was typed', async () => {
  const world = await SessionWorld.start();
  const alice = await world.person('alice').start();
  const laptop = await world.person('laptop').start();
  const thief = await world.person('thief').start();
  await world.pass(500);
  await world.during(alice.session.ownDevices.showCode('right'));
  const offer = alice.session.ownDevices.offer.current;
  if (offer.is !== 'open') throw new Error(offer.is);
  await world.during(laptop.session.ownDevices.join(offer.code, 'laptop'));
  await world.pass(1_000);
  const joining = laptop.session.ownDevices.joining.current;
  if (joining.is !== 'asking') throw new Error(joining.is);
  expect(await world.during(alice.session.ownDevices.confirm(joining.number))).toBe('confirmed');
  await world.during(thief.session.ownDevices.join(offer.code, 'laptop'));
  await world.pass(10_000);
  expect(alice.session.ownDevices.offer.current).toEqual({ is: 'over', why: 'asked-twice' });
  for (const person of [laptop, thief]) expect(person.session.ownDevices.joining.current.is).toBe('asking');
});

test('threat 16: neither code passes for the other, and a device with contacts joins nobody', async () => {
  const world = await SessionWorld.start();
  const { alice, bob } = await twoContacts(world);
  await world.during(alice.session.ownDevices.showCode('right'));
  const offer = alice.session.ownDevices.offer.current;
  if (offer.is !== 'open') throw new Error(offer.is);
  expect(bob.session.people.readCode(offer.code)).toEqual({ is: 'device-code' });
  expect(await bob.answer(offer.code)).toEqual({ is: 'refused', problem: 'device-code' });
  expect(alice.session.ownDevices.readCode(offer.code)).toEqual({ is: 'own-code' });
  expect(bob.session.ownDevices.readCode(await alice.card())).toEqual({ is: 'contact-card' });
  expect(await world.during(bob.session.ownDevices.join(offer.code, 'x'))).toBe('not-empty');
  await world.pass(2_000);
  expect(alice.session.ownDevices.offer.current.is).toBe('open');
});
