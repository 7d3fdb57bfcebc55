// Makes a further device of this person in a space, and what that device needs to go on there; and the other end: takes
// up a space in which a device was made for this one.

import { equal, type Bytes } from '#core/bytes/bytes.ts';
import { orderedOps } from '#core/charter/charter.ts';
import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import { decodeSignedOp, encodeSignedOp, type VerifiedOp } from '#core/charter/op.ts';
import { verifyOps } from '#core/charter/verify-op.ts';
import { addDeviceBody } from '#core/charter/write-op.ts';
import { encodeOwnSpace, MAX_OWN_SPACE_BYTES, type OwnSpace } from '#core/identity/own-message.ts';
import {
  decodeSignedRecord,
  encodeSignedRecord,
  sealingKeyIdOf,
  signRecord,
  verifyRecord,
} from '#core/keys/device-record.ts';
import { newLeaf } from '#core/keys/leaf.ts';
import { decodeHeld, encodeHeld, inPortions, type HeldChain } from '#core/sync/held.ts';
import { emptyParcel, type Parcel } from '#core/sync/parcel.ts';
import { countOf } from '#core/sync/spans.ts';
import { WireError } from '#core/wire/wire-error.ts';
import { decodeFacts, type ContactFacts } from '../people/contact-facts.ts';
import { freshLeafKey, publicHalf, publishRecord } from '../space/author.ts';
import { writeOwnOp } from '../space/own-ops.ts';
import { dormantDevices, rotate, shareKeys } from '../space/rotate.ts';
import { drawIncarnation, freshDevice } from '../space/found.ts';
import { decodeIdentity, encodeIdentity } from '../space/identity-row.ts';
import { heldNow } from '../space/offer.ts';
import { Replica, type SpaceContext } from '../space/replica.ts';
import { decodeLeafRow, encodeLeafRow } from '../space/space-keys.ts';

/** Ops that go along at once; a longer log follows by mail or link. */
const OPS_BYTES = 40_000;
const MAX_RECORDS = 16;
/** The length of a longer list takes a few bytes more than that of an empty one. */
const HELD_OVERHEAD = 16;
/** Keys that fit one wrap. */
const MAX_SHARED = 48;

export interface HandedOver {
  /** The new device's id in the space. */
  readonly device: DeviceId;
  readonly own: OwnSpace;
  /** To be sent to devices that are linked; it holds ops. */
  readonly parcel: Parcel;
  /** The past that was promised to the new device. */
  readonly chains: readonly HeldChain[];
}

/**
 * Part of an event. The new device's keys are made here, travel sealed for that device alone, and are not kept: so it
 * can go on when this one is never seen again.
 */
export async function handOver(
  replica: Replica,
  given: { readonly facts: Bytes; readonly recovery: Bytes | undefined },
): Promise<HandedOver | undefined> {
  const { context, identity } = replica;
  const { me } = replica;
  if (me?.isLive !== true) return undefined;
  const { space } = identity;
  const fresh = await freshDevice(context);
  const { device, seed, inboxSecret } = fresh;
  // Sending this mail should wait for no answer: the device counts as heard.
  replica.peers.noteHeard(device, context.disk);
  const added = await writeOwnOp(
    replica,
    await addDeviceBody(fresh, { space, principal: me.principal }, context.suite),
  );
  if (replica.view?.devices.get(device)?.isLive !== true) return undefined;
  const leaf = newLeaf(await freshLeafKey(context.suite, context.random));
  const sealingKey = await publicHalf(context.suite, leaf.current);
  const record = { space, device, number: leaf.number, sealingKey, inboxSecret };
  replica.putRecord(await signRecord(record, seed, context.suite));
  const chains = longestFirst(heldNow(replica).chains.filter(({ chain }) => replica.reads(chain.scope)));
  const isGroup = replica.view.group !== undefined;
  const parcel = isGroup ? await shareAll(replica, device, added) : await rotate(replica);
  replica.save();
  const { rendezvous } = replica.keys;
  const own = named(chains, {
    identity: encodeIdentity({ ...identity, device, seed, inboxSecret }),
    leaf: encodeLeafRow({ leaf, rendezvous, otherSpoke: replica.keys.otherSpoke }),
    facts: given.facts,
    ops: firstOps(replica),
    records: liveRecords(replica),
    recovery: given.recovery,
  });
  return { device, own, parcel, chains };
}

function longestFirst(chains: readonly HeldChain[]): readonly HeldChain[] {
  return [...chains].sort((a, b) => countOf(b.spans) - countOf(a.spans));
}

/** With as much of the past as has room beside the rest; of more the new device hears by what is left to it. */
function named(chains: readonly HeldChain[], rest: Omit<OwnSpace, 'held'>): OwnSpace {
  const withHeld = (some: readonly HeldChain[]): OwnSpace => ({
    ...rest,
    held: encodeHeld({ heads: [], chains: some, records: [], lacks: [] }),
  });
  const room = MAX_OWN_SPACE_BYTES - encodeOwnSpace(withHeld([])).length - HELD_OVERHEAD;
  return withHeld(inPortions(chains, room)[0]!);
}

/** In a group nobody else need have new keys for that: the ones in use are this person's already. */
async function shareAll(replica: Replica, device: DeviceId, added: Bytes): Promise<Parcel> {
  const rotations = replica.view?.rotations ?? [];
  const newest = [...replica.keys.held.keys()].slice(-MAX_SHARED);
  const wraps = await shareKeys(replica, device, newest);
  const [last] = rotations.slice(-1);
  // They lie at its inbox until it says that it has them.
  if (last !== undefined) for (const wrap of wraps) replica.putWrap(`${device}/${last.op}`, wrap);
  const records = [encodeSignedRecord(replica.records.get(device)!)];
  return { ...emptyParcel, ops: [added], records, wraps: [...wraps] };
}

function firstOps(replica: Replica): readonly Bytes[] {
  const ops: Bytes[] = [];
  let room = OPS_BYTES;
  for (const { signed } of orderedOps(replica.charter)) {
    const op = encodeSignedOp(signed);
    room -= op.length;
    if (room < 0 && ops.length > 0) break;
    ops.push(op);
  }
  return ops;
}

/** Live devices' only: a person who made many backups has many that nobody listens at. */
function liveRecords(replica: Replica): readonly Bytes[] {
  const dormant = dormantDevices(replica);
  const live = replica.others().filter(({ device }) => !dormant.has(device));
  const records = [...live, replica.me!].flatMap(({ device }) => replica.records.get(device) ?? []);
  return records.slice(0, MAX_RECORDS).map(encodeSignedRecord);
}

export interface TakenUp {
  readonly replica: Replica;
  /** As it was handed over: of a contact, or of a group. */
  readonly facts: Bytes;
  /** The past that is to come. */
  readonly chains: readonly HeldChain[];
}

/** `undefined` when what was given makes no sense. Part of an event. */
export async function takeUp(context: SpaceContext, space: SpaceId, own: OwnSpace): Promise<TakenUp | undefined> {
  try {
    const identity = decodeIdentity(space, own.identity);
    const { leaf } = decodeLeafRow(own.leaf);
    const { chains } = decodeHeld(own.held);
    const ops: VerifiedOp[] = [];
    for (const op of await verifyOps(own.ops.map(decodeSignedOp), context.suite)) {
      if (op === undefined) return undefined;
      ops.push(op);
    }
    const replica = new Replica(context, { identity, leaf, incarnation: drawIncarnation(context) });
    replica.keys.loadKeys([{ id: 'leaf', value: own.leaf }]);
    await replica.addLog(ops);
    if (replica.view === undefined) return undefined;
    const { devices } = replica.view;
    const here = own.records.map(decodeSignedRecord).filter(({ record }) => {
      return record.space === space && devices.has(record.device);
    });
    const areSigned = await Promise.all(here.map((signed) => verifyRecord(signed, context.suite)));
    here.forEach((signed, i) => void (areSigned[i] === true && replica.putRecord(signed)));
    // The giver signed the own one with the new device's key.
    if (isPublished(replica)) replica.save();
    else await publishRecord(replica);
    return { replica, facts: own.facts, chains };
  } catch (cause) {
    if (cause instanceof WireError) return undefined;
    throw cause;
  }
}

function isPublished({ records, identity, keys }: Replica): boolean {
  const record = records.get(identity.device)?.record;
  const { number, current } = keys.leaf;
  const isCurrent = record?.number === number && sealingKeyIdOf(record.sealingKey) === current.id;
  return isCurrent && equal(record.inboxSecret, identity.inboxSecret);
}

/** What the person had read on the other device is read here too, in whichever order it arrives. Throws `WireError`. */
export function readFacts(spelled: Bytes): ContactFacts {
  const facts = decodeFacts(spelled);
  return facts.read === undefined ? facts : { ...facts, read: { ...facts.read, arrivals: Number.MAX_SAFE_INTEGER } };
}
