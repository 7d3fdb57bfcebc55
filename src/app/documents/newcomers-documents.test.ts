// What newcomers see of documents from before they came, by the rules of their group.

import { expect, test } from 'vitest';
import type { Rules } from '#core/charter/rules.ts';
import { TEMPLATES } from '#core/charter/templates.ts';
import { members, type Member } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import { groupHome } from './document-homes.ts';

const { rules: RULES, founderRoles } = TEMPLATES['founder-led'];
const giving = (docs: Rules['history']['docs']): Rules => ({ ...RULES, history: { ...RULES.history, docs } });
const titles = ({ person }: Member) => person.session.documents.list.current.map(({ title }) => title).sort();

/** Alice has a document; then Bob comes. */
async function comingTo(docs: Rules['history']['docs']): Promise<{ world: SessionWorld; alice: Member; bob: Member }> {
  const world = await SessionWorld.start();
  const [alice, bob] = (await members(world, 'alice', 'bob')) as [Member, Member];
  const founding = { name: 'garden', myName: 'alice', rules: giving(docs), myRoles: founderRoles, channels: ['plaza'] };
  expect((await world.during(alice.groups.found(founding))).is).toBe('group');
  const home = groupHome(alice.entry.id, 'everyone');
  await world.during(alice.person.session.documents.create({ title: 'From before', with: home }));
  await world.pass(3_000);
  const { code } = await alice.invite();
  await world.pass(3_000);
  expect((await bob.join(code!)).is).toBe('joined');
  await world.pass(30_000);
  return { world, alice, bob };
}

for (const docs of ['checkpoint', 'full'] as const) {
  test(`P31 where the rules say ${docs} a newcomer has the documents from before`, async () => {
    const { bob } = await comingTo(docs);
    expect(titles(bob)).toEqual(['From before']);
  });
}

test('P31 where the rules say none a newcomer has nothing of documents from before, and all of later ones', async () => {
  const { world, alice, bob } = await comingTo('none');
  expect(titles(bob)).toEqual([]);
  const rows = bob.person.disk.rows.filter(({ value }) => value !== null && Buffer.from(value).includes('From before'));
  expect(rows.map(({ collection }) => collection)).toEqual([]);
  const home = groupHome(alice.entry.id, 'everyone');
  await world.during(alice.person.session.documents.create({ title: 'From after', with: home }));
  await world.pass(10_000);
  expect(titles(bob)).toEqual(['From after']);
  await world.during(bob.person.session.documents.rename(bob.person.session.documents.list.current[0]!.id, 'By Bob'));
  await world.pass(5_000);
  expect(titles(alice)).toEqual(['By Bob', 'From before']);
});
