// Finds devices that signed two ops under one number, so that another device can say so (charter/SPEC.md §4.3).

import type { Charter } from './charter.ts';
import type { DeviceId, OpId } from './ids.ts';
import type { Equivocation } from './evidence-body.ts';
import { viewOf } from './view.ts';

/**
 * For each forked device that is not frozen yet the body of an op that freezes it. Its author adds how far each chain
 * of messages is undisputed. Any other device may write it; one is enough.
 */
export function forkedOps(charter: Charter): readonly Equivocation[] {
  const view = viewOf(charter);
  if (view === undefined) return [];
  const numbers = new Map<string, OpId>();
  const accused = new Map<DeviceId, Equivocation>();
  for (const { id, signed } of charter.ops.values()) {
    const { device, seq } = signed.op;
    const facts = view.devices.get(device);
    const number = `${device}/${seq}`;
    const twin = numbers.get(number);
    numbers.set(number, twin ?? id);
    if (twin === undefined || facts === undefined || facts.isFrozen || accused.has(device)) continue;
    const [first, second] = twin < id ? [twin, id] : [id, twin];
    const { binding } = facts;
    accused.set(device, { type: 'equivocation', evidence: 'ops', binding, device, frontier: [], first, second });
  }
  return [...accused.values()];
}
