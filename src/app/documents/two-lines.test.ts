// Two parts of a group that did not hear of each other each let changes go for a checkpoint of their own: what either had
// is in what they make together afterwards (core/docs/SPEC.md §11).

import { expect, test } from 'vitest';
import { contentHash } from '#core/docs/content-hash.ts';
import { gathered, type Member } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import { again, opened, rowsWith, texts, write } from '#tests/suites/written-documents.ts';
import type { DocumentId } from '../api.ts';
import { groupHome } from './document-homes.ts';

/** How many rows of messages hold some text. */
const kept = (member: Member, text: string): number => rowsWith(member, text).filter((room) => room === 'log').length;

const DRAFT = 'thought better of by';

/** Enough for a checkpoint, after which what was deleted before it is on no disk. */
async function writeAndLetGo(world: SessionWorld, [one, other]: readonly [Member, Member], id: DocumentId, by: string) {
  await opened(world, one, id, (document) => write(document, `${DRAFT} ${by}`));
  await opened(world, one, id, ({ doc }) =>
    doc.getXmlFragment('body').delete(doc.getXmlFragment('body').length - 1, 1),
  );
  for (const text of ['one', 'two', 'three'])
    await opened(world, other, id, (document) => write(document, `${by} ${text}`));
  await world.pass(20_000);
  for (const member of [one, other]) expect(kept(member, `${DRAFT} ${by}`)).toBe(1);
  await world.pass(400_000);
  for (const member of [one, other]) expect(kept(member, `${DRAFT} ${by}`)).toBe(0);
}

test('P32 two who let changes go, each for a checkpoint the other did not know, both have all of them ever after', async () => {
  const world = await SessionWorld.start();
  const all = await gathered(world, 'affinity-cell', 'alice', 'bob', 'carol', 'dora');
  for (const member of all) await again(member);
  await world.pass(20_000);
  const [alice, bob, carol, dora] = all;
  const home = groupHome(alice.entry.id, 'everyone');
  const id = await world.during(alice.person.session.documents.create({ title: 'Plan', with: home }));
  await world.pass(20_000);
  for (const { person } of [carol, dora]) await person.stop();
  await writeAndLetGo(world, [alice, bob], id, 'alice');
  for (const { person } of [alice, bob]) await person.stop();
  // Mail that waited is gone by the time somebody comes back after weeks.
  await world.loseMail();
  await world.pass(10_000);
  for (const { person } of [carol, dora]) await person.start();
  await writeAndLetGo(world, [carol, dora], id, 'carol');
  // Mail that waited is gone by the time somebody comes back after weeks.
  await world.loseMail();
  await world.pass(10_000);
  for (const { person } of [alice, bob]) await person.start();
  await world.pass(60_000);

  // What they go on with rests on both.
  for (const text of ['one', 'two', 'three']) {
    for (const member of [alice, carol])
      await opened(world, member, id, (document) => write(document, `together ${text}`));
    await world.pass(3_000);
  }
  await world.pass(20_000);
  await world.pass(400_000);
  for (const member of all) expect(kept(member, 'together one')).toBeLessThan(2);
  for (const member of all) await again(member);
  await world.pass(20_000);
  const found = new Set<string>();
  for (const member of all) {
    const text = await opened(world, member, id, texts);
    for (const part of ['alice', 'carol', 'together']) expect(text).toContain(`${part} three`);
    found.add(await opened(world, member, id, ({ doc }) => contentHash(doc)));
  }
  expect([...found]).toHaveLength(1);
});
