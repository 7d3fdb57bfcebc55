// Who was ended in a group hears of it, wherever they turn up: a letter to their inbox, left by whoever ended them and
// again by some of those who hear them where members met before (sync/SPEC.md §8.1).

import type { DeviceId, OpId, SpaceId } from '#core/charter/ids.ts';
import { MINUTE, type Clock, type Millis } from '#core/ports.ts';
import { endsOf } from './space/offer.ts';
import type { Replica } from './space/replica.ts';
import { devicesOfVoidJoins, spentInvitation } from './space/void-joins.ts';

const AGAIN_AT_MOST_EVERY = MINUTE;

export interface EndingsPorts {
  readonly clock: Clock;
  /** Leaves a device the ops that lead to an end. */
  readonly tell: (replica: Replica, device: DeviceId, op: OpId) => void;
}

export class Endings {
  readonly #ports: EndingsPorts;
  /** Devices that are known here to be ended. */
  readonly #known = new Map<SpaceId, Set<DeviceId>>();
  readonly #toldAt = new Map<string, Millis>();

  constructor(ports: EndingsPorts) {
    this.#ports = ports;
  }

  /** What was ended before the start was told then. */
  begin(replica: Replica): void {
    if (replica.identity.kind === 'group') this.#known.set(replica.identity.space, new Set(endedIn(replica)));
  }

  forget(space: SpaceId): void {
    this.#known.delete(space);
  }

  /** Part of the event by which it was ended. True when there is something to leave. */
  look(replica: Replica): boolean {
    const known = this.#known.get(replica.identity.space);
    if (known === undefined) return false;
    let isAny = false;
    for (const device of endedIn(replica)) {
      if (known.has(device)) continue;
      known.add(device);
      const own = ownEnd(replica, device);
      if (own === undefined || replica.isMine(device)) continue;
      this.#tell(replica, device, own);
      isAny = true;
    }
    return isAny;
  }

  /** It does not know. False where it was told a moment ago, or nothing that can be told ended it. */
  tellAgain(replica: Replica, device: DeviceId): boolean {
    const last = this.#toldAt.get(`${replica.identity.space}|${device}`);
    if (last !== undefined && Math.abs(this.#ports.clock.now() - last) < AGAIN_AT_MOST_EVERY) return false;
    const [op] = endsOf(replica, device);
    if (op === undefined) return false;
    this.#tell(replica, device, op);
    return true;
  }

  #tell(replica: Replica, device: DeviceId, op: OpId): void {
    this.#toldAt.set(`${replica.identity.space}|${device}`, this.#ports.clock.now());
    this.#ports.tell(replica, device, op);
  }
}

function endedIn(replica: Replica): readonly DeviceId[] {
  const ended = [...(replica.view?.devices.values() ?? [])].filter(({ isLive }) => !isLive);
  return [...ended.map(({ device }) => device), ...devicesOfVoidJoins(replica)];
}

/** The own act because of which a device is out; of those who took the last uses of an invitation each, its maker's. */
function ownEnd(replica: Replica, device: DeviceId): OpId | undefined {
  const invite = spentInvitation(replica, device);
  return (invite === undefined ? endsOf(replica, device) : [invite]).find((op) => isByMe(replica, op));
}

function isByMe({ charter, identity }: Replica, op: OpId): boolean {
  return charter.ops.get(op)?.signed.op.device === identity.device;
}
