// What lies in the mail that lets a device in: the first group is shown by it alone, whatever became of everybody else.

import { expect, test } from 'vitest';
import * as Y from 'yjs';
import type { RoleId } from '#core/charter/rules.ts';
import { DAY } from '#core/ports.ts';
import { gathered, Member } from '#tests/suites/group-members.ts';
import { asked, linked } from '#tests/suites/linked-devices.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import { groupHome } from '../documents/document-homes.ts';

const TEXT = 'carrots first, then beans';

/** Alice and Bob are in a group with a document, of which no relay node has anything any more. */
async function longAgo(world: SessionWorld): Promise<readonly [Member, Member]> {
  const [alice, bob] = (await gathered(world, 'founder-led', 'alice', 'bob')) as [Member, Member];
  const { documents } = alice.person.session;
  const home = groupHome(alice.entry.id, 'everyone' as RoleId);
  const id = await world.during(documents.create({ title: 'Beds', with: home }));
  const open = await world.during(documents.open(id));
  const paragraph = new Y.XmlElement('paragraph');
  paragraph.insert(0, [new Y.XmlText(TEXT)]);
  open.doc.getXmlFragment('body').push([paragraph]);
  await world.during(open.close());
  await world.pass(5_000);
  return [alice, bob];
}

/** Lets a device in; the moment it is, everybody who was there is gone, and of all mail only what that moment left is there. */
async function letIn(world: SessionWorld, first: Member, others: readonly Member[], name: string): Promise<Member> {
  const fresh = new Member(world, await world.person(name).start());
  const number = await asked(world, first.person, fresh.person);
  await world.loseMail();
  await world.pass(2_000);
  for (const other of others) await other.person.stop();
  const { ownDevices } = first.person.session;
  await world.during(ownDevices.confirm(number));
  while (ownDevices.offer.current.is !== 'added') await world.pass(5);
  await world.pass(60);
  first.person.vanish();
  await world.pass(5_000);
  return fresh;
}

async function textOf(world: SessionWorld, { person }: Member): Promise<string> {
  const [entry] = person.session.documents.list.current;
  const open = await world.during(person.session.documents.open(entry!.id));
  return open.doc.getXmlFragment('body').toString();
}

test('W13 a new device shows the first group by the mail that lets it in: who is in it, its channels, its documents', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = await longAgo(world);
  const channels = alice.group.channels.current.map(({ name }) => name);
  const laptop = await letIn(world, alice, [bob], 'laptop');
  expect(laptop.groups.list.current).toMatchObject([{ name: 'the garden', state: 'in' }]);
  expect([...laptop.names()].sort()).toEqual(['alice', 'bob']);
  expect(laptop.group.channels.current.map(({ name }) => name)).toEqual(channels);
  expect(laptop.person.session.documents.list.current).toMatchObject([{ title: 'Beds' }]);
  expect(await textOf(world, laptop)).toContain(TEXT);
});

test('W13 what was said among own devices before a third one came does not keep a group from it', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = await longAgo(world);
  const laptop = new Member(world, await world.person('laptop').start());
  await linked(world, alice.person, laptop.person);
  await world.pass(DAY / 24);
  const tablet = await letIn(world, alice, [bob, laptop], 'tablet');
  expect(tablet.groups.list.current).toMatchObject([{ name: 'the garden', state: 'in' }]);
  expect(await textOf(world, tablet)).toContain(TEXT);
});
