// Metric 13: a member is removed from a group of 150, and another one has the new keys and has read what was said with
// them. Ours is the whole of it (op, rules, rotation, storage rows, a message), the peer's commit and processing alone.
import type { Bytes } from '#core/bytes/bytes.ts';
import { EVERYONE, type DeviceId, type OpId, type PrincipalId } from '#core/charter/ids.ts';
import { encodeSignedOp } from '#core/charter/op.ts';
import { inviteBody, writeJoin } from '#core/charter/write-group.ts';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import { encodeSignedRecord, signRecord } from '#core/keys/device-record.ts';
import { emptyParcel, type Parcel } from '#core/sync/parcel.ts';
import { freshLeafKey } from '#app/space/author.ts';
import { freshDevice } from '#app/space/found.ts';
import { takeParcel } from '#app/space/intake.ts';
import { revokeBody } from '#app/space/revoking.ts';
import { Town, type Member } from '#tests/suites/group-replicas.ts';
import { MlsPair } from '../peers/ts-mls.ts';
import { inTurn, median, report } from '../measure.ts';

const MEMBERS = 150;
const ROUNDS = 5;

interface Ours {
  readonly town: Town;
  readonly alice: Member;
  readonly bob: Member;
  /** Members who can be removed. */
  readonly others: PrincipalId[];
}

async function makeOurs(): Promise<Ours> {
  const suite = makeProductionSuite();
  const town = new Town(suite);
  const alice = await town.found('alice');
  const bob = await town.join('bob', alice);
  await town.deliver();
  const { space } = alice.replica.identity;
  const secret = alice.dice.bytes(32);
  const invite = await alice.act(await inviteBody({ secret, space, uses: MEMBERS }, suite));
  const others: PrincipalId[] = [];
  let parcel: Parcel = emptyParcel;
  for (let i = 2; i < MEMBERS; i++) {
    const joined = await joinBare(alice, invite, secret);
    others.push(joined.principal);
    parcel = { ...parcel, ops: [...parcel.ops, joined.op], records: [...parcel.records, joined.record] };
    await takeParcel(alice.replica, { ...emptyParcel, ops: [joined.op], records: [joined.record] }, false);
  }
  await town.deliver();
  await takeParcel(bob.replica, parcel, false);
  await alice.rotate(EVERYONE);
  await town.deliver();
  return { town, alice, bob, others };
}

/** A member who does nothing: keys and a record, no replica. */
async function joinBare(alice: Member, invite: OpId, secret: Bytes) {
  const { context, charter, identity } = alice.replica;
  const { suite } = context;
  const fresh = await freshDevice(context);
  const join = await writeJoin(charter, fresh, { invite, secret, recovery: undefined }, suite);
  const leaf = await freshLeafKey(suite, context.random);
  const sealingKey = await suite.sealingKeyOf(leaf.seed, 1);
  const record = { space: identity.space, device: fresh.device as DeviceId, number: 0, sealingKey };
  const signed = await signRecord({ ...record, inboxSecret: fresh.inboxSecret }, fresh.seed, suite);
  return {
    op: encodeSignedOp(join),
    record: encodeSignedRecord(signed),
    principal: `${join.id}00` as PrincipalId,
  };
}

/** Milliseconds until the other one has read the first message that the removed cannot read. */
async function remove({ town, alice, bob, others }: Ours): Promise<{ took: number; bytes: number }> {
  const gone = others.pop()!;
  const from = town.tape.length;
  const text = `without ${gone}`;
  const start = performance.now();
  await alice.act(revokeBody(alice.replica, gone));
  await alice.say(text);
  await alice.flush();
  await town.deliver(bob);
  await bob.flush();
  const took = performance.now() - start;
  if (!bob.texts().includes(text)) throw new Error('the message was not read');
  const parcels = town.tape.slice(from).map(({ written }) => written.parcel);
  const parts = parcels.flatMap(({ ops, wraps }) => [...ops, ...wraps]);
  return { took, bytes: parts.reduce((sum, part) => sum + part.length, 0) };
}

export async function removeMember(): Promise<boolean> {
  const [ours, peer] = [await makeOurs(), await MlsPair.make(MEMBERS)];
  let leaf = MEMBERS - 1;
  const times = await inTurn(
    ROUNDS,
    () => remove(ours),
    () => peer.remove(leaf--),
  );
  const took = median(times.ours.map((one) => one.took));
  const bytes = Math.max(...times.ours.map((one) => one.bytes));
  console.log(JSON.stringify({ note: `13: ops and wraps of one removal from ${MEMBERS}`, bytes }));
  const whole = { metric: '13 removing a member from 150', ours: took, unit: 'ms' } as const;
  const isQuick = report({ ...whole, peer: null, goal: 1_000 });
  return report({ ...whole, peer: median(times.peer), goal: 0.5 }) && isQuick;
}
