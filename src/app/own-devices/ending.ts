// Ends another device of this person with the words on paper: in every space, with new keys before anything else is said,
// and a last word for the ended device, so that it learns of it.

import { wipe } from '#core/bytes/bytes.ts';
import type { Cut } from '#core/charter/body-parts.ts';
import type { DeviceId, OpId } from '#core/charter/ids.ts';
import { decodeSignedOp } from '#core/charter/op.ts';
import type { Author } from '#core/charter/write-op.ts';
import { frontierOf } from '#core/chain/evidence.ts';
import { rotate, unsafeScopes } from '../space/rotate.ts';
import { writeOwnOp } from '../space/own-ops.ts';
import type { Replica } from '../space/replica.ts';
import type { EndDeviceAnswer } from '../api.ts';
import type { OwnDevicesPorts } from './own-devices-ports.ts';
import type { Recovery } from './recovery.ts';
import type { Siblings } from './siblings.ts';

/** Ends a device of the self space and the devices that stand for it elsewhere. */
export async function endDevice(
  { ports, recovery, siblings }: { ports: OwnDevicesPorts; recovery: Recovery; siblings: Siblings },
  asked: { readonly device: DeviceId; readonly words: string },
): Promise<EndDeviceAnswer> {
  if (ports.disk.state !== 'well') return { is: 'no-room' };
  const paper = await recovery.seedOf(asked.words);
  if (typeof paper === 'string') return { is: paper };
  let [ended, left] = [0, 0];
  const homes = [...ports.pairs(), ...ports.groups()];
  const replicas = [ports.self(), ...homes.map(({ replica }) => replica)];
  for (const replica of replicas) {
    const device = siblings.deviceIn(asked.device, replica.identity.space);
    if (device === undefined || replica.view?.devices.get(device)?.isLive !== true) continue;
    const key = await recovery.openFor(replica, paper);
    const isEnded = key !== undefined && (await ports.queue.run(() => endIn(ports, replica, { device, author: key })));
    if (isEnded) ended++;
    else left++;
    if (key !== undefined) wipe(key.seed);
  }
  wipe(paper);
  await ports.queue.run(() => siblings.refresh());
  await ports.disk.flush();
  return { is: 'ended', spaces: ended, left };
}

/** Part of an event. */
async function endIn(
  { engine }: OwnDevicesPorts,
  replica: Replica,
  { device, author }: { readonly device: DeviceId; readonly author: Author },
): Promise<boolean> {
  const binding = replica.view?.devices.get(device)?.binding;
  if (binding === undefined || replica.me?.isLive !== true) return false;
  const frontier: Cut[] = frontierOf(replica.chainSets(), (chain) => chain.device === device).map(
    ({ scope, incarnation, seq, head }) => ({ scope, incarnation, seq, head }),
  );
  const op = await writeOwnOp(replica, { type: 'device', act: 'end', device, binding, frontier }, author);
  const isEnded = replica.view?.devices.get(device)?.isLive === false;
  if (isEnded && replica.view?.isVoid !== true) {
    const isGroup = replica.view?.group !== undefined;
    const parcel = await (isGroup ? rotate(replica, unsafeScopes(replica)) : rotate(replica));
    engine.push(replica, { parcel: { ...parcel, ops: [op, ...parcel.ops] }, hasOps: true });
  }
  replica.save();
  engine.farewell(replica, device, decodeSignedOp(op).id as OpId);
  engine.noteDurable(replica);
  return isEnded;
}
