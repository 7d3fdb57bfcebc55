// What is signed inside ops of groups, besides the ops themselves (charter/SPEC.md §3).

import { concat, type Bytes } from '../bytes/bytes.ts';
import { raw } from './body-parts.ts';
import type { DeviceId, OpId, SpaceId } from './ids.ts';

interface Knock {
  readonly space: SpaceId;
  readonly device: DeviceId;
  readonly recovery: DeviceId | undefined;
}

/** By a device that asks to come in: space ‖ device ‖ recovery key. */
export function knockBytes({ space, device, recovery }: Knock): Bytes {
  return concat(raw(space), raw(device), recovery === undefined ? new Uint8Array(0) : raw(recovery));
}

/** By an invitation's key: space ‖ invitation ‖ device ‖ recovery key. */
export function invitationProofBytes({ invite, ...knock }: Knock & { readonly invite: OpId }): Bytes {
  const { space, device, recovery } = knock;
  return concat(raw(space), raw(invite), raw(device), recovery === undefined ? new Uint8Array(0) : raw(recovery));
}

/** By the key of an outside card: number (8, big endian) ‖ expiry day (8, big endian) ‖ card. */
export function cardBytes(card: { readonly number: number; readonly expires: number; readonly card: Bytes }): Bytes {
  return concat(uint64(card.number), uint64(card.expires), card.card);
}

function uint64(value: number): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}
