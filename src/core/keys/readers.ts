// Who reads a scope now, by the charter (keys/SPEC.md §1): whom a key is wrapped to, and whom its messages are served.

import type { DeviceId, Scope } from '../charter/ids.ts';
import { EVERYONE } from '../charter/ids.ts';
import type { CharterView } from '../charter/view.ts';

type Readers = ReadonlyMap<Scope, ReadonlySet<DeviceId>>;

/** Asked for with each message and each recipient, so it is made once for each view. */
const known = new WeakMap<CharterView, Readers>();

function readersIn(view: CharterView): Readers {
  let readers = known.get(view);
  if (readers === undefined) known.set(view, (readers = makeReaders(view)));
  return readers;
}

/** Pair and self spaces have one scope, which every live device reads. */
function makeReaders(view: CharterView): Readers {
  if (view.group === undefined) {
    const live = [...view.devices.values()].filter(({ isLive }) => isLive);
    return new Map([[EVERYONE, new Set(live.map(({ device }) => device))]]);
  }
  return new Map([...view.group.scopes].map(([scope, facts]) => [scope, new Set(facts.devices)]));
}

/** `everyone` first, then the roles in force. */
export function scopesIn(view: CharterView): readonly Scope[] {
  return [...readersIn(view).keys()];
}

/** Live devices that read a scope now; nobody reads one that the rules do not know any more. */
export function readersOf(view: CharterView, scope: Scope): ReadonlySet<DeviceId> {
  return readersIn(view).get(scope) ?? NOBODY;
}

export function isReader(view: CharterView, device: DeviceId, scope: Scope): boolean {
  return readersOf(view, scope).has(device);
}

/** The scopes a device reads now. */
export function scopesOf(view: CharterView, device: DeviceId): readonly Scope[] {
  return scopesIn(view).filter((scope) => isReader(view, device, scope));
}

const NOBODY: ReadonlySet<DeviceId> = new Set();
