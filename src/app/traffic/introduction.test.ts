// What goes with a new key to a newcomer who came by an old welcome, and knows of nobody who is still there.

import { expect, test } from 'vitest';
import { decodeSignedOp } from '#core/charter/op.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import { Town, type Member } from '#tests/suites/group-replicas.ts';
import { ownOpsUpTo } from './renewing.ts';

/** The newest key, made by a member, with what goes along to another. */
async function letterFrom(by: Member, to: Member) {
  await by.rotate('everyone' as never);
  const { op } = by.replica.view!.rotations.at(-1)!;
  return { op, ops: ownOpsUpTo(by.replica, to.device, op) };
}

/** Carol’s welcome told of alice’s first device alone; it added another one meanwhile. */
async function parted(meanwhile: number) {
  const town = new Town();
  const alice = await town.found('alice');
  const carol = await town.join('carol', alice);
  for (let i = 0; i < meanwhile; i++) await alice.rotate('everyone' as never);
  const other = await town.addDevice(alice, 'alice’s other');
  await town.deliver(other);
  return { town, alice, carol, other };
}

test('a newcomer who came without knowing of the device that makes a key learns who that is', async () => {
  const { carol, other } = await parted(3);
  // What it wrote before is more than goes along.
  for (let i = 0; i < 9; i++) await other.rotate('everyone' as never);
  expect(carol.replica.view!.devices.has(other.device)).toBe(false);
  const { ops } = await letterFrom(other, carol);
  await carol.take({ ...emptyParcel, ops: [...ops] });
  expect(carol.replica.view!.devices.get(other.device)?.isLive).toBe(true);
});

test('what leads to a device goes along only as long as it is little', async () => {
  const { carol, other } = await parted(70);
  const { ops } = await letterFrom(other, carol);
  expect(ops.length).toBeLessThan(9);
});

test('whoever came on top of it, or whom it knew when it came, gets no more than before', async () => {
  const { town, alice, other } = await parted(3);
  await town.deliver(alice);
  const bob = await town.join('bob', other);
  await town.deliver(other);
  for (const to of [alice, bob]) {
    const { op, ops } = await letterFrom(other, to);
    const theirs = ops.map((bytes) => decodeSignedOp(bytes)).filter(({ op: { device } }) => device !== other.device);
    expect(theirs).toEqual([]);
    expect(ops.map((bytes) => decodeSignedOp(bytes).id)).toContain(op);
  }
});
