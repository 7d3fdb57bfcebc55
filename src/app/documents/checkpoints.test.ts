// Checkpoints of documents in groups: what stays, what goes, and what who comes later begins with.

import { expect, test } from 'vitest';
import type { RoleId } from '#core/charter/rules.ts';
import { contentHash } from '#core/docs/content-hash.ts';
import {
  decodeDocCheckpoint,
  encodeAttest,
  encodeDocCheckpoint,
  partsOf,
  stateHashOf,
} from '#core/docs/doc-checkpoint.ts';
import { encodeDocUpdate } from '#core/docs/doc-update.ts';
import { encodeDocumentState } from '#core/docs/document-state.ts';
import { SCHEMA_VERSION } from '#core/docs/schema.ts';
import { DAY, type Millis } from '#core/ports.ts';
import { gathered, members, personIn, type Member } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import { openStoredAt } from '#tests/suites/stored-documents.ts';
import { again, DRAFT, opened, openPaced, PACE, rowsWith, texts, write } from '#tests/suites/written-documents.ts';
import type { DocumentId } from '../api.ts';
import { contentOf, groupHome } from './document-homes.ts';
import { openDocuments } from './documents.ts';
import { coversFor } from './moved-rows.ts';
import type { DocumentsHost, OpenDocuments } from '../space-content.ts';

/** As in a browser: documents rest on the disk between unlocks. */
const stored: OpenDocuments = (host) => openStoredAt(host, { pace: PACE });

async function inGroup(world: SessionWorld, ...names: string[]): Promise<Member[]> {
  const all = await gathered(world, 'affinity-cell', ...names);
  for (const member of all) await again(member);
  await world.pass(3_000);
  return all;
}

async function made(world: SessionWorld, { person, entry }: Member, title = 'Plan'): Promise<DocumentId> {
  return world.during(person.session.documents.create({ title, with: groupHome(entry.id, 'everyone') }));
}

/** What a document says to each of some people: one hash, where that is the same. */
async function hashes(world: SessionWorld, id: DocumentId, ...of: readonly Member[]): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const member of of) found.add(await opened(world, member, id, ({ doc }) => contentHash(doc)));
  return [...found];
}

const timesKept = ({ person }: Member, text: string): number =>
  person.disk.rows.reduce(
    (sum, { value }) =>
      sum +
      Buffer.from(value ?? [])
        .toString('latin1')
        .split(text).length -
      1,
    0,
  );

/** A document of five changes and more, one of which was thought better of. */
async function drafted(world: SessionWorld, alice: Member, bob: Member): Promise<DocumentId> {
  const id = await made(world, alice);
  await world.pass(3_000);
  await opened(world, alice, id, (document) => write(document, DRAFT));
  await opened(world, alice, id, ({ doc }) => doc.getXmlFragment('body').delete(0, 1));
  for (const text of ['one ', 'two ', 'three ']) await opened(world, bob, id, (document) => write(document, text));
  return id;
}

async function joinedBy(world: SessionWorld, inviter: Member, name: string): Promise<Member> {
  const [newcomer] = (await members(world, name)) as [Member];
  await again(newcomer);
  const { code } = await inviter.invite();
  await world.pass(3_000);
  expect((await newcomer.join(code!)).is).toBe('joined');
  await world.pass(60_000);
  return newcomer;
}

test('P32 changes go when two people came to the same, and who comes then begins with that', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = (await inGroup(world, 'alice', 'bob')) as [Member, Member];
  const id = await drafted(world, alice, bob);
  await world.pass(20_000);
  expect(rowsWith(alice, DRAFT)).toContain('log');
  await world.pass(330_000);
  for (const member of [alice, bob]) expect(rowsWith(member, DRAFT)).toEqual([]);

  const carol = await joinedBy(world, alice, 'carol');
  expect(carol.person.session.documents.list.current.map(({ title }) => title)).toEqual(['Plan']);
  expect(await opened(world, carol, id, texts)).toContain('three');
  await opened(world, carol, id, (document) => write(document, 'from carol'));
  await world.pass(3_000);
  expect(await hashes(world, id, alice, bob, carol)).toHaveLength(1);
});

/** The same, but for what is given anew. */
function but<T extends object>(one: T, anew: Partial<T>): T {
  return new Proxy(one, {
    get(target, name) {
      const found: unknown = Reflect.get(name in anew ? anew : target, name);
      return typeof found === 'function' && !(name in anew) ? found.bind(target) : found;
    },
  });
}

test('P32 whose words never come to stand on all that would go says so a few times, and keeps it', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = (await inGroup(world, 'alice', 'bob')) as [Member, Member];
  let attests = 0;
  const hampered: OpenDocuments = (host) => {
    const publish: typeof host.contents.publish = (...args) => {
      if (args[1] === 'attest') attests++;
      return host.contents.publish(...args);
    };
    return openPaced(but(host, { contents: but(host.contents, { isBuiltOn: () => false, publish }) }));
  };
  await again(alice, hampered);
  await drafted(world, alice, bob);
  await world.pass(330_000);
  expect(rowsWith(bob, DRAFT)).toEqual([]);
  expect(rowsWith(alice, DRAFT)).toContain('log');
  expect(attests).toBeGreaterThan(0);
  expect(attests).toBeLessThan(12);
});

test('P31 who comes while the changes are still there gets the document without them', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = (await inGroup(world, 'alice', 'bob')) as [Member, Member];
  const id = await drafted(world, alice, bob);
  await world.pass(12_000);
  await opened(world, bob, id, (document) => write(document, 'after it '));
  const carol = await joinedBy(world, alice, 'carol');
  expect(carol.person.disk.rows.map(({ collection }) => collection)).toContain('doc.begun');
  expect(rowsWith(carol, DRAFT)).toEqual([]);
  expect(await opened(world, carol, id, texts)).toContain('after it');
  await opened(world, carol, id, (document) => write(document, 'from carol'));
  await world.pass(3_000);
  expect(await hashes(world, id, alice, bob, carol)).toHaveLength(1);
});

test('P32 who was away while the changes went has what they lack by checkpoint, and loses nothing of their own', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = (await inGroup(world, 'alice', 'bob', 'carol')) as [Member, Member, Member];
  const id = await made(world, alice, 'Minutes');
  await world.pass(3_000);
  await opened(world, carol, id, (document) => write(document, 'carol before '));
  await carol.person.stop();
  await opened(world, bob, id, (document) => write(document, DRAFT));
  await opened(world, bob, id, ({ doc }) => doc.getXmlFragment('body').delete(1, 1));
  for (const text of ['one ', 'two ', 'three ', 'four ']) {
    await opened(world, alice, id, (document) => write(document, text));
  }
  await world.pass(15_000);
  await world.pass(400_000);
  for (const member of [alice, bob]) expect(rowsWith(member, DRAFT)).toEqual([]);
  // Mail that waited is gone by the time somebody comes back after weeks.
  await world.loseMail();
  await world.pass(10_000);
  await carol.person.start();
  await opened(world, carol, id, (document) => write(document, 'carol after '));
  await world.pass(120_000);
  expect(rowsWith(carol, DRAFT)).toEqual([]);
  expect(await hashes(world, id, alice, bob, carol)).toHaveLength(1);
  const said = await opened(world, alice, id, texts);
  for (const text of ['carol before', 'one', 'four', 'carol after']) expect(said).toContain(text);
});

/** Says that a document came to nothing, as somebody with a changed app does. */
async function lie(world: SessionWorld, { entry }: Member, host: DocumentsHost, id: DocumentId): Promise<void> {
  const space = contentOf(groupHome(entry.id, 'everyone'));
  const changes = await host.contents.messages(space, 'doc.update', 0);
  const state = encodeDocumentState({ guard: { schema: 0, tracks: [], runs: [] }, update: new Uint8Array([0, 0]) });
  const [covers] = coversFor(changes);
  const claim = {
    is: 'claim',
    document: id,
    state: stateHashOf(state),
    parts: 1,
    base: undefined,
    covers: covers!,
  } as const;
  for (const body of [partsOf(id, state)![0]!, claim]) {
    expect(await world.during(host.contents.publish(space, 'doc.checkpoint', encodeDocCheckpoint(body)))).toBe('saved');
  }
}

test('P32 where a newer app wrote, this one makes no checkpoint and says nothing of any', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = (await inGroup(world, 'alice', 'bob')) as [Member, Member];
  const hosts: DocumentsHost[] = [];
  for (const member of [alice, bob]) {
    await again(member, (host) => {
      hosts.push(host);
      return openPaced(host);
    });
  }
  await world.pass(5_000);
  const id = await made(world, alice);
  await world.pass(3_000);
  const space = contentOf(groupHome(alice.entry.id, 'everyone'));
  const newer = encodeDocUpdate({ document: id, schema: SCHEMA_VERSION + 1, update: new Uint8Array([0, 0]) });
  for (let change = 0; change < PACE.changes; change++) {
    expect(await world.during(hosts[1]!.contents.publish(space, 'doc.update', newer))).toBe('saved');
  }
  await world.pass(3_000);
  await opened(world, alice, id, ({ mode }) => expect(mode).toBe('read-only-newer'));
  await world.pass(330_000);
  expect(hosts[0]!.contents.checkpoints(space)).toEqual([]);
  // As the newer app makes one: what this one takes for a lie may be its truth.
  await lie(world, bob, hosts[1]!, id);
  await world.pass(330_000);
  const [claim] = hosts[0]!.contents.checkpoints(space);
  expect(claim).toMatchObject({ state: 'claimed', isJudged: false });
});

test('P32 a checkpoint that is a lie is taken by nobody who has the changes, and keeps them for who comes', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = (await inGroup(world, 'alice', 'bob', 'carol')) as [Member, Member, Member];
  const hosts: DocumentsHost[] = [];
  for (const member of [bob, carol]) {
    await again(member, (host) => {
      hosts.push(host);
      return openDocuments(host, { pace: { ...PACE, changes: 1_000, within: DAY as Millis } });
    });
  }
  await world.pass(5_000);
  const id = await made(world, alice);
  await world.pass(3_000);
  for (const text of ['one ', 'two ', 'three ']) await opened(world, alice, id, (document) => write(document, text));
  await world.pass(3_000);
  await lie(world, bob, hosts[0]!, id);
  await world.pass(300);
  const space = contentOf(groupHome(alice.entry.id, 'everyone'));
  const [claim] = hosts[1]!.contents.checkpoints(space);
  const word = encodeAttest({ checkpoint: claim!.id, agrees: true });
  await world.during(hosts[1]!.contents.publish(space, 'attest', word));
  await world.pass(5_000);
  expect(hosts[1]!.contents.checkpoints(space).map(({ state }) => state)).toEqual(['disputed']);
  await world.pass(400_000);
  for (const member of [alice, bob, carol]) expect(rowsWith(member, 'three ')).toContain('log');
  const dora = await joinedBy(world, alice, 'dora');
  expect(await opened(world, dora, id, texts)).toContain('three');
  expect(await hashes(world, id, alice, bob, carol, dora)).toHaveLength(1);
});

/** Writes checkpoints under the right hash whose states are something else, as somebody with a changed app does. */
const spoiling: OpenDocuments = (host) => {
  const publish: DocumentsHost['contents']['publish'] = (space, kind, body) => {
    const said = kind === 'doc.checkpoint' ? decodeDocCheckpoint(body) : undefined;
    const isPart = said?.is === 'part';
    return host.contents.publish(
      space,
      kind,
      isPart ? encodeDocCheckpoint({ ...said, bytes: body.slice(0, 9) }) : body,
    );
  };
  return openPaced(but(host, { contents: but(host.contents, { publish }) }));
};

test('P32 nothing goes for a checkpoint whose state is not there, though its hash is right', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = (await inGroup(world, 'alice', 'bob', 'carol')) as [Member, Member, Member];
  await again(bob, spoiling);
  for (const member of [alice, carol]) {
    await again(member, (host) => openDocuments(host, { pace: { ...PACE, changes: 1_000 } }));
  }
  await world.pass(3_000);
  const id = await drafted(world, alice, bob);
  await world.pass(20_000);
  expect(
    bob.person.disk.rows.some(({ value }) => value !== null && Buffer.from(value).includes('doc.checkpoint')),
  ).toBe(true);
  await world.pass(400_000);
  for (const member of [alice, carol]) expect(rowsWith(member, DRAFT)).toContain('log');
  // Who is contradicted says it again now and then, and does not fill the log.
  expect(timesKept(alice, 'doc.checkpoint')).toBeLessThan(30);
  const dora = await joinedBy(world, alice, 'dora');
  expect(await opened(world, dora, id, texts)).toContain('three');
  expect(await hashes(world, id, alice, carol, dora)).toHaveLength(1);
});

test('P32 what went is gone from documents at rest too, and they open as before', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = (await inGroup(world, 'alice', 'bob')) as [Member, Member];
  for (const member of [alice, bob]) await again(member, stored);
  await world.pass(3_000);
  const id = await drafted(world, alice, bob);
  await world.pass(20_000);
  expect(rowsWith(alice, DRAFT)).toEqual(expect.arrayContaining(['log', 'doc-updates']));
  await world.pass(330_000);
  for (const member of [alice, bob]) expect(rowsWith(member, DRAFT)).toEqual([]);
  const before = await opened(world, alice, id, texts);
  for (const member of [alice, bob]) await again(member, stored);
  await world.pass(3_000);
  expect(await opened(world, alice, id, texts)).toBe(before);
  // Also where nothing rests there any more, and all is read again.
  await again(alice);
  await world.pass(3_000);
  expect(await opened(world, alice, id, texts)).toBe(before);
  await opened(world, alice, id, (document) => write(document, 'and on'));
  await world.pass(3_000);
  expect(await hashes(world, id, alice, bob)).toHaveLength(1);
});

test('P32 with a document that goes to other readers goes what checkpoints hold of it', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await gathered(world, 'founder-led', 'alice', 'bob', 'carol');
  for (const name of ['alice', 'bob']) {
    expect(await world.during(alice.group.giveRole(personIn(alice, name).id, 'deputy' as RoleId))).toBe('done');
    await world.pass(10_000);
  }
  for (const member of [alice, bob, carol]) await again(member);
  await world.pass(20_000);
  const id = await drafted(world, alice, carol);
  await world.pass(20_000);
  for (const member of [alice, bob, carol])
    expect(
      member.person.disk.rows.some(({ value }) => value !== null && Buffer.from(value).includes('doc.checkpoint')),
    ).toBe(true);
  const moved = await world.during(
    alice.person.session.documents.move(id, groupHome(alice.entry.id, 'deputy' as RoleId)),
  );
  await world.pass(400_000);
  expect(rowsWith(carol, 'three ')).toEqual([]);
  expect(await opened(world, bob, moved as DocumentId, texts)).toContain('three');
});
