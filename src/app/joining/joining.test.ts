// What a device keeps of an invitation it was given: nothing where it is let in at once, so that the disk is free for what
// lets it in; and all it needs to go on where it has to wait (P13).

import { expect, test, vi } from 'vitest';
import type { RowWrite } from '#core/ports.ts';
import { members, type Member } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import { JOINING_COLLECTION } from '../groups/group-rows.ts';

interface Cast {
  readonly world: SessionWorld;
  readonly bob: Member;
  readonly code: string;
  /** Rows of Bob's about invitations, as they went to the disk. */
  readonly written: readonly RowWrite[];
}

async function cast(): Promise<Cast> {
  const world = await SessionWorld.start();
  const [alice, bob] = (await members(world, 'alice', 'bob')) as [Member, Member];
  await alice.found('founder-led');
  const { code } = await alice.invite();
  await world.pass(3_000);
  const written: RowWrite[] = [];
  const { disk } = bob.person;
  const commit = disk.commit.bind(disk);
  vi.spyOn(disk, 'commit').mockImplementation((writes, durability) => {
    written.push(...writes.filter(({ collection, value }) => collection === JOINING_COLLECTION && value !== null));
    return commit(writes, durability);
  });
  return { world, bob, code: code!, written };
}

test('P13 who is let in at once never wrote down that they wait', async () => {
  const { world, bob, code, written } = await cast();
  expect((await bob.join(code)).is).toBe('joined');
  await world.pass(5_000);
  expect(written).toEqual([]);
});

test('P13 who has to wait goes on by themselves, though the app ended while they looked', async () => {
  const { world, bob, code, written } = await cast();
  const mend = world.roads.part(['bob'], ['alice', 'relay0']);
  // Whoever looks at it is gone before anything comes of it.
  void bob.groups.join(code, 'bob');
  await world.pass(1_000);
  expect(written).toHaveLength(1);
  await bob.person.stop();
  mend();
  await bob.person.start();
  await world.pass(90_000);
  expect(bob.entry.state).toBe('in');
});
