// Who was ended in a group hears of it, wherever they turn up: a letter to their inbox, left by whoever ended them and
// again by some of those who hear them where members met before (sync/SPEC.md §8.1).

import type { DeviceId, OpId, PrincipalId, SpaceId } from '#core/charter/ids.ts';
import { MINUTE, type Clock, type Millis } from '#core/ports.ts';
import { endsOf } from '../space/offer.ts';
import type { Replica } from '../space/replica.ts';
import { devicesOfVoidJoins, spentInvitation } from '../space/void-joins.ts';

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
  /** Removals that came to nothing, of which was told, or was before the start. */
  readonly #fallen = new Map<SpaceId, Set<OpId>>();
  readonly #toldAt = new Map<string, Millis>();

  constructor(ports: EndingsPorts) {
    this.#ports = ports;
  }

  /** What was ended before the start was told then. */
  begin(replica: Replica): void {
    if (replica.identity.kind !== 'group') return;
    this.#known.set(replica.identity.space, new Set(endedIn(replica)));
    this.#fallen.set(replica.identity.space, new Set(fallenRemovals(replica).map(({ fell }) => fell)));
  }

  forget(space: SpaceId): void {
    this.#known.delete(space);
    this.#fallen.delete(space);
  }

  /** Part of the event by which it was ended. True when there is something to leave. */
  look(replica: Replica): boolean {
    const known = this.#known.get(replica.identity.space);
    if (known === undefined) return false;
    let isAny = this.#lookAtFallen(replica);
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

  /** Who was removed in vain may have heard of that and not of what undid it, and calls nobody any more. */
  #lookAtFallen(replica: Replica): boolean {
    const fallen = this.#fallen.get(replica.identity.space)!;
    let isAny = false;
    for (const { fell, stood, member } of fallenRemovals(replica)) {
      if (fallen.has(fell)) continue;
      fallen.add(fell);
      const person = replica.view?.principals.find(({ id }) => id === member);
      for (const { device, isLive } of isByUs(replica, stood) ? (person?.devices ?? []) : []) {
        if (!isLive || replica.isMine(device)) continue;
        this.#tell(replica, device, stood);
        isAny = true;
      }
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

/** Removals that fell because of an act that they crossed, and whom they were to remove. */
function fallenRemovals({ charter, view }: Replica): readonly { fell: OpId; stood: OpId; member: PrincipalId }[] {
  return (view?.group?.disputes ?? []).flatMap(({ fell, stood }) => {
    const body = charter.ops.get(fell)?.signed.op.body;
    const isMember = body?.type === 'revoke' && view?.group?.members.get(body.grant)?.isLive === true;
    return isMember ? [{ fell, stood, member: body.grant }] : [];
  });
}

/** The own act because of which a device is out; of those who took the last uses of an invitation each, its maker's. */
function ownEnd(replica: Replica, device: DeviceId): OpId | undefined {
  const invite = spentInvitation(replica, device);
  return (invite === undefined ? endsOf(replica, device) : [invite]).find((op) => isByMe(replica, op));
}

/** By this person: their recovery key, for one, is no device’s. */
function isByUs({ charter, me }: Replica, op: OpId): boolean {
  return me !== undefined && charter.ops.get(op)?.principal === me.principal;
}

function isByMe({ charter, identity }: Replica, op: OpId): boolean {
  return charter.ops.get(op)?.signed.op.device === identity.device;
}
