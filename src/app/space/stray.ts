// Which devices of a group may not know where its members meet now.

import type { DeviceId, OpId } from '#core/charter/ids.ts';
import { isInPast } from '#core/charter/charter.ts';
import { EVERYONE } from '#core/charter/ids.ts';
import { isDormant } from '#core/keys/duty.ts';
import type { Replica } from './replica.ts';

/**
 * Live devices that never showed that they know the rotation from which the rendezvous secret follows. Nobody, as long
 * as that is the group's first: there was no other before it.
 */
export function strayDevices(replica: Replica): readonly DeviceId[] {
  const { view, keys, charter, peers, records, heard, context } = replica;
  const rotations = view?.rotations.filter(({ scopes }) => scopes.some(({ scope }) => scope === EVERYONE)) ?? [];
  const at = rotations.findIndex(({ scopes }) => scopes.some(({ kid }) => kid === keys.anchor));
  const anchor = rotations[at]?.op;
  if (at < 1 || anchor === undefined) return [];
  const last = lastOps(replica);
  const knows = (device: DeviceId): boolean => {
    const heads: readonly (OpId | undefined)[] = [...peers.confirmedHeads(device), last.get(device)];
    return heads.some((head) => head !== undefined && charter.ops.has(head) && isInPast(charter, anchor, head));
  };
  const now = context.clock.now();
  return replica.others().flatMap(({ device }) => {
    const isReachable = records.has(device) && !isDormant(heard.at(device), now);
    return isReachable && !knows(device) ? [device] : [];
  });
}

function lastOps({ charter }: Replica): ReadonlyMap<DeviceId, OpId> {
  const last = new Map<DeviceId, { readonly seq: number; readonly id: OpId }>();
  for (const { signed } of charter.ops.values()) {
    const { device, seq } = signed.op;
    if (seq >= (last.get(device)?.seq ?? 0)) last.set(device, { seq, id: signed.id });
  }
  return new Map([...last].map(([device, { id }]) => [device, id]));
}
