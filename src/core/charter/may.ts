// What a device may do now, so that an app offers only what will count (charter/SPEC.md §6).

import type { Charter } from './charter.ts';
import type { DeviceId } from './ids.ts';
import type { Illegality } from './refusal.ts';
import { place } from './structure.ts';
import { signedOp, encodeOp, type VerifiedOp } from './op.ts';
import type { Signature } from '../crypto/suite.ts';
import { viewOf } from './view.ts';
import { unsignedOp, type Writable } from './write-op.ts';

/** Why an op with this body, written now by this device, would have no effect. `undefined`: it would have. */
export function refusalOf(charter: Charter, device: DeviceId, body: Writable): Illegality | 'not-live' | undefined {
  const op = unsignedOp(charter, device, body);
  const view = viewOf(charter);
  const isRecovery = view?.principals.some(({ recovery, isLive }) => isLive && recovery?.key === device);
  if (op === undefined || !(isRecovery === true || view?.devices.get(device)?.isLive === true)) return 'not-live';
  // Never signed, never kept: only looked at as if it were.
  const unsigned = signedOp(encodeOp(op), new Uint8Array(64) as Signature) as VerifiedOp;
  const placed = place(charter, unsigned);
  return placed === undefined ? 'not-live' : placed.illegality;
}

/** Whether an op with this body, written now by this device, would have an effect. */
export function mayI(charter: Charter, device: DeviceId, body: Writable): boolean {
  return refusalOf(charter, device, body) === undefined;
}
