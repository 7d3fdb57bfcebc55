// Which devices of a group may not know where its members meet now (sync/SPEC.md §8.1).

import { isInPast } from '#core/charter/charter.ts';
import type { DeviceId, OpId } from '#core/charter/ids.ts';
import { isDormant } from '#core/keys/dormant.ts';
import { meetingAnchor } from '#core/keys/rendezvous.ts';
import type { Replica } from './replica.ts';

/**
 * Live devices that never showed that they have the key from which the rendezvous secret follows; all of them, where this
 * one lacks it. Nobody, as long as that is the group's first: there was no other before it.
 */
export function strayDevices(replica: Replica): readonly DeviceId[] {
  const { view, keys, records, heard, context } = replica;
  const anchor = view === undefined ? undefined : meetingAnchor(view);
  const rotations = view?.rotations ?? [];
  const at = rotations.findIndex(({ scopes }) => scopes.some(({ kid }) => kid === anchor));
  if (anchor === undefined || at < 1) return [];
  const now = context.clock.now();
  const reachable = replica.others().flatMap(({ device }) => {
    return records.has(device) && !isDormant(heard.at(device), now) ? [device] : [];
  });
  if (keys.anchor !== anchor) return reachable;
  return reachable.filter((device) => !hasKey(replica, device, rotations[at]!.op));
}

/** By what it said to have on its disk; or it came by a welcome that was left since. */
function hasKey({ charter, peers, view }: Replica, device: DeviceId, rotation: OpId): boolean {
  const knows = (op: OpId): boolean => isInPast(charter, rotation, op);
  if (peers.confirmedHeads(device).some(knows)) return peers.lacks(device).length === 0;
  const facts = view?.devices.get(device);
  const grant = facts === undefined ? undefined : view?.group?.grants.get(facts.principal);
  return grant !== undefined && knows(grant.op) && charter.ops.get(grant.op)?.signed.op.body.type === 'join';
}
