// Finds devices that signed two ops under one number, so that another device can say so (charter/SPEC.md §4.3).

import type { Charter } from './charter.ts';
import type { DeviceId, OpId } from './ids.ts';
import type { Equivocation } from './evidence-body.ts';
import { viewOf } from './view.ts';

/**
 * Devices of which it is stated already, by what stands. Not all of them are frozen: where a device had been ended before,
 * the statement adds nothing to that, and another one would not either.
 */
export function accusedIn(charter: Charter): ReadonlySet<DeviceId> {
  const view = viewOf(charter);
  const accused = new Set<DeviceId>();
  for (const { id, signed } of charter.ops.values()) {
    const { body } = signed.op;
    if (body.type !== 'equivocation' || view?.devices.get(body.device)?.binding !== body.binding) continue;
    if (view.stands(id)) accused.add(body.device);
  }
  return accused;
}

/**
 * For each forked device of which it is not stated yet the body of an op that freezes it. Its author adds how far each
 * chain of messages is undisputed. Any other device may write it; one is enough.
 */
export function forkedOps(charter: Charter): readonly Equivocation[] {
  const view = viewOf(charter);
  if (view === undefined) return [];
  const numbers = new Map<string, OpId>();
  const accused = new Map<DeviceId, Equivocation>();
  let stated: ReadonlySet<DeviceId> | undefined;
  for (const { id, signed } of charter.ops.values()) {
    const { device, seq } = signed.op;
    const facts = view.devices.get(device);
    const number = `${device}/${seq}`;
    const twin = numbers.get(number);
    numbers.set(number, twin ?? id);
    if (twin === undefined || facts === undefined || facts.isFrozen || accused.has(device)) continue;
    stated ??= accusedIn(charter);
    if (stated.has(device)) continue;
    const [first, second] = twin < id ? [twin, id] : [id, twin];
    const { binding } = facts;
    accused.set(device, { type: 'equivocation', evidence: 'ops', binding, device, frontier: [], first, second });
  }
  return [...accused.values()];
}
