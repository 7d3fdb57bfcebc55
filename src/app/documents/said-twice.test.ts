// A device that said two things in one place, to different people: a document says the same to everybody, whichever of the two
// they heard first, and what most people wrote on top of stays (core/docs/SPEC.md §4, core/chain/SPEC.md §7.1).

import { expect, test } from 'vitest';
import { contentHash } from '#core/docs/content-hash.ts';
import { gathered, type Member } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import { again, DRAFT, opened, rowsWith, texts, write, writeInto } from '#tests/suites/written-documents.ts';
import { SimDisk } from '#tests/sim/sim-disk.ts';
import { Dice } from '#tests/sim/dice.ts';
import type { DocumentId } from '../api.ts';
import { groupHome } from './document-homes.ts';

interface Scene {
  readonly world: SessionWorld;
  readonly all: readonly Member[];
  readonly id: DocumentId;
}

/**
 * Mallory writes something that Bob and who is with him hear, and something else in its place that the others hear; each writes
 * into what they heard, and then all hear of all. `meanwhile`: before the others hear anything.
 */
async function scene(
  withBob: readonly string[] = [],
  meanwhile: (world: SessionWorld, some: readonly Member[], id: DocumentId) => Promise<void> = () => Promise.resolve(),
): Promise<Scene> {
  const world = await SessionWorld.start();
  const names = ['alice', 'bob', 'carol', 'dora', 'erin'];
  const all = await gathered(world, 'affinity-cell', ...names, 'mallory');
  const mallory = all.pop()!;
  const some = all.filter(({ person }) => ['bob', ...withBob].includes(person.name));
  const others = all.filter((member) => !some.includes(member));
  for (const member of all) await again(member);
  await world.pass(20_000);
  const [alice] = all as [Member];
  const home = groupHome(alice.entry.id, 'everyone');
  const id = await world.during(alice.person.session.documents.create({ title: 'Plan', with: home }));
  await world.pass(5_000);
  await opened(world, alice, id, (document) => write(document, 'begun'));
  await world.pass(5_000);
  await mallory.person.stop();
  const disk = new SimDisk(world.world, new Dice(1, 'copy'));
  disk.copyFrom(mallory.person.disk);

  const apart = [...some.map(({ person }) => person.name), 'mallory', 'relay0'];
  const mend = world.roads.part(
    others.map(({ person }) => person.name),
    apart,
  );
  await mallory.person.start();
  await world.pass(20_000);
  await opened(world, mallory, id, (document) => write(document, 'one thing'));
  await world.pass(3_000);
  mallory.person.vanish();
  await writeAll(world, some, id, 'one thing');
  await meanwhile(world, some, id);
  for (const { person } of some) await person.stop();
  // What lay there for the others.
  await world.loseMail();
  mend();
  const twin = { person: mallory.person.twin(disk, 1) };
  await twin.person.start();
  await world.pass(20_000);
  await opened(world, twin, id, (document) => write(document, 'another thing'));
  await world.pass(3_000);
  await writeAll(world, others, id, 'another thing');
  twin.person.vanish();
  for (const { person } of some) await person.start();
  await world.pass(120_000);
  return { world, all, id };
}

async function writeAll(world: SessionWorld, by: readonly Member[], id: DocumentId, into: string): Promise<void> {
  for (const one of by) {
    const { name } = one.person;
    await opened(world, one, id, (document) => writeInto(document, `${name} into `, into));
    await opened(world, one, id, (document) => write(document, `${name} beside it`));
    await world.pass(3_000);
  }
}

async function toldTo({ world, all, id }: Scene): Promise<readonly string[]> {
  const told = new Set<string>();
  const hashes = new Set<string>();
  for (const one of all) {
    told.add(await opened(world, one, id, texts));
    hashes.add(await opened(world, one, id, ({ doc }) => contentHash(doc)));
  }
  expect(hashes.size).toBe(1);
  return [...told];
}

/** Something that is thought better of, and enough for a checkpoint. */
async function writeDraft(world: SessionWorld, [one, other]: readonly Member[], id: DocumentId): Promise<void> {
  await opened(world, one!, id, (document) => write(document, DRAFT));
  await opened(world, one!, id, ({ doc }) => {
    const body = doc.getXmlFragment('body');
    body.delete(body.length - 1, 1);
  });
  for (const text of ['one', 'two', 'three', 'four']) {
    await opened(world, other!, id, (document) => write(document, `after it ${text}`));
  }
  await world.pass(20_000);
}

test('P33 threat 18: whoever heard of what first, all have the words that most people wrote into, also after a restart', async () => {
  const found = await scene();
  const told = await toldTo(found);
  expect(told).toHaveLength(1);
  for (const part of ['begun', 'erin into dora into carol into alice into another thing', 'erin beside it'])
    expect(told[0]).toContain(part);
  expect(told[0]).not.toContain('one thing');
  for (const one of found.all) await again(one);
  await found.world.pass(20_000);
  expect(await toldTo(found)).toEqual(told);
});

test('P32 changes go as before in a document into which somebody wrote two things in one place', async () => {
  const found = await scene();
  const { world, all, id } = found;
  await writeDraft(world, all, id);
  const before = await toldTo(found);
  await world.pass(400_000);
  for (const one of all) expect(rowsWith(one, DRAFT)).toEqual([]);
  // What rests on the other of the two is in no checkpoint: that one may come to count.
  for (const one of all) expect(rowsWith(one, 'bob into')).toContain('log');
  for (const one of all) await again(one);
  await world.pass(20_000);
  expect(await toldTo(found)).toEqual(before);
  for (const part of ['alice into another thing', 'after it four']) expect(before[0]).toContain(part);
});

test('P33 threat 18: what was let go for a checkpoint stays when most people turn out to have heard something else', async () => {
  const found = await scene(['alice'], async (world, some, id) => {
    await writeDraft(world, some, id);
    await world.pass(400_000);
    for (const one of some) expect(rowsWith(one, DRAFT)).toEqual([]);
  });
  const told = await toldTo(found);
  for (const part of ['begun', 'after it four', 'bob into', 'alice into', 'into one thing', 'erin beside it']) {
    expect(told[0]).toContain(part);
  }
  for (const one of found.all) await again(one);
  await found.world.pass(20_000);
  expect(await toldTo(found)).toEqual(told);
});
