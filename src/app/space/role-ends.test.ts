// What was said in a role that somebody lost by two revocations that crossed: everybody keeps the same of it.

import { expect, test } from 'vitest';
import type { GrantId } from '#core/charter/ids.ts';
import type { RoleId } from '#core/charter/rules.ts';
import { HOUR } from '#core/ports.ts';
import { KITCHEN, Town } from '#tests/suites/group-replicas.ts';
import { revokeBody } from './revoking.ts';

test('P30 P33 of what somebody said in a role all keep what every one of two crossing revocations had seen', async () => {
  const town = new Town();
  const alice = await town.found('alice');
  const [bob, dave] = [await town.join('bob', alice), await town.join('dave', alice)];
  await town.deliver();
  await alice.act({ type: 'grant', act: 'role', on: bob.principal, role: 'stewards' as RoleId });
  for (const member of [alice, bob, dave]) {
    await alice.act({ type: 'grant', act: 'role', on: member.principal, role: 'kitchen' as RoleId });
  }
  await town.live(HOUR);
  const grant = dave.roleGrant(KITCHEN) as string as GrantId;
  await dave.say('seen by both', KITCHEN);
  await town.deliver();
  await dave.say('seen by bob alone', KITCHEN);
  await town.deliver(bob);
  // Neither knows of what the other does.
  const bodies = [alice, bob].map(({ replica }) => revokeBody(replica, grant));
  await alice.act(bodies[0]!);
  await bob.act(bodies[1]!);
  await dave.say('seen by nobody in time', KITCHEN);
  await town.deliver();
  await town.live(HOUR);
  for (const member of [alice, bob]) {
    expect(member.replica.view!.group!.grants.get(grant)!.ends.length).toBe(2);
    expect(member.texts(KITCHEN).filter((text) => text.startsWith('seen'))).toEqual(['seen by both']);
  }
  expect([...alice.replica.standing.voided].sort()).toEqual([...bob.replica.standing.voided].sort());
});
