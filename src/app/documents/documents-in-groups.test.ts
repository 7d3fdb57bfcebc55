// Documents that belong to the readers of a scope of a group: the code that ships, over a network in memory.

import { expect, test } from 'vitest';
import type { RoleId } from '#core/charter/rules.ts';
import { members, type Member } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import type { DocumentId, OpenDocument } from '../api.ts';
import { groupHome } from './document-homes.ts';
import type { OpenedDocuments } from '../space-content.ts';
import type { PersonId } from '../talk/talk-api.ts';

async function three(): Promise<{ world: SessionWorld; alice: Member; bob: Member; carol: Member }> {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await members(world, 'alice', 'bob', 'carol');
  await alice!.found('founder-led');
  const { code } = await alice!.invite(2);
  await world.pass(3_000);
  for (const one of [bob!, carol!]) expect((await one.join(code!)).is).toBe('joined');
  await world.pass(20_000);
  return { world, alice: alice!, bob: bob!, carol: carol! };
}

/** What the rooms of the app that have documents of their own call. */
const roomOf = (member: Member) => member.person.session.documents as OpenedDocuments;
const titles = (member: Member) => member.person.session.documents.list.current.map(({ title }) => title);

async function read(world: SessionWorld, member: Member, id: DocumentId): Promise<string> {
  const open: OpenDocument = await world.during(member.person.session.documents.open(id));
  const text = open.doc.getMap('meta').get('title');
  await open.close();
  return String(text);
}

test('P31 a document for every member is written by all of them, and is there again after a restart', async () => {
  const { world, alice, bob, carol } = await three();
  const home = groupHome(alice.entry.id, 'everyone');
  const id = await world.during(alice.person.session.documents.create({ title: 'Plan', with: home }));
  await world.pass(10_000);
  expect([alice, bob, carol].map(titles)).toEqual([['Plan'], ['Plan'], ['Plan']]);
  await world.during(carol.person.session.documents.rename(id, 'Plan of all'));
  await world.pass(10_000);
  expect(await read(world, bob, id)).toBe('Plan of all');
  await bob.person.stop();
  await bob.person.start();
  await world.pass(3_000);
  expect(titles(bob)).toEqual(['Plan of all']);
  expect(bob.person.session.documents.list.current[0]?.with).toBe(home);
});

test('P30 a document of a role is seen by who holds it, and goes from who loses it', async () => {
  const { world, alice, bob, carol } = await three();
  const role = 'lead' as RoleId;
  const bobs = alice.group.state.current.people.find(({ name }) => name === 'bob')!.id;
  await give(world, alice, bobs, role);
  const home = groupHome(alice.entry.id, role);
  await world.during(alice.person.session.documents.create({ title: 'Of the role', with: home }));
  await world.pass(20_000);
  expect([alice, bob, carol].map(titles)).toEqual([['Of the role'], ['Of the role'], []]);
  expect(await world.during(alice.group.takeRole(bobs, role))).toBe('done');
  await world.pass(20_000);
  expect([alice, bob, carol].map(titles)).toEqual([['Of the role'], [], []]);
});

test('a document that describes something else is opened by its id and stands in no list', async () => {
  const { world, alice, bob } = await three();
  const home = groupHome(alice.entry.id, 'everyone');
  const id = 'ab'.repeat(16) as DocumentId;
  const open = await world.during(roomOf(alice).openAt(home, id));
  open.doc.getXmlFragment('body').doc!.getMap('meta').set('note', 'for the task');
  await world.pass(10_000);
  await open.close();
  const there = await world.during(roomOf(bob).openAt(home, id));
  expect(there.doc.getMap('meta').get('note')).toBe('for the task');
  await there.close();
  expect([alice, bob].map(titles)).toEqual([[], []]);
});

async function give(world: SessionWorld, by: Member, to: PersonId, role: RoleId): Promise<void> {
  expect(await world.during(by.group.giveRole(to, role))).toBe('done');
  await world.pass(20_000);
}
