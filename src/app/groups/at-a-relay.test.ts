// What a relay node has of a group, and what it can do to one: sessions that ship, over a relay node in memory.

import { expect, test } from 'vitest';
import { gathered, type Member } from '#tests/suites/group-members.ts';
import { DAY } from '#core/ports.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';

/** Alice says one thing while the others are away; with how much the relay node was left. */
async function leftByOneMessage(...names: string[]): Promise<{ world: SessionWorld; all: Member[]; left: number }> {
  const world = await SessionWorld.start();
  const all = await gathered(world, 'founder-led', 'alice', ...names);
  for (const { person } of all.slice(1)) await person.stop();
  await world.pass(60_000);
  const [relay] = world.relays;
  const before = relay!.kept.length;
  await all[0]!.say('is anybody there?');
  await world.pass(60_000);
  return { world, all, left: relay!.kept.length - before };
}

test('P05 what is said in a group is left once, however many are away, and comes to each of them', async () => {
  const few = await leftByOneMessage('bob');
  const many = await leftByOneMessage('bob', 'carol', 'dave', 'erin', 'fred');
  expect(few.left).toBeGreaterThan(0);
  expect(many.left).toBe(few.left);
  await many.all[0]!.person.stop();
  for (const { person } of many.all.slice(1)) await person.start();
  await many.world.pass(10_000);
  for (const member of many.all.slice(1)) expect(member.texts()).toEqual(['is anybody there?']);
});

test('P09 what a relay node changed in the mail of a group is taken by nobody, and comes whole from who said it', async () => {
  const { world, all } = await leftByOneMessage('bob');
  const [alice, bob] = all;
  const [relay] = world.relays;
  await alice!.person.stop();
  relay!.crash();
  relay!.flipBits();
  await relay!.start();
  await bob!.person.start();
  await world.pass(60_000);
  expect(bob!.texts()).toEqual([]);
  expect(await bob!.say('anything new?')).toBe('saved');
  await alice!.person.start();
  await world.pass(60_000);
  expect(bob!.texts().toSorted()).toEqual(['anything new?', 'is anybody there?']);
  expect(alice!.texts().toSorted()).toEqual(['anything new?', 'is anybody there?']);
});

test('P11 a relay node cannot pick one member: what is left serves all of them, and no topic of one day is used on the next', async () => {
  const { world, all } = await leftByOneMessage('bob', 'carol');
  const [alice, bob, carol] = all;
  const [relay] = world.relays;
  const known = new Set(relay!.kept.map(({ topic }) => topic));
  await world.pass(2 * DAY);
  const before = new Set(relay!.kept.map(({ id }) => id));
  await alice!.say('and today?');
  await world.pass(60_000);
  const today = relay!.kept.filter(({ id }) => !before.has(id));
  expect(today).toHaveLength(1);
  expect(known.has(today[0]!.topic)).toBe(false);
  await alice!.person.stop();
  for (const { person } of [bob!, carol!]) await person.start();
  await world.pass(60_000);
  for (const member of [bob!, carol!]) expect(member.texts()).toEqual(['is anybody there?', 'and today?']);
});
