// When acts of a group are known to have been done, and coming in again where one was before.

import { expect, test } from 'vitest';
import { HOUR } from '#core/ports.ts';
import { gathered, personIn, type Member } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import type { Act } from './group-api.ts';

function act(member: Member, is: Act['what']['is']): Act {
  const found = member.group.history.current.findLast(({ what }) => what.is === is);
  if (found === undefined) throw new Error(`nobody has ${is}`);
  return found;
}

test('an act is dated by when it was made here or first seen here, and that stays over restarts', async () => {
  const world = await SessionWorld.start();
  const begun = world.world.now;
  const [alice, bob] = await gathered(world, 'founder-led', 'alice', 'bob');
  const founded = act(alice, 'founded');
  expect(founded).toMatchObject({ dated: 'made' });
  expect(act(bob, 'founded').dated).toBe('seen');
  expect(act(bob, 'founded').at).toBeGreaterThan(founded.at!);
  expect(act(bob, 'joined')).toMatchObject({ dated: 'made' });
  await bob.person.stop();
  await world.pass(HOUR);
  await world.during(alice.group.giveRole(personIn(alice, 'bob').id, 'helper' as never));
  const given = act(alice, 'gave-role');
  await alice.person.stop();
  await world.pass(HOUR);
  await bob.person.start();
  await world.pass(30_000);
  // He heard of it two hours late, and says no other time than that.
  expect(act(bob, 'gave-role').at! - given.at!).toBeGreaterThanOrEqual(HOUR);
  expect(given.at! - begun).toBeGreaterThanOrEqual(HOUR);
  const before = bob.group.history.current.map(({ at }) => at);
  await bob.person.stop();
  await world.pass(HOUR);
  await bob.person.start();
  expect(bob.group.history.current.map(({ at }) => at)).toEqual(before);
});

test('who comes again is asked before what they keep from before is destroyed', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = await gathered(world, 'founder-led', 'alice', 'bob');
  await alice.say('from the first time');
  await world.pass(5_000);
  expect(await world.during(bob.group.leave())).toBe('done');
  await world.pass(20_000);
  const { code } = await alice.invite(2);
  await world.pass(5_000);
  expect((await bob.join(code!)).is).toBe('asks');
  expect(bob.texts()).toEqual(['from the first time']);
  const again = await world.during(bob.groups.join(code!, 'bob', { forgetFormer: true }));
  expect(again.is).toBe('joined');
  await world.pass(60_000);
  expect(bob.texts()).toEqual([]);
  expect(bob.entry.state).toBe('in');
});
