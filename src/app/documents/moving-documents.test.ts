// Documents that go to other readers of a group: the code that ships, over a network in memory, judged by the bytes on
// the disks.

import { expect, test } from 'vitest';
import { XmlElement, XmlText } from 'yjs';
import type { RoleId } from '#core/charter/rules.ts';
import { gathered, personIn, members, type Member } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import type { Millis } from '#core/ports.ts';
import { openStoredAt, openStoredDocuments } from '#tests/suites/stored-documents.ts';
import type { DocumentId } from '../api.ts';
import type { DocumentHome } from './document-api.ts';
import { groupHome } from './document-homes.ts';

const DEPUTY = 'deputy' as RoleId;

interface Group {
  readonly world: SessionWorld;
  readonly alice: Member;
  readonly bob: Member;
  readonly carol: Member;
  readonly all: DocumentHome;
  readonly deputies: DocumentHome;
}

/** Alice and Bob are deputies. */
async function group(): Promise<Group> {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await gathered(world, 'founder-led', 'alice', 'bob', 'carol');
  for (const name of ['alice', 'bob']) {
    expect(await world.during(alice.group.giveRole(personIn(alice, name).id, DEPUTY))).toBe('done');
    await world.pass(10_000);
  }
  const { id } = alice.entry;
  return { world, alice, bob, carol, all: groupHome(id, 'everyone'), deputies: groupHome(id, DEPUTY) };
}

const documents = ({ person }: Member) => person.session.documents;
const titles = (member: Member) => documents(member).list.current.map(({ title }) => title);

async function begin({ world, alice, all }: Group, ...texts: readonly string[]): Promise<DocumentId> {
  const id = await world.during(documents(alice).create({ title: 'Plan', with: all }));
  for (const text of texts) await write(world, alice, id, text);
  await world.pass(10_000);
  return id;
}

async function write(world: SessionWorld, by: Member, id: DocumentId, text: string): Promise<void> {
  const open = await world.during(documents(by).open(id));
  const paragraph = new XmlElement('paragraph');
  paragraph.insert(0, [new XmlText(text)]);
  const body = open.doc.getXmlFragment('body');
  body.insert(body.length, [paragraph]);
  await world.during(open.close());
}

async function read(world: SessionWorld, by: Member, id: DocumentId): Promise<readonly string[]> {
  const open = await world.during(documents(by).open(id));
  const texts = open.doc
    .getXmlFragment('body')
    .toArray()
    .map((block) => String(block).replace(/<[^>]*>/g, ''));
  await world.during(open.close());
  return texts;
}

async function move({ world }: Group, by: Member, id: DocumentId, to: DocumentHome): Promise<DocumentId> {
  const moved = await world.during(documents(by).move(id, to));
  if (['not-allowed', 'no-room', 'gone'].includes(moved)) throw new Error(moved);
  return moved as DocumentId;
}

function holds({ person }: Member, text: string): readonly string[] {
  const rows = person.disk.rows.filter(({ value }) => value !== null && Buffer.from(value).includes(text));
  return [...new Set(rows.map(({ collection }) => collection.split(/[:/]/)[0]!))];
}

test('P30 a document that went to a role is gone from who does not have it, from their screens and their disks', async () => {
  const all = await group();
  const { world, alice, bob, carol } = all;
  const id = await begin(all, 'over the wall at night');
  expect(titles(carol)).toEqual(['Plan']);
  expect(holds(carol, 'over the wall')).toEqual(['log']);
  const moved = await move(all, alice, id, all.deputies);
  await world.pass(10_000);
  expect([alice, bob, carol].map(titles)).toEqual([['Plan'], ['Plan'], []]);
  expect(holds(carol, 'over the wall')).toEqual([]);
  expect(documents(carol).movedTo(id)).toEqual({ document: moved, home: all.deputies, isHere: false });
  // Former names lead on, and who reads it writes on.
  expect(await read(world, bob, id)).toEqual(['over the wall at night']);
  await write(world, bob, id, 'with two ladders');
  await world.pass(5_000);
  expect(await read(world, alice, moved)).toEqual(['over the wall at night', 'with two ladders']);
  expect(holds(carol, 'ladders')).toEqual([]);
  await alice.person.stop();
  await alice.person.start();
  await world.pass(5_000);
  expect(titles(alice)).toEqual(['Plan']);
  expect(await read(world, alice, id)).toEqual(['over the wall at night', 'with two ladders']);
});

test('P30 who was away when it went, and who came after, get nothing of it and miss nothing else', async () => {
  const all = await group();
  const { world, alice, bob, carol } = all;
  const id = await begin(all, 'first');
  await carol.person.stop();
  await write(world, bob, id, 'while she was away');
  await world.pass(5_000);
  await move(all, alice, id, all.deputies);
  await alice.say('it is with the deputies now');
  await world.pass(5_000);
  const { code } = await alice.invite(1);
  await world.pass(3_000);
  const [dave] = (await members(world, 'dave')) as [Member];
  expect((await dave.join(code!)).is).toBe('joined');
  await alice.person.stop();
  await carol.person.start();
  await world.pass(60_000);
  await bob.say('hello both');
  await world.pass(10_000);
  expect(carol.texts()).toEqual(['it is with the deputies now', 'hello both']);
  expect(dave.texts()).toEqual(['hello both']);
  for (const one of [carol, dave]) {
    expect(titles(one)).toEqual([]);
    expect(holds(one, 'first')).toEqual([]);
    expect(holds(one, 'while she was away')).toEqual([]);
  }
});

test('P30 what somebody wrote who had not heard of it comes along, also after a restart of who moved it', async () => {
  const all = await group();
  const { world, alice, carol } = all;
  alice.person.documents = openStoredDocuments;
  await alice.person.stop();
  await alice.person.start();
  await world.pass(3_000);
  const id = await begin(all, 'the first line');
  await carol.person.stop();
  await world.pass(1_000);
  const others = ['alice', 'bob', 'relay0'];
  const mend = world.roads.part(['carol'], others);
  await carol.person.start();
  await world.pass(2_000);
  await write(world, carol, id, 'from far away');
  const moved = await move(all, alice, id, all.deputies);
  await world.pass(5_000);
  await alice.person.stop();
  await alice.person.start();
  mend();
  await world.pass(90_000);
  expect(await read(world, alice, moved)).toEqual(['the first line', 'from far away']);
  expect(titles(carol)).toEqual([]);
  for (const text of ['the first line', 'from far away']) expect(holds(carol, text)).toEqual([]);
});

test('P30 moving it back gives it to all again, under every name it had', async () => {
  const all = await group();
  const { world, alice, bob, carol } = all;
  const id = await begin(all, 'for all');
  await move(all, alice, id, all.deputies);
  await world.pass(5_000);
  const back = await move(all, bob, id, all.all);
  await world.pass(10_000);
  expect([alice, bob, carol].map(titles)).toEqual([['Plan'], ['Plan'], ['Plan']]);
  for (const one of [alice, bob, carol]) expect(await read(world, one, id)).toEqual(['for all']);
  expect(documents(carol).movedTo(id)?.document).toBe(back);
});

test('P30 nobody moves what they may not write, to where they may not, or to another group', async () => {
  const all = await group();
  const { world, alice, carol } = all;
  const id = await begin(all, 'here');
  expect(await world.during(documents(carol).move(id, all.deputies))).toBe('not-allowed');
  expect(await world.during(documents(alice).move(id, all.all))).toBe('not-allowed');
  const elsewhere = groupHome('ab'.repeat(32) as never, 'everyone');
  expect(await world.during(documents(alice).move(id, elsewhere))).toBe('not-allowed');
  expect(await world.during(documents(alice).move('cd'.repeat(16) as DocumentId, all.deputies))).toBe('gone');
  expect(titles(alice)).toEqual(['Plan']);
});

test('P32 a document whose history is gone goes whole, with what somebody wrote late, and leaves nothing behind', async () => {
  const all = await group();
  const { world, alice, bob, carol } = all;
  const pace = { changes: 5, within: 2_000 as Millis, keep: 300_000 as Millis };
  for (const { person } of [alice, bob, carol]) {
    person.documents = (host) => openStoredAt(host, { pace });
    await person.stop();
    await person.start();
  }
  await world.pass(20_000);
  const id = await begin(all, 'one', 'two', 'a draft');
  for (const text of ['three', 'four', 'five']) await write(world, carol, id, text);
  await world.pass(400_000);
  const isPruned = ({ person }: Member): boolean =>
    person.disk.rows.some(({ collection }) => collection.startsWith('doc.begun'));
  expect([alice, bob, carol].map(isPruned)).toEqual([true, true, true]);
  const mend = world.roads.part(['carol'], ['alice', 'bob', 'relay0']);
  await world.pass(10_000);
  const moved = await move(all, alice, id, all.deputies);
  await write(world, carol, id, 'late from carol');
  await world.pass(10_000);
  // Who moved it begins anew before they hear of that.
  await alice.person.stop();
  await alice.person.start();
  await world.pass(5_000);
  mend();
  await world.pass(120_000);
  const whole = ['one', 'two', 'a draft', 'three', 'four', 'five', 'late from carol'];
  for (const member of [alice, bob]) expect((await read(world, member, moved)).filter(Boolean)).toEqual(whole);
  expect(titles(carol)).toEqual([]);
  for (const text of ['a draft', 'five', 'late from carol']) expect(holds(carol, text)).toEqual([]);
});
