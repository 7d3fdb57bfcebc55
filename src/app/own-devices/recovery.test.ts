// The recovery key: made without being asked, put on paper, and what a lost device no longer gets.

import { expect, test } from 'vitest';
import { SessionWorld, type TestPerson } from '#tests/suites/session-world.ts';
import { importFromBackup } from '../backup-state.ts';

async function meet(world: SessionWorld): Promise<{ phone: TestPerson; bob: TestPerson }> {
  const phone = world.person('alice');
  const bob = world.person('bob');
  for (const person of [phone, bob]) {
    person.isAsked = true;
    await person.start();
  }
  await world.pass(1_000);
  await bob.answer(await phone.card());
  await world.pass(4_000);
  return { phone, bob };
}

async function onPaper(world: SessionWorld, person: TestPerson): Promise<string> {
  const shown = await world.during(person.session.ownDevices.showWords('right'));
  if (shown.is !== 'words') throw new Error(shown.is);
  const words = shown.words.join(' ');
  expect(await world.during(person.session.ownDevices.rehearse(words))).toBe('on-paper');
  return words;
}

async function link(world: SessionWorld, first: TestPerson, second: TestPerson): Promise<void> {
  await world.during(first.session.ownDevices.showCode('right'));
  const offer = first.session.ownDevices.offer.current;
  if (offer.is !== 'open') throw new Error(offer.is);
  await world.during(second.session.ownDevices.join(offer.code, 'laptop'));
  await world.pass(1_000);
  const joining = second.session.ownDevices.joining.current;
  if (joining.is !== 'asking') throw new Error(joining.is);
  await world.during(first.session.ownDevices.confirm(joining.number));
  await world.pass(20_000);
}

test('words come for the passphrase only, are checked, and are nowhere once they are on paper', async () => {
  const world = await SessionWorld.start();
  const { phone } = await meet(world);
  const own = phone.session.ownDevices;
  expect(own.paper.current).toEqual({ is: 'not-on-paper', isHere: true });
  expect(await world.during(own.showWords('wrong'))).toEqual({ is: 'wrong-passphrase' });
  const shown = await world.during(own.showWords('right'));
  if (shown.is !== 'words') throw new Error(shown.is);
  expect(shown.words).toHaveLength(9);
  const swapped = [shown.words[1], shown.words[0], ...shown.words.slice(2)].join(' ');
  expect(await world.during(own.rehearse(swapped))).toBe('slip');
  expect(await world.during(own.rehearse(shown.words.join('\n')))).toBe('on-paper');
  expect(own.paper.current).toEqual({ is: 'on-paper' });
  expect(await world.during(own.showWords('right'))).toEqual({ is: 'not-here' });
  await phone.stop();
  await phone.start();
  expect(phone.session.ownDevices.paper.current).toEqual({ is: 'on-paper' });
});

test('P37 W14 J11: a lost phone is ended from the laptop; it learns of it, and gets nothing new', async () => {
  const world = await SessionWorld.start();
  const { phone, bob } = await meet(world);
  await phone.say('before');
  await world.pass(2_000);
  const words = await onPaper(world, phone);
  const laptop = world.person('laptop');
  laptop.isAsked = true;
  await laptop.start();
  await world.pass(500);
  await link(world, phone, laptop);
  expect(laptop.session.ownDevices.paper.current).toEqual({ is: 'on-paper' });
  await phone.stop();

  const lost = laptop.session.ownDevices.list.current.find(({ isThis }) => !isThis)!;
  const wrong = words.split(' ').reverse().join(' ');
  expect((await world.during(laptop.session.ownDevices.end(lost.id, wrong))).is).toBe('slip');
  const answer = await world.during(laptop.session.ownDevices.end(lost.id, words));
  expect(answer).toEqual({ is: 'ended', spaces: 2, left: 0 });
  await world.pass(4_000);
  expect(laptop.session.ownDevices.list.current.find(({ id }) => id === lost.id)).toMatchObject({ isEnded: true });
  expect(await laptop.say('after the loss')).toBe('saved');
  await bob.say('only to the laptop');
  await world.pass(4_000);
  expect(bob.texts().slice(-2).sort()).toEqual(['after the loss', 'only to the laptop']);
  expect(laptop.texts().at(-1)).toBe('only to the laptop');

  await phone.start();
  await world.pass(20_000);
  expect(phone.session.ownDevices.isEnded.current).toBe(true);
  expect(phone.texts()).toEqual(['before']);
  expect(await phone.say('let me in')).not.toBe('saved');
  await world.pass(4_000);
  expect(bob.texts()).not.toContain('let me in');
});

test('a phone that is linked when it is ended hears it at once, and nothing after', async () => {
  const world = await SessionWorld.start();
  const { phone, bob } = await meet(world);
  const words = await onPaper(world, phone);
  const laptop = world.person('laptop');
  laptop.isAsked = true;
  await laptop.start();
  await world.pass(500);
  await link(world, phone, laptop);
  const other = laptop.session.ownDevices.list.current.find(({ isThis }) => !isThis)!;
  await world.during(laptop.session.ownDevices.end(other.id, words));
  await world.pass(3_000);
  expect(phone.session.ownDevices.isEnded.current).toBe(true);
  await bob.say('not for the phone');
  await world.pass(4_000);
  expect(laptop.texts().at(-1)).toBe('not for the phone');
  expect(phone.texts()).not.toContain('not for the phone');
});

test('the only device is lost: restored from a backup, the words end it', async () => {
  const world = await SessionWorld.start();
  const { phone, bob } = await meet(world);
  await phone.say('kept');
  await world.pass(2_000);
  const words = await onPaper(world, phone);
  const backup = await world.during(phone.session.exportForBackup());
  await world.pass(2_000);
  await phone.stop();
  const fresh = world.person('fresh');
  fresh.isAsked = true;
  expect(await world.during(importFromBackup(backup, { rows: fresh.disk }))).toBe('imported');
  await fresh.start();
  await world.pass(8_000);
  const old = fresh.session.ownDevices.list.current.filter(({ isThis }) => !isThis);
  expect(old).toHaveLength(1);
  const answer = await world.during(fresh.session.ownDevices.end(old[0]!.id, words));
  expect(answer).toEqual({ is: 'ended', spaces: 2, left: 0 });
  await world.pass(4_000);
  await bob.say('to the new one');
  await world.pass(14_000);
  expect(fresh.texts().at(-1)).toBe('to the new one');
  await phone.start();
  await world.pass(20_000);
  expect(phone.texts()).toEqual(['kept']);
  expect(phone.session.ownDevices.isEnded.current).toBe(true);
});

test('a vault of an earlier version gets its keys at the first unlocking, and they end a device there too', async () => {
  const world = await SessionWorld.start();
  const phone = await world.person('alice').start();
  const bob = await world.person('bob').start();
  await world.pass(1_000);
  await bob.answer(await phone.card());
  await world.pass(4_000);
  expect(phone.session.ownDevices.paper.current).toEqual({ is: 'none' });
  await phone.stop();
  phone.isAsked = true;
  await phone.start();
  await world.pass(6_000);
  const words = await onPaper(world, phone);
  const laptop = await world.person('laptop').start();
  await world.pass(500);
  await link(world, phone, laptop);
  const other = laptop.session.ownDevices.list.current.find(({ isThis }) => !isThis)!;
  const answer = await world.during(laptop.session.ownDevices.end(other.id, words));
  expect(answer).toEqual({ is: 'ended', spaces: 2, left: 0 });
});
