// Who was removed by somebody who ended themself meanwhile learns that it counts, since others had seen it.

import { expect, test } from 'vitest';
import { inviteBody } from '#core/charter/write-group.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import { Town, type Member } from '#tests/suites/group-replicas.ts';
import { withWitnesses } from './end-witnesses.ts';
import { endsOf, opsFor } from './offer.ts';

/** Alice removes Carol, while another device of hers, which heard nothing of that, leaves the group. */
async function removedByWhoLeft() {
  const town = new Town();
  const alice = await town.found('alice');
  const [bob, carol] = [await town.join('bob', alice), await town.join('carol', alice)];
  const tablet = await town.addDevice(alice, 'tablet');
  await town.deliver();
  await alice.act({ type: 'revoke', grant: carol.principal, frontier: [], cascade: false });
  return { town, alice, bob, carol, tablet };
}

async function invite(by: Member): Promise<void> {
  const { space } = by.replica.identity;
  await by.act(await inviteBody({ secret: by.dice.bytes(32), space, uses: 1 }, by.context.suite));
}

test('P16 who was removed is told what lets that count, where its author ended themself meanwhile, and no more', async () => {
  const { town, bob, carol, tablet } = await removedByWhoLeft();
  await tablet.act({ type: 'leave' });
  await town.deliver(carol);
  expect(carol.replica.me?.isLive).toBe(true);
  // Bob goes on after the removal before he hears of the leaving.
  const [removal] = town.tape.slice(-2);
  await bob.take(removal!.written.parcel);
  await invite(bob);
  await town.deliver(bob);
  await invite(bob);
  expect(bob.replica.view?.devices.get(carol.device)?.isLive).toBe(false);
  const ops = opsFor(bob.replica, carol.device, carol.replica.charter.heads);
  expect(ops).toHaveLength(1);
  await carol.take({ ...emptyParcel, ops: [...ops] });
  expect(carol.replica.me?.isLive).toBe(false);
});

test('an end that counts by itself needs nothing that was done since', async () => {
  const { town, bob, carol } = await removedByWhoLeft();
  await town.deliver();
  await invite(bob);
  const ends = endsOf(bob.replica, carol.device);
  expect(ends.length).toBeGreaterThan(0);
  expect(withWitnesses(bob.replica, ends)).toEqual([...new Set(ends)]);
});
