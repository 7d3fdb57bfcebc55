// Whoever left a group goes on meeting the others there until one of those who stay has it on disk: mail alone may lie
// under keys that they lost, or at a relay node that burns.

import { isInPast } from '#core/charter/charter.ts';
import type { OpId } from '#core/charter/ids.ts';
import type { Replica } from '../space/replica.ts';

/** Whether a device of a space may meet others there, or has to tell them that it is none any more. */
export function mayCall(replica: Replica): boolean {
  if (replica.identity.kind !== 'group' || replica.me?.isLive === true) return true;
  // What waits for acts that never came may be what undoes this device's end.
  if (replica.charter.waiting.size > 0) return true;
  const left = ownLeave(replica);
  return left !== undefined && !isKnown(replica, left);
}

function ownLeave({ view, me, identity, charter }: Replica): OpId | undefined {
  const ends = me === undefined ? [] : (view?.group?.members.get(me.principal)?.ends ?? []);
  const isOwn = (op: OpId): boolean => charter.ops.get(op)?.signed.op.device === identity.device;
  return ends.every(({ how }) => how === 'left') ? ends.find(({ op }) => isOwn(op))?.op : undefined;
}

function isKnown(replica: Replica, op: OpId): boolean {
  const { charter, peers } = replica;
  const knows = (head: OpId): boolean => charter.ops.has(head) && isInPast(charter, op, head);
  return replica.others().some(({ device }) => peers.confirmedHeads(device).some(knows));
}
