// Coming into a group with a recovery key that was made ahead: it is named only while the words it is for are the person's.

import { expect, test } from 'vitest';
import { hex } from '#core/bytes/bytes.ts';
import type { DeviceId } from '#core/charter/ids.ts';
import type { Seed } from '#core/crypto/suite.ts';
import { Town, type Member } from '#tests/suites/group-replicas.ts';

async function entered(isCurrent: boolean): Promise<{ bob: Member; key: DeviceId; kept: readonly string[] }> {
  const town = new Town();
  const alice = await town.found('alice');
  const kept: string[] = [];
  const key = hex.encode(await town.suite.signingKeyOf(alice.dice.bytes(32) as Seed)) as DeviceId;
  const named = { key, keep: (space: string) => void kept.push(space), isCurrent: () => isCurrent };
  return { bob: await town.join('bob', alice, named), key, kept };
}

const recoveryOf = ({ replica, principal }: Member): string | undefined =>
  replica.view?.principals.find(({ id }) => id === principal)?.recovery?.key;

test('a newcomer names the recovery key that was made while they waited', async () => {
  const { bob, key, kept } = await entered(true);
  expect([recoveryOf(bob), kept]).toEqual([key, [bob.replica.identity.space]]);
});

test('a newcomer whose words are others by then does not name the key made for the former ones', async () => {
  const { bob, kept } = await entered(false);
  expect([recoveryOf(bob), kept]).toEqual([undefined, []]);
});
