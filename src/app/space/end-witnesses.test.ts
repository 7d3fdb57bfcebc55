// Who was removed learns that it counts though by what they hold it would not: whoever did it ended themself meanwhile, or
// was accused, or removed, by somebody who had not seen it.

import { expect, test } from 'vitest';
import type { OpId } from '#core/charter/ids.ts';
import { decodeSignedOp, encodeSignedOp } from '#core/charter/op.ts';
import type { RoleId } from '#core/charter/rules.ts';
import { completionOf, signOp, unsignedOp } from '#core/charter/write-op.ts';
import { inviteBody } from '#core/charter/write-group.ts';
import type { Bytes } from '#core/bytes/bytes.ts';
import { emptyParcel, type Parcel } from '#core/sync/parcel.ts';
import { Town, type Member, type Sent } from '#tests/suites/group-replicas.ts';
import { accuse } from './author.ts';
import { withWitnesses } from './end-witnesses.ts';
import { endsOf, opsFor } from './offer.ts';
import { authorOf } from './own-ops.ts';

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

/** Alice founds a group and makes Dave a steward, then Bob; Carol is a member. */
async function stewards() {
  const town = new Town();
  const alice = await town.found('alice');
  const [bob, carol] = [await town.join('bob', alice), await town.join('carol', alice)];
  const dave = await town.join('dave', alice);
  await town.deliver();
  for (const { principal } of [dave, bob])
    await alice.act({ type: 'grant', act: 'role', on: principal, role: 'stewards' as RoleId });
  await town.deliver();
  return { town, alice, bob, carol, dave };
}

function remove(by: Member, whom: Member): Promise<OpId> {
  return by.act({ type: 'revoke', grant: whom.principal, frontier: [], cascade: false });
}

/** Two acts under one number, of which its own app knows the second. */
async function contradictItself(member: Member): Promise<Parcel> {
  const { context, replica, device } = member;
  const ops: Bytes[] = [];
  for (const uses of [1, 2]) {
    const body = await inviteBody(
      { secret: member.dice.bytes(32), space: replica.identity.space, uses },
      context.suite,
    );
    const op = unsignedOp(replica.charter, device, body)!;
    ops.push(encodeSignedOp(await signOp(op, authorOf(replica).seed, context.suite)));
  }
  await member.take({ ...emptyParcel, ops: ops.slice(1) });
  return { ...emptyParcel, ops };
}

/** What whoever was removed lacks of what they are told. */
function told(by: Member, whom: Member): readonly OpId[] {
  const ops = opsFor(by.replica, whom.device, whom.replica.charter.heads);
  return ops.map((op) => decodeSignedOp(op).id).filter((id) => !whom.replica.charter.ops.has(id));
}

async function tell(by: Member, whom: Member): Promise<void> {
  await whom.take({ ...emptyParcel, ops: [...opsFor(by.replica, whom.device, whom.replica.charter.heads)] });
}

test('P16 who was removed is told who had seen it also where these were removed themselves meanwhile', async () => {
  const { town, alice, bob, carol, dave } = await stewards();
  const tablet = await town.addDevice(alice, 'tablet');
  await town.deliver();
  const removal = await remove(alice, carol);
  const [byAlice] = town.tape.slice(-1) as [Sent];
  await bob.take(byAlice.written.parcel);
  await invite(bob);
  const [byBob] = town.tape.slice(-1) as [Sent];
  // Neither has heard of the removal; by what Carol holds it counts for nothing then.
  await tablet.act({ type: 'leave' });
  await remove(dave, bob);
  const rest = town.tape.slice(-2) as Sent[];
  for (const { written } of [byAlice, ...rest]) await carol.take(written.parcel);
  for (const { written } of [byAlice, byBob, ...rest]) await dave.take(written.parcel);
  expect(carol.replica.me?.isLive).toBe(true);
  expect(dave.replica.view?.devices.get(carol.device)?.isLive).toBe(false);
  expect(endsOf(dave.replica, carol.device)).toContain(removal);
  await tell(dave, carol);
  expect(carol.replica.me?.isLive).toBe(false);
});

test('P16 P33 who was removed by a device that others accuse without having seen it is told which accusation counts', async () => {
  const { alice, bob, carol, dave } = await stewards();
  const both = await contradictItself(bob);
  const removal = await remove(bob, carol);
  const [{ written }] = bob.town.tape.slice(-1) as [Sent];
  for (const member of [alice, dave, carol]) await member.take(both);
  await alice.take(written.parcel);
  const accusation = (await accuse(alice.replica))!;
  expect(told(alice, carol)).toEqual([removal]);
  // Dave had not seen the removal, and by his accusation alone it would be void.
  const other = (await accuse(dave.replica))!;
  for (const member of [carol, alice]) await member.take(other);
  await invite(alice);
  expect(alice.replica.view?.devices.get(carol.device)?.isLive).toBe(false);
  expect(told(alice, carol)).toEqual([removal, ...accusation.ops.map((op) => decodeSignedOp(op).id)]);
  await tell(alice, carol);
  expect(carol.replica.me?.isLive).toBe(false);
});

test('P16 who was removed by somebody whom others removed in vain is told what makes it vain', async () => {
  const { town, alice, bob, carol, dave } = await stewards();
  const removal = await remove(bob, carol);
  await remove(dave, bob);
  const undone = await remove(alice, dave);
  const [byBob, byDave] = town.tape.slice(-3) as [Sent, Sent];
  await carol.take(byDave.written.parcel);
  for (const { written } of [byBob, byDave]) await alice.take(written.parcel);
  await invite(alice);
  expect(alice.replica.view?.devices.get(carol.device)?.isLive).toBe(false);
  expect(new Set(told(alice, carol))).toEqual(new Set([removal, undone]));
  await tell(alice, carol);
  expect(carol.replica.me?.isLive).toBe(false);
});

test('P16 who was removed by a vote is told what makes a removal vain of whoever had proposed it', async () => {
  const { town, alice, bob, carol, dave } = await stewards();
  const act = { type: 'revoke', grant: carol.principal, frontier: [], cascade: false } as const;
  const proposal = await bob.act({ type: 'propose', act });
  await town.deliver(alice);
  await remove(dave, bob);
  const [byDave] = town.tape.slice(-1) as [Sent];
  const vote = await alice.act(completionOf(alice.replica.charter, proposal));
  const undone = await remove(alice, dave);
  for (const member of [carol, alice]) await member.take(byDave.written.parcel);
  await invite(alice);
  expect(endsOf(alice.replica, carol.device)).toContain(vote);
  expect(told(alice, carol)).toEqual([proposal, vote, undone]);
  await tell(alice, carol);
  expect(carol.replica.me?.isLive).toBe(false);
});
