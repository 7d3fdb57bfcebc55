// What was left of a group at a relay node and nobody said to have: it may be gone, so after a day it is left once more.

import { isInPast, orderedOps } from '#core/charter/charter.ts';
import type { Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, OpId } from '#core/charter/ids.ts';
import { DAY, type Millis } from '#core/ports.ts';
import type { Span } from '#core/sync/held.ts';
import { addSpan, subtractSpans } from '#core/sync/spans.ts';
import type { Left } from './group-rows.ts';
import { opsBeyond } from './space/offer.ts';
import type { Replica } from './space/replica.ts';

export const REPEAT_AFTER = DAY;
/** The newest messages of a chain that are left again: what nobody wanted for long is healed over a link. */
const MAX_REPEATED = 200;

/** Takes out of `left` what is to be left again. True when it was time for that. */
export function renewLeft(replica: Replica, left: Left, now: Millis): boolean {
  if (left.since === undefined || Math.abs(now - left.since) < REPEAT_AFTER) return false;
  left.since = now;
  const { charter, peers, identity } = replica;
  const others = replica.others().map(({ device }) => device);
  const heads = others.flatMap((device) => peers.confirmedHeads(device));
  const isConfirmed = (op: OpId): boolean => heads.some((head) => isInPast(charter, op, head));
  const own = orderedOps(charter).filter(({ signed }) => signed.op.device === identity.device);
  const unconfirmed = own.filter(({ id }) => !isConfirmed(id)).map(({ signed }) => signed.op.seq);
  left.opSeq = Math.min(left.opSeq, ...unconfirmed);
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
  return true;
}

function newest(spans: readonly Span[]): readonly Span[] {
  const from = (spans.at(-1)?.to ?? 0) - MAX_REPEATED;
  return subtractSpans(spans, from > 0 ? [{ from: 0, to: from }] : []);
}

/** Ops up to one that a device never showed to know, by what it said to have and by its own. */
export function opsUpTo(replica: Replica, device: DeviceId, op: OpId): readonly Bytes[] {
  const { charter, peers } = replica;
  const own = orderedOps(charter).findLast(({ signed }) => signed.op.device === device)?.id;
  const known = [...peers.confirmedHeads(device), ...(own === undefined ? [] : [own])];
  return opsBeyond(replica, known, (id) => isInPast(charter, id, op));
}
