// What a welcome brings beside keys, over whole sessions: a newcomer sees the group's documents and tasks while everybody is
// away (P32), and nothing that is not for them.

import { expect, test } from 'vitest';
import * as Y from 'yjs';
import type { RoleId, Rules } from '#core/charter/rules.ts';
import { TEMPLATES } from '#core/charter/templates.ts';
import type { SpaceId } from '#core/charter/ids.ts';
import { decodeInvitationCode, welcomeKey, welcomeTopicSeed } from '#core/identity/invitation-code.ts';
import { topicKeyOf } from '#core/mailbox/topic-key.ts';
import { DAY, SECOND, type Millis } from '#core/ports.ts';
import { openWelcome, type Welcome } from '#core/sync/welcome.ts';
import { decodeEnvelope } from '#core/wire/envelope.ts';
import { keeping, members, personIn, type Member } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import type { DocumentId } from '../api.ts';
import { groupHome } from '../documents/document-homes.ts';
import { openDocuments } from '../documents/documents.ts';

const TEXT = 'carrots first, then beans';

async function founded(
  docs: Rules['history']['docs'],
  ...names: string[]
): Promise<{ world: SessionWorld; all: Member[] }> {
  const world = await SessionWorld.start();
  const all = await members(world, ...names);
  const { rules, founderRoles } = TEMPLATES['founder-led'];
  await all[0]!.found({ rules: { ...rules, history: { ...rules.history, docs } }, founderRoles });
  return { world, all };
}

async function makes(
  world: SessionWorld,
  { person, entry }: Member,
  of = 'everyone',
  text = TEXT,
): Promise<DocumentId> {
  const { documents } = person.session;
  const id = await world.during(documents.create({ title: 'Beds', with: groupHome(entry.id, of as RoleId) }));
  const open = await world.during(documents.open(id));
  const paragraph = new Y.XmlElement('paragraph');
  paragraph.insert(0, [new Y.XmlText(text)]);
  open.doc.getXmlFragment('body').push([paragraph]);
  await world.during(open.close());
  await world.pass(2_000);
  return id;
}

/** A code, and everybody goes away. */
async function invitedBy(world: SessionWorld, member: Member, role?: RoleId): Promise<string> {
  const invitation = await world.during(member.group.invite({ role, uses: 5 }));
  if (typeof invitation === 'string') throw new Error(invitation);
  await world.pass(3_000);
  await member.person.stop();
  return invitation.code!;
}

async function comes(world: SessionWorld, member: Member, code: string): Promise<void> {
  expect((await member.join(code)).is).toBe('joined');
  await world.pass(3_000);
}

const titles = ({ person }: Member): readonly string[] =>
  person.session.documents.list.current.map(({ title }) => title);

async function reads(world: SessionWorld, { person }: Member, id: DocumentId): Promise<string> {
  const open = await world.during(person.session.documents.open(id));
  const text = open.doc.getXmlFragment('body').toString();
  await world.during(open.close());
  return text;
}

/** All pieces of welcomes that lie at the relay node for a code. */
async function lying(world: SessionWorld, code: string): Promise<readonly Welcome[]> {
  const invitation = decodeInvitationCode(code);
  if (typeof invitation === 'string') throw new Error(invitation);
  const { topic } = await topicKeyOf(world.suite, welcomeTopicSeed(invitation));
  const by = { key: welcomeKey(invitation), topic, space: invitation.space as SpaceId };
  const envelopes = world.relays[0]!.kept.map(({ encoded }) => decodeEnvelope(encoded));
  return envelopes
    .filter((envelope) => envelope.topic === topic)
    .flatMap(({ blob }) => openWelcome(world.suite, { ...by, blob }) ?? []);
}

const saysThere = (pieces: readonly Welcome[], text: string): boolean =>
  pieces.some(({ parcel }) => parcel.runs.some((run) => Buffer.from(run).includes(text)));

test('P32 who comes in while everybody is away sees the documents and tasks at once, and no old chat', async () => {
  const { world, all } = await founded('full', 'alice', 'carol');
  const [alice, carol] = all as [Member, Member];
  await alice.say('not for strangers');
  const id = await makes(world, alice);
  const made = await world.during(alice.group.tasks!.create({ title: 'Water them', readers: 'everyone' }));
  expect(made.is).toBe('done');
  await alice.say('nor this');
  const code = await invitedBy(world, alice);

  await comes(world, carol, code);
  expect(titles(carol)).toEqual(['Beds']);
  expect(await reads(world, carol, id)).toContain(TEXT);
  const { tasks } = carol.group;
  await world.pass(500);
  expect(tasks!.list.current.map(({ title }) => title)).toEqual(['Water them']);
  expect(carol.texts()).toEqual([]);
  const pieces = await lying(world, code);
  expect(saysThere(pieces, TEXT)).toBe(true);
  expect(saysThere(pieces, 'not for strangers') || saysThere(pieces, 'nor this')).toBe(false);

  // What she writes then is one with what the others have.
  await world.during(carol.person.session.documents.rename(id, 'Beds of all'));
  await world.pass(3_000);
  await carol.person.stop();
  await alice.person.start();
  await world.pass(10_000);
  expect(titles(alice)).toEqual(['Beds of all']);
});

test('a document of a role goes along with invitations to that role only', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = (await members(world, 'alice', 'bob', 'carol')) as [Member, Member, Member];
  await alice.found('open-project');
  const role = 'contributor' as RoleId;
  expect(await world.during(alice.group.giveRole(personIn(alice, 'alice').id, role))).toBe('done');
  await world.pass(2_000);
  await makes(world, alice, role);
  const plain = await invitedBy(world, alice);
  await comes(world, bob, plain);
  expect(titles(bob)).toEqual([]);
  expect(saysThere(await lying(world, plain), TEXT)).toBe(false);
  await bob.person.stop();

  await alice.person.start();
  await world.pass(5_000);
  await comes(world, carol, await invitedBy(world, alice, role));
  expect(titles(carol)).toEqual(['Beds']);
});

test('where the rules give newcomers no documents none go along', async () => {
  const { world, all } = await founded('none', 'alice', 'carol');
  const [alice, carol] = all as [Member, Member];
  await makes(world, alice);
  const code = await invitedBy(world, alice);
  await comes(world, carol, code);
  expect(titles(carol)).toEqual([]);
  expect(saysThere(await lying(world, code), TEXT)).toBe(false);
});

test('where a checkpoint stands for changes a newcomer gets that and no draft', async () => {
  const pace = { changes: 4, within: (2 * SECOND) as Millis, keep: (300 * SECOND) as Millis };
  const world = await SessionWorld.start();
  const [alice, bob, carol] = (await members(world, 'alice', 'bob', 'carol')) as [Member, Member, Member];
  for (const { person } of [alice, bob, carol]) {
    person.documents = (host) => openDocuments(host, { pace });
    await person.stop();
    await person.start();
  }
  await alice.found('affinity-cell');
  const { code: bobs } = await alice.invite();
  await world.pass(3_000);
  await comes(world, bob, bobs!);
  await world.pass(60_000);
  const id = await makes(world, alice, 'everyone', 'a draft');
  const open = await world.during(alice.person.session.documents.open(id));
  const body = open.doc.getXmlFragment('body');
  body.delete(0, 1);
  for (const word of ['one', 'two', 'three', TEXT]) {
    await world.pass(2_000);
    const paragraph = new Y.XmlElement('paragraph');
    paragraph.insert(0, [new Y.XmlText(word)]);
    body.push([paragraph]);
  }
  await world.during(open.close());
  await world.pass(30_000);
  await bob.person.stop();
  const code = await invitedBy(world, alice);
  const pieces = await lying(world, code);
  expect(saysThere(pieces, 'a draft')).toBe(false);

  await comes(world, carol, code);
  expect(titles(carol)).toEqual(['Beds']);
  expect(await reads(world, carol, id)).toContain(TEXT);
});

test('what disappeared does not go along', async () => {
  const world = await SessionWorld.start();
  const [alice, carol] = (await members(world, 'alice', 'carol')) as [Member, Member];
  await alice.found(keeping(1));
  // Under this code one may read what is said from now on.
  const first = await world.during(alice.group.invite({ role: undefined, uses: 1 }));
  if (typeof first === 'string') throw new Error(first);
  await alice.say('gone by then');
  await alice.person.stop();
  await world.pass(3 * DAY);
  await alice.person.start();
  await world.pass(3_000);
  const id = await makes(world, alice);
  const code = await invitedBy(world, alice);
  await comes(world, carol, code);
  expect(await reads(world, carol, id)).toContain(TEXT);
  expect(carol.texts()).toEqual([]);
  expect(saysThere(await lying(world, code), 'gone by then')).toBe(false);
});

test('what was said is not left anew with each new key, but after a while if it changed', async () => {
  const { world, all } = await founded('full', 'alice', 'bob', 'carol');
  const [alice, bob, carol] = all as [Member, Member, Member];
  const id = await makes(world, alice, 'everyone', TEXT.repeat(2_000));
  const { code } = await alice.invite(5);
  await world.pass(3_000);
  const withRuns = async (): Promise<number> => {
    return (await lying(world, code!)).filter(({ parcel }) => parcel.runs.length > 0).length;
  };
  expect(await withRuns()).toBe(1);
  for (const newcomer of [bob, carol]) {
    await comes(world, newcomer, code!);
    // Makes a new key, which lies there for the next.
    await alice.invite();
    await world.pass(3_000);
    expect(await reads(world, newcomer, id)).toContain(TEXT);
  }
  expect(await lying(world, code!)).toHaveLength(3);
  expect(await withRuns()).toBe(1);
  for (const { person } of [bob, carol]) await person.stop();
  await world.during(alice.person.session.documents.rename(id, 'Beds of all'));
  await world.pass(DAY);
  expect(await withRuns()).toBe(2);
});
