// Who of those that are out of a group still calls the others.

import { expect, test } from 'vitest';
import { encodeSignedOp } from '#core/charter/op.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import { Town } from '#tests/suites/group-replicas.ts';
import { heldNow } from '../space/offer.ts';
import { mayCall } from './leaving.ts';

async function aliceAndBob() {
  const town = new Town();
  const alice = await town.found('alice');
  const bob = await town.join('bob', alice);
  await town.deliver();
  return { town, alice, bob };
}

test('whoever was removed calls nobody, but as long as they know only part of what happened', async () => {
  const { town, alice, bob } = await aliceAndBob();
  await alice.act({ type: 'revoke', grant: bob.principal, frontier: [], cascade: false });
  await town.deliver();
  expect(mayCall(bob.replica)).toBe(false);
  await town.join('carol', alice);
  await alice.act({ type: 'relays', relays: ['wss://oak.example'] });
  const last = alice.replica.charter.ops.get(alice.replica.charter.heads[0]!)!.signed;
  await bob.take({ ...emptyParcel, ops: [encodeSignedOp(last)] }, true);
  expect(bob.replica.charter.waiting.size).toBe(1);
  expect(mayCall(bob.replica)).toBe(true);
});

test('whoever left calls until one of those who stay has it', async () => {
  const { town, alice, bob } = await aliceAndBob();
  await bob.act({ type: 'leave' });
  expect([bob.replica.me?.isLive, mayCall(bob.replica)]).toEqual([false, true]);
  await town.deliver();
  bob.replica.peers.confirm(alice.device, heldNow(alice.replica), bob.context.disk);
  expect(mayCall(bob.replica)).toBe(false);
});
