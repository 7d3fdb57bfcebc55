// Somebody whose app goes on twice from one disk tells two people different last words: all of them come to know both, and
// nobody's answer waits (chain/SPEC.md §7, §9).

import { expect, test } from 'vitest';
import { MINUTE } from '#core/ports.ts';
import { Dice } from '#tests/sim/dice.ts';
import { SimDisk } from '#tests/sim/sim-disk.ts';
import { gathered, Member } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';

test('P33 two last words in one place hold up nobody who answers to either, and all see both', async () => {
  const world = await SessionWorld.start();
  const all = await gathered(world, 'founder-led', 'alice', 'bob', 'mallory');
  const [alice, bob, mallory] = all as [Member, Member, Member];
  await mallory.person.stop();
  const disk = new SimDisk(world.world, new Dice(1, 'copy'));
  disk.copyFrom(mallory.person.disk);

  // Alice hears the one alone, and Bob the other.
  await mallory.person.start();
  await world.pass(10_000);
  const apart = world.roads.part(['alice'], ['bob', 'relay0']);
  const fromBob = world.roads.part(['mallory'], ['bob', 'relay0']);
  await mallory.say('one');
  await world.pass(3_000);
  mallory.person.vanish();
  await world.pass(10_000);
  fromBob();
  const fromAlice = world.roads.part(['mallory'], ['alice']);
  const twin = new Member(world, mallory.person.twin(disk, 1));
  await twin.person.start();
  await world.pass(10_000);
  await twin.say('other');
  await world.pass(3_000);
  twin.person.vanish();
  await world.pass(10_000);
  fromAlice();
  expect([alice.texts(), bob.texts()]).toEqual([['one'], ['other']]);
  await alice.say('alice answers');
  await bob.say('bob answers');
  apart();
  await world.pass(3 * MINUTE);
  expect([...alice.texts()].sort()).toEqual(['alice answers', 'bob answers', 'one', 'other']);
  expect(bob.texts()).toEqual(alice.texts());
});
