// Tools of a group: the code that ships, over a network in memory. A tool is a document, so what holds for these holds here.

import { expect, test } from 'vitest';
import type { RoleId } from '#core/charter/rules.ts';
import type { Millis } from '#core/ports.ts';
import { gathered, personIn, type Member } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import type { DocumentId } from '../api.ts';
import type { DocumentHome } from '../documents/document-api.ts';
import { groupHome } from '../documents/document-homes.ts';
import { ToolDesk, type ToTool } from './tool-desk.ts';

const CODE = 'postMessage({ show: "a poll" });';
const LEAD = 'lead' as RoleId;

interface Told {
  readonly me: string;
  readonly entries: Record<string, { readonly value: unknown; readonly by: string | undefined }>;
}

interface Cast {
  readonly world: SessionWorld;
  readonly alice: Member;
  readonly bob: Member;
  readonly carol: Member;
  readonly home: DocumentHome;
  readonly id: DocumentId;
}

async function cast(): Promise<Cast> {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await gathered(world, 'founder-led', 'alice', 'bob', 'carol');
  const home = groupHome(alice.entry.id, 'everyone');
  const id = await world.during(documents(alice).create({ title: 'Poll', with: home, tool: CODE }));
  await world.pass(10_000);
  return { world, alice, bob, carol, home, id };
}

const documents = ({ person }: Member) => person.session.documents;
const kinds = (member: Member) => documents(member).list.current.map(({ kind }) => kind);

/** Opens the tool, does something in it, and gives what it was told. */
async function use(world: SessionWorld, by: Member, id: DocumentId, ...said: readonly object[]): Promise<Told> {
  const open = await world.during(documents(by).open(id));
  const told: ToTool[] = [];
  const clock = { now: () => 0 as Millis, after: () => () => undefined };
  const desk = new ToolDesk(open, { clock, send: (message) => told.push(message) });
  desk.begin({ language: 'en', direction: 'ltr', theme: 'light' });
  for (const message of said) desk.hear(message);
  await world.during(open.close());
  desk.close();
  expect(told.filter(({ why }) => why !== undefined)).toEqual([]);
  const entries = (told[0]!.state ?? []).map((entry) => [entry.key, { value: entry.value, by: entry.by?.name }]);
  return { me: told[0]!.me!.id, entries: Object.fromEntries(entries) as Told['entries'] };
}

test('P25 a poll of a group holds what members chose while apart, each in their own name', async () => {
  const { world, alice, bob, carol, id } = await cast();
  expect([alice, bob, carol].map(kinds)).toEqual([['tool'], ['tool'], ['tool']]);
  await carol.person.stop();
  await use(world, bob, id, { set: 'voice bob', value: 'tea' }, { set: 'latest', value: 'bob' });
  await bob.person.stop();
  await alice.person.stop();
  await carol.person.start();
  const apart = await use(world, carol, id, { set: 'voice carol', value: 'maté' }, { set: 'latest', value: 'carol' });
  expect(apart.entries).toEqual({});
  for (const member of [bob, alice]) await member.person.start();
  await world.pass(20_000);
  const [a, b, c] = [await use(world, alice, id), await use(world, bob, id), await use(world, carol, id)];
  expect(a.entries).toMatchObject({
    'voice bob': { value: 'tea', by: 'bob' },
    'voice carol': { value: 'maté', by: 'carol' },
  });
  expect(b.entries).toEqual(a.entries);
  expect(c.entries).toEqual(a.entries);
  expect(new Set([a.me, b.me, c.me]).size).toBe(3);
});

test('P25 P30 a tool that goes to a role takes along what is in it, and is gone from who does not hold the role', async () => {
  const { world, alice, bob, carol, home, id } = await cast();
  expect(await world.during(alice.group.giveRole(personIn(alice, 'bob').id, LEAD))).toBe('done');
  await world.pass(20_000);
  const before = await use(world, bob, id, { set: 'voice', value: 'tea' });
  await world.pass(10_000);
  const lead = groupHome(alice.entry.id, LEAD);
  const moved = await world.during(documents(alice).move(id, lead));
  await world.pass(10_000);
  expect([alice, bob, carol].map(kinds)).toEqual([['tool'], ['tool'], []]);
  expect(documents(carol).movedTo(id)).toMatchObject({ home: lead, isHere: false });
  const after = await use(world, bob, moved as DocumentId);
  // Who brought it says what was in it: nothing else would be true.
  expect(after).toEqual({ me: before.me, entries: { voice: { value: 'tea', by: 'alice' } } });
  const back = await world.during(documents(alice).move(moved as DocumentId, home));
  await world.pass(10_000);
  expect((await use(world, carol, back as DocumentId)).entries).toMatchObject({ voice: { value: 'tea' } });
});
