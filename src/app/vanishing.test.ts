// Messages that disappear by the rules of a group: the code that ships, over a network in memory, judged by the bytes on
// the disks.

import { expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '#core/ports.ts';
import { asleep, gathered, keeping, type Member } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';

interface Garden {
  readonly world: SessionWorld;
  readonly alice: Member;
  readonly bob: Member;
  readonly carol: Member;
}

async function garden(retainDays: number): Promise<Garden> {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = (await gathered(world, keeping(retainDays), 'alice', 'bob', 'carol')) as Member[];
  return { world, alice: alice!, bob: bob!, carol: carol! };
}

/** Rows in which a text stands, by their collection. */
function holding({ person }: Member, text: string): readonly string[] {
  const rows = person.disk.rows.filter(({ value }) => value !== null && Buffer.from(value).includes(text));
  return [...new Set(rows.map(({ collection }) => collection.split(':')[0]!))];
}

/** Everything of a member's screens that says something. */
function screens(member: Member): string {
  return JSON.stringify([member.groups.list.current, member.talk().timeline.current]);
}

function change({ world, alice }: Garden, retainDays: number): Promise<string> {
  return world.during(alice.group.changeRules(keeping(retainDays).rules));
}

test('people 14: what was said is gone a day later from every screen and every disk, answers and edits of it too', async () => {
  const { world, alice, bob, carol } = await garden(1);
  await alice.say('blackberries at dawn');
  await world.pass(3_000);
  const said = bob.messages()[0]!;
  await world.during(bob.talk().send('I shall bring baskets', said.id));
  await world.during(alice.talk().edit(said.id, 'redcurrants at noon'));
  await world.pass(3_000);
  for (const one of [alice, bob, carol]) {
    expect(one.texts()).toEqual(['redcurrants at noon', 'I shall bring baskets']);
    expect(holding(one, 'blackberries')).toEqual(['log']);
  }
  await asleep(world, [alice, bob, carol], 23 * HOUR + 40 * MINUTE);
  await world.pass(10 * MINUTE);
  expect(bob.texts()).toHaveLength(2);
  await world.pass(11 * MINUTE);
  for (const one of [alice, bob, carol]) {
    expect(one.texts()).toEqual([]);
    expect(one.entry.unread).toBe(0);
    expect(screens(one)).not.toMatch(/berries|currants|baskets/);
    for (const text of ['blackberries', 'redcurrants', 'baskets']) expect(holding(one, text)).toEqual([]);
  }
  await bob.say('and on we go');
  await world.pass(5_000);
  expect([alice, bob, carol].map((one) => one.texts())).toEqual(Array(3).fill(['and on we go']));
});

test('people 14: whoever was away gets the links and no texts, from others and from the relay node alike', async () => {
  const { world, alice, bob, carol } = await garden(1);
  await carol.person.stop();
  await alice.say('meet at the quarry');
  await asleep(world, [alice, bob], 30 * HOUR);
  await bob.say('the day after');
  await world.pass(3_000);
  await alice.person.stop();
  await bob.person.stop();
  // Nobody is there: only the relay node has what was said, sealed.
  await carol.person.start();
  await world.pass(60_000);
  expect(carol.texts()).toEqual(['the day after']);
  expect(holding(carol, 'quarry')).toEqual([]);
  expect(carol.talk().timeline.current.filter(({ is }) => is === 'gap')).toEqual([]);
  await carol.say('I am back');
  await alice.person.start();
  await world.pass(10_000);
  expect(alice.texts()).toEqual(['the day after', 'I am back']);
});

test('people 14: after a night nothing of it is shown or kept, though the app slept when its time came', async () => {
  const { world, alice, bob, carol } = await garden(1);
  await alice.say('under the third stone');
  await world.pass(3_000);
  expect(holding(alice, 'third stone')).toEqual(['log']);
  await asleep(world, [alice, bob, carol], 2 * DAY);
  expect(alice.texts()).toEqual([]);
  await world.pass(3_000);
  expect(holding(alice, 'third stone')).toEqual([]);
});

test('people 14: shorter days take what is older with them at once; longer ones bring nothing back', async () => {
  const { world, alice, bob, carol } = await garden(0);
  await alice.say('the oldest of all');
  await world.pass(3_000);
  await carol.person.stop();
  await asleep(world, [alice, bob], 3 * DAY);
  await world.pass(5_000);
  await bob.say('quite new');
  await world.pass(3_000);
  expect(await change({ world, alice, bob, carol }, 1)).toBe('done');
  await world.pass(20_000);
  for (const one of [alice, bob]) {
    expect(one.texts()).toEqual(['quite new']);
    expect(holding(one, 'oldest')).toEqual([]);
  }
  expect(await change({ world, alice, bob, carol }, 28)).toBe('done');
  await world.pass(5_000);
  await bob.say('under the longer rule');
  await asleep(world, [alice, bob], DAY + HOUR);
  expect(bob.texts()).toEqual(['under the longer rule']);
  // She has it still, and heard of both changes at once.
  expect(holding(carol, 'oldest')).toEqual(['log']);
  await carol.person.start();
  await world.pass(30_000);
  for (const one of [alice, bob, carol]) {
    expect(one.texts()).toEqual(['under the longer rule']);
    expect(holding(one, 'oldest')).toEqual([]);
    expect(holding(one, 'quite new')).toEqual([]);
  }
});
