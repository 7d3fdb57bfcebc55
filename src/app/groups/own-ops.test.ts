// Whatever an own op is signed for, what is due after it comes by itself: the keys, welcomes and letters of a group.

import { afterEach, expect, test, vi } from 'vitest';
import type { RoleId } from '#core/charter/rules.ts';
import { gathered, personIn } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import { KeyDuties } from '../space/key-duty.ts';
import type { Replica } from '../space/replica.ts';

afterEach(() => void vi.restoreAllMocks());

test('after every own act the duty to make keys is looked at anew, with the act in the log', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await gathered(world, 'founder-led', 'alice', 'bob', 'carol');
  const considered = new Map<Replica, readonly string[]>();
  const consider = KeyDuties.prototype.consider;
  vi.spyOn(KeyDuties.prototype, 'consider').mockImplementation(function (this: KeyDuties, replica) {
    considered.set(replica, replica.charter.heads);
    consider.call(this, replica);
  });
  const mine = (by: typeof alice): Replica =>
    [...considered.keys()].find(({ me }) => me?.principal === by!.group.state.current.me)!;
  const someone = personIn(alice!, 'bob').id;
  const deputy = 'deputy' as RoleId;
  const acts: readonly (readonly [typeof alice, () => Promise<unknown>])[] = [
    [alice, () => alice!.group.giveRole(someone, deputy)],
    [alice, () => alice!.group.invite({ role: undefined, uses: 1 })],
    [alice, () => alice!.group.withdrawInvitation(alice!.group.invitations.current.at(-1)!.id)],
    [alice, () => alice!.group.changeRules({ ...alice!.group.state.current.rules, rotateDays: 5 })],
    [alice, () => alice!.group.takeRole(someone, deputy)],
    [alice, () => alice!.group.remove(personIn(alice!, 'carol').id)],
    [alice, () => alice!.person.session.exportForBackup()],
    [bob, () => bob!.group.leave()],
  ];
  for (const [by, act] of acts) {
    considered.clear();
    await world.during(act());
    expect(considered.get(mine(by))).toEqual(mine(by).charter.heads);
    await world.pass(3_000);
  }
  expect(carol!.entry.state).toBe('removed');
});

test('an act that an app could still forget when it crashes goes to nobody who asks for acts', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await gathered(world, 'founder-led', 'alice', 'bob', 'carol');
  await bob!.person.stop();
  await world.during(alice!.group.giveRole(personIn(alice!, 'carol').id, 'deputy' as RoleId));
  await world.pass(3_000);
  await carol!.person.stop();
  await world.loseMail();
  // From now on nothing reaches alice’s disk, and bob, who comes back, lacks what she said before.
  const { disk } = alice!.person;
  const stuck = vi.spyOn(disk, 'commit').mockReturnValue(new Promise(() => undefined));
  const known = alice!.group.history.current.length;
  void alice!.group.giveRole(personIn(alice!, 'bob').id, 'deputy' as RoleId);
  await bob!.person.start();
  await world.pass(6_000);
  const told = bob!.group.history.current.length;
  alice!.person.vanish();
  disk.crash();
  stuck.mockRestore();
  await alice!.person.start();
  await world.during(alice!.group.takeRole(personIn(alice!, 'carol').id, 'deputy' as RoleId));
  await world.pass(10_000);
  expect(told).not.toBeGreaterThan(known);
  expect(bob!.group.history.current.length).toBe(known + 1);
  expect([alice!.entry.state, personIn(bob!, 'carol').roles]).toEqual(['in', []]);
});
