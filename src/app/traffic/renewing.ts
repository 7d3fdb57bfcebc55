// What was left of a group at a relay node and nobody said to have: it may be gone, so after a day it is left once more.

import { isInPast, orderedOps } from '#core/charter/charter.ts';
import type { Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, OpId } from '#core/charter/ids.ts';
import { encodeSignedOp, type SignedOp } from '#core/charter/op.ts';
import { DAY, MINUTE, type Millis } from '#core/ports.ts';
import type { Span } from '#core/sync/held.ts';
import { addSpan, subtractSpans } from '#core/sync/spans.ts';
import type { Left } from '../groups/group-rows.ts';
import { opsBeyond } from '../space/offer.ts';
import { dormantDevices } from '../space/rotate.ts';
import type { Replica } from '../space/replica.ts';

const REPEAT_AFTER = DAY;
/** Own ops are left again sooner, a few times: a newcomer of whom nobody heard is linked by nobody. */
const OPS_AGAIN_AFTER = [1, 4, 16, 64, 256].map((minutes) => minutes * MINUTE) as Millis[];
/** The newest messages of a chain that are left again: what nobody wanted for long is healed over a link. */
const MAX_REPEATED = 200;
/** Own ops that go with a key. */
const MAX_OWN_OPS = 8;
/** Of them at a time: each costs a letter. */
const MAX_STRANGERS = 16;
/** Ops that show who makes a key to whoever came without knowing of them. */
const MAX_INTRODUCING = 64;

export interface Renewed {
  /** Keys are left again, with all that leads to them. */
  readonly hasWraps: boolean;
  /** Devices that may not have heard of this one. */
  readonly strangers: readonly DeviceId[];
}

/** Takes out of `left` what is to be left again. */
export function renewLeft(replica: Replica, left: Left, now: Millis): Renewed {
  const opsAt = opsDue(left);
  let strangers: readonly DeviceId[] = [];
  if (opsAt !== undefined && (now >= opsAt || now < left.ops!.at)) {
    strangers = strangersOf(replica);
    const unconfirmed = unconfirmedOps(replica);
    left.opSeq = Math.min(left.opSeq, ...unconfirmed);
    if (unconfirmed.length > 0) left.record = -1;
    left.ops = { ...left.ops!, at: now, rounds: left.ops!.rounds + 1 };
  }
  if (left.since === undefined || Math.abs(now - left.since) < REPEAT_AFTER) return { hasWraps: false, strangers };
  left.since = now;
  renewRest(replica, left);
  return { hasWraps: true, strangers };
}

/**
 * To whom a newcomer is not known yet, as far as they showed. Those who heard of them may be out by now, and what lies under
 * a key is not for whoever has it no more: they answer no call of somebody whom they do not know.
 */
function strangersOf(replica: Replica): readonly DeviceId[] {
  const { charter, identity, records } = replica;
  const coming = comingOf(replica, identity.device);
  const own = [...charter.ops.values()].filter(({ signed }) => signed.op.device === identity.device);
  if (coming === undefined || own.length > MAX_OWN_OPS) return [];
  const dormant = dormantDevices(replica);
  const knows = (device: DeviceId): boolean => knownTo(replica, device).some((head) => isInPast(charter, coming, head));
  const strangers = replica.others().flatMap(({ device }) => {
    return records.has(device) && !dormant.has(device) && !knows(device) ? [device] : [];
  });
  return strangers.slice(0, MAX_STRANGERS);
}

/** The own coming, and what leads to it, for a device that may not have heard of it. */
export function ownComing(replica: Replica, device: DeviceId): readonly Bytes[] {
  const coming = comingOf(replica, replica.identity.device);
  return coming === undefined ? [] : opsUpTo(replica, device, coming);
}

/** Own ops up to a number were left now, or before this start. */
export function noteOps(left: Left, upTo: number, now: Millis): void {
  const isNew = upTo > (left.ops?.upTo ?? 0);
  left.ops = { at: now, upTo: Math.max(upTo, left.ops?.upTo ?? 0), rounds: isNew ? 0 : (left.ops?.rounds ?? 0) };
}

/** When to look again. */
export function renewalDue(left: Left, now: Millis): Millis {
  return Math.min(opsDue(left) ?? Infinity, (left.since ?? now) + REPEAT_AFTER) as Millis;
}

/** Whether anybody has them is looked at then: that takes a look at the whole log. */
function opsDue({ ops }: Left): Millis | undefined {
  const after = ops === undefined ? undefined : OPS_AGAIN_AFTER[ops.rounds];
  return after === undefined ? undefined : ((ops!.at + after) as Millis);
}

/** Numbers of own ops that no other device said to have. */
function unconfirmedOps(replica: Replica): readonly number[] {
  const { charter, peers, identity } = replica;
  const heads = replica.others().flatMap(({ device }) => peers.confirmedHeads(device));
  const isConfirmed = (op: OpId): boolean => heads.some((head) => isInPast(charter, op, head));
  const own = [...charter.ops.values()].filter(({ signed }) => signed.op.device === identity.device);
  return own.filter(({ id }) => !isConfirmed(id)).map(({ signed }) => signed.op.seq);
}

function renewRest(replica: Replica, left: Left): void {
  const { charter, peers, identity } = replica;
  const others = replica.others().map(({ device }) => device);
  left.opSeq = Math.min(left.opSeq, ...unconfirmedOps(replica));
  if (others.every((device) => peers.confirmedRecord(device, identity.device) < left.record)) left.record = -1;
  for (const [key, { chain, spans }] of left.chains) {
    const confirmed = others.flatMap((device) => peers.confirmedSpans(device, key)).reduce<Span[]>(addSpan, []);
    const again = newest(subtractSpans(spans, confirmed));
    left.chains.set(key, { chain, spans: subtractSpans(spans, again) });
  }
  for (const wrap of left.wraps) {
    const [device, op] = wrap.split('/') as [DeviceId, OpId];
    if (!peers.confirmedHeads(device).some((head) => isInPast(charter, op, head))) left.wraps.delete(wrap);
  }
}

function newest(spans: readonly Span[]): readonly Span[] {
  const from = (spans.at(-1)?.to ?? 0) - MAX_REPEATED;
  return subtractSpans(spans, from > 0 ? [{ from: 0, to: from }] : []);
}

/** Ops up to one that a device never showed to know, by what it said to have and by its own. */
export function opsUpTo(replica: Replica, device: DeviceId, op: OpId): readonly Bytes[] {
  return opsBeyond(replica, knownTo(replica, device), (id) => isInPast(replica.charter, id, op));
}

/**
 * A rotation, and with it all own ops that a device never showed to know, if they are few: by them it knows a newcomer.
 * One that came without knowing of this device follows none of its calls: it gets what leads to it as well.
 */
export function ownOpsUpTo(replica: Replica, device: DeviceId, rotation: OpId): readonly Bytes[] {
  const { charter, identity, peers } = replica;
  const heads = peers.confirmedHeads(device);
  const isUnknown = (op: OpId): boolean => !heads.some((head) => isInPast(charter, op, head));
  const ops = orderedOps(charter).filter(({ id, signed }) => {
    const isOwn = signed.op.device === identity.device && isInPast(charter, id, rotation) && isUnknown(id);
    return isOwn || id === rotation;
  });
  const few = ops.length <= MAX_OWN_OPS ? ops : ops.filter(({ id }) => id === rotation);
  const ids = new Set([...introduction(replica, device), ...few.map(({ id }) => id)]);
  return orderedOps(charter).flatMap(({ id, signed }) => (ids.has(id) ? [encodeSignedOp(signed)] : []));
}

/** Nothing where one of the two came on top of the other’s coming: their welcome, or what they wrote since, tells of it. */
function introduction(replica: Replica, device: DeviceId): readonly OpId[] {
  const { charter, identity } = replica;
  const [mine, theirs] = [comingOf(replica, identity.device), comingOf(replica, device)];
  if (mine === undefined || theirs === undefined) return [];
  if (isInPast(charter, mine, theirs) || isInPast(charter, theirs, mine)) return [];
  const known = knownTo(replica, device);
  const ops = orderedOps(charter).filter(
    ({ id }) => isInPast(charter, id, mine) && !known.some((head) => isInPast(charter, id, head)),
  );
  return ops.length <= MAX_INTRODUCING ? ops.map(({ id }) => id) : [];
}

/** The op by which a device came; of a further device of somebody another one wrote it. */
function comingOf({ charter }: Replica, device: DeviceId): OpId | undefined {
  const names = ({ device: author, body }: SignedOp['op']): boolean =>
    author === device || (body.type === 'device' && body.device === device);
  return orderedOps(charter).find(({ signed }) => names(signed.op))?.id;
}

/** What a device holds for sure: by what it said to have, and by its own. */
function knownTo({ charter, peers }: Replica, device: DeviceId): readonly OpId[] {
  const own = orderedOps(charter).findLast(({ signed }) => signed.op.device === device)?.id;
  return [...peers.confirmedHeads(device), ...(own === undefined ? [] : [own])];
}
