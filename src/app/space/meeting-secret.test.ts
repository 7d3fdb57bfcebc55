// Where devices of a group find each other changes when somebody is removed, and not before (keys/SPEC.md §2).

import { expect, test } from 'vitest';
import { EVERYONE, type GrantId } from '#core/charter/ids.ts';
import type { RoleId } from '#core/charter/rules.ts';
import { HOUR } from '#core/ports.ts';
import { KITCHEN, Town } from '#tests/suites/group-replicas.ts';
import { revokeBody } from './revoking.ts';

test('the meeting secret changes with a removal and with nothing else, is the same for all, and former ones are kept', async () => {
  const town = new Town();
  const alice = await town.found('alice');
  await town.join('bob', alice);
  const dave = await town.join('dave', alice);
  await town.deliver();
  for (const member of [alice, dave]) {
    await alice.act({ type: 'grant', act: 'role', on: member.principal, role: 'kitchen' as RoleId });
  }
  await town.live(HOUR);
  const live = () => town.members.filter(({ replica }) => replica.me?.isLive);
  const secrets = () => new Set(live().map(({ replica }) => String(replica.keys.rendezvous)));
  const before = [...secrets()];
  expect(before.length).toBe(1);
  await alice.rotate(EVERYONE, KITCHEN);
  const role = dave.roleGrant(KITCHEN) as string as GrantId;
  await alice.act(revokeBody(alice.replica, role));
  await town.live(HOUR);
  expect([...secrets()]).toEqual(before);
  await alice.act(revokeBody(alice.replica, dave.principal));
  await town.live(HOUR);
  expect([...secrets()].length).toBe(1);
  expect([...secrets()]).not.toEqual(before);
  for (const { replica } of live()) {
    expect(replica.keys.formerMeetings.map(({ secret }) => String(secret))).toEqual(before);
  }
  const [bob] = live().slice(1);
  const kept = bob!.replica.keys.formerMeetings;
  await bob!.restart();
  expect(bob!.replica.keys.formerMeetings).toEqual(kept);
  await town.pass(91 * 24 * HOUR);
  bob!.replica.keys.forgetFormerMeetings(bob!.context.clock.now());
  expect(bob!.replica.keys.formerMeetings).toEqual([]);
});
