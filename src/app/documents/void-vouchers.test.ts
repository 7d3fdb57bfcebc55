// Who vouched for a checkpoint turns out to be nobody, after changes were let go because of it: everybody has the same text
// (core/docs/SPEC.md §11).

import { expect, test } from 'vitest';
import type { RoleId } from '#core/charter/rules.ts';
import { contentHash } from '#core/docs/content-hash.ts';
import { DAY, type Millis } from '#core/ports.ts';
import { gathered, members, personIn, type Member } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import { again, DRAFT, opened, PACE, rowsWith, texts, write } from '#tests/suites/written-documents.ts';
import type { CheckpointPace } from './checkpoints.ts';
import { groupHome } from './document-homes.ts';
import { openDocuments } from './documents.ts';

/** Writes no checkpoints and looks none over, but lets changes go. */
const QUIET: CheckpointPace = { ...PACE, changes: 1_000, within: (20 * DAY) as Millis };
/** Lets nothing go either. */
const HOARDING: CheckpointPace = { ...QUIET, keep: (200 * DAY) as Millis };

const paced = (member: Member, pace: CheckpointPace): Promise<void> =>
  again(member, (host) => openDocuments(host, { pace }));

interface Cast {
  readonly world: SessionWorld;
  readonly alice: Member;
  readonly bob: Member;
  readonly carol: Member;
  readonly dora: Member;
}

/** Alice leads, and Bob may invite; Carol lets changes go and Dora does not. Neither of them says anything. */
async function cast(): Promise<Cast> {
  const world = await SessionWorld.start();
  const all = await gathered(world, 'founder-led', 'alice', 'bob', 'carol', 'dora');
  const [alice, bob, carol, dora] = all;
  expect(await world.during(alice.group.giveRole(personIn(alice, 'bob').id, 'helper' as RoleId))).toBe('done');
  await world.pass(20_000);
  for (const member of [alice, bob, carol]) await paced(member, QUIET);
  await paced(dora, HOARDING);
  await world.pass(20_000);
  return { world, alice, bob, carol, dora };
}

test('P32 a document stays one when both who vouched for a checkpoint are void after changes went', async () => {
  const { world, alice, bob, carol, dora } = await cast();
  const names = ['bob', 'carol', 'dora', 'xavier', 'yara'];
  const mend = world.roads.part(['alice'], [...names, 'relay0']);
  await world.pass(10_000);
  // Alice removes who invites the two, and hears of neither; nobody hears of this.
  expect(await world.during(alice.group.remove(personIn(alice, 'bob').id))).toBe('done');
  const both = (await members(world, 'xavier', 'yara')) as [Member, Member];
  const { code } = await bob.invite(2);
  await world.pass(3_000);
  for (const one of both) {
    await paced(one, PACE);
    expect((await one.join(code!)).is).toBe('joined');
  }
  await world.pass(60_000);
  const [xavier, yara] = both;
  const home = groupHome(xavier.entry.id, 'everyone');
  const id = await world.during(xavier.person.session.documents.create({ title: 'Plan', with: home }));
  await world.pass(3_000);
  await opened(world, xavier, id, (document) => write(document, DRAFT));
  await opened(world, xavier, id, ({ doc }) => doc.getXmlFragment('body').delete(0, 1));
  for (const text of ['one ', 'two ', 'three ']) await opened(world, yara, id, (document) => write(document, text));
  await world.pass(20_000);
  await world.pass(400_000);
  expect(rowsWith(carol, DRAFT)).toEqual([]);
  expect(rowsWith(dora, DRAFT)).toContain('log');
  for (const one of [bob, ...both]) await one.person.stop();
  mend();
  await world.pass(200_000);
  expect([...carol.names()].sort()).toEqual(['alice', 'carol', 'dora']);

  // Carol opens it from her disk, where there are no changes; and who comes now gets it from whoever is there.
  await paced(carol, QUIET);
  const [erin] = (await members(world, 'erin')) as [Member];
  expect((await erin.join((await alice.invite()).code!)).is).toBe('joined');
  await world.pass(100_000);
  const said: (readonly [string, string])[] = [];
  for (const member of [alice, carol, dora, erin]) {
    said.push(await opened(world, member, id, (document) => [texts(document), contentHash(document.doc)] as const));
  }
  for (const [text, hash] of said) expect([text, hash]).toEqual([expect.stringContaining('three'), said[0]![1]]);
});
