// Whose joining came to nothing, because of something they had not seen: their invitation was withdrawn, or used up, or who
// made it was removed. No op ended them, and they are told all the same (sync/SPEC.md §8.1).

import type { DeviceId, OpId } from '#core/charter/ids.ts';
import type { SignedOp } from '#core/charter/op.ts';
import type { Replica } from './replica.ts';

/** Whoever holds a code that was withdrawn could join in vain any number of times; so many are told. */
const MAX_TOLD = 32;
/** Whoever came by somebody whose own coming is void rests on that, and so on. */
const MAX_STEPS = 64;

/** Devices that joined and are of no member, nor ever were. */
export function devicesOfVoidJoins(replica: Replica): readonly DeviceId[] {
  return [...voidJoins(replica).keys()];
}

/** By which ops the join of a device came to nothing; none where it never joined, or was never allowed to. */
export function causesOfVoidJoin(replica: Replica, device: DeviceId): readonly OpId[] {
  const { charter, view } = replica;
  const disputes = new Map(view?.group?.disputes.map(({ fell, stood }) => [fell, stood]));
  let at = voidJoins(replica).get(device);
  for (let i = 0; i < MAX_STEPS && at !== undefined; i++) {
    const spent = whoSpent(replica, at);
    if (spent.length > 0) return spent;
    const stood = disputes.get(at.id);
    if (stood !== undefined) return [stood];
    const { body, device }: SignedOp['op'] = at.op;
    at = body.type === 'join' ? charter.ops.get(body.invite)?.signed : voidJoins(replica).get(device);
  }
  return [];
}

/** The invitation that was used up by others before a device was seen. */
export function spentInvitation(replica: Replica, device: DeviceId): OpId | undefined {
  const join = voidJoins(replica).get(device);
  const isSpent = join !== undefined && whoSpent(replica, join).length > 0;
  return isSpent && join.op.body.type === 'join' ? join.op.body.invite : undefined;
}

/** Others joined until no use of the invitation was left. One of them alone proves nothing: it takes all of them. */
function whoSpent({ view }: Replica, { id, op: { body } }: SignedOp): readonly OpId[] {
  const fate = body.type === 'join' ? view?.group?.history.find(({ op }) => op === id)?.fate : undefined;
  if (body.type !== 'join' || fate?.is !== 'void' || fate.why !== 'uses-spent') return [];
  return view?.group?.invitations.find(({ op }) => op === body.invite)?.spentBy ?? [];
}

/** By charter: looked for once for all events that leave it as it is. */
const found = new WeakMap<object, ReadonlyMap<DeviceId, SignedOp>>();

function voidJoins({ charter, identity, view }: Replica): ReadonlyMap<DeviceId, SignedOp> {
  const known = found.get(charter);
  if (known !== undefined) return known;
  const joins = new Map<DeviceId, SignedOp>();
  for (const { signed } of identity.kind === 'group' ? charter.ops.values() : []) {
    const { body, device } = signed.op;
    const isInVain = body.type === 'join' && view !== undefined && !view.devices.has(device);
    if (isInVain && joins.size < MAX_TOLD) joins.set(device, signed);
  }
  found.set(charter, joins);
  return joins;
}
