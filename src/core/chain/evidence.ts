// Evidence that a device contradicted itself, as the body of an op (chain/SPEC.md §7).

import type { Charter } from '../charter/charter.ts';
import type { DeviceId } from '../charter/ids.ts';
import { MAX_PROOF_HEADERS, type Cut, type Equivocation, type HeaderProof } from '../charter/op-body.ts';
import { viewOf } from '../charter/view.ts';
import type { Message } from './message.ts';

/**
 * Proves the first of some consecutive messages of one chain by the first signature among them; `undefined` when that
 * is missing or too far away.
 */
export function headerProof(messages: readonly Message[]): HeaderProof | undefined {
  const end = messages.findIndex(({ signature }) => signature !== undefined);
  const signature = messages[end]?.signature;
  if (signature === undefined || end >= MAX_PROOF_HEADERS) return undefined;
  return { headers: messages.slice(0, end + 1).map(({ bytes }) => bytes), signature };
}

/** Two messages with one number. `frontier`: how far each chain of the device is undisputed. */
export function forkedMessages(
  charter: Charter,
  device: DeviceId,
  fork: { readonly first: HeaderProof; readonly second: HeaderProof; readonly frontier: readonly Cut[] },
): Equivocation | undefined {
  const binding = viewOf(charter)?.devices.get(device)?.binding;
  if (binding === undefined) return undefined;
  return { type: 'equivocation', evidence: 'headers', binding, device, ...fork };
}
