// Makes a view from the ops that stand, taken in order (charter/SPEC.md §4.5).

import { hex } from '../bytes/bytes.ts';
import { actOf, bindingsOf, indexOf, RECOVERY_INDEX, type Binding } from './grants.ts';
import type { DeviceId, Kid, PrincipalId } from './ids.ts';
import { grantIdOf } from './op.ts';
import type { Placed } from './past.ts';
import type { Standing } from './standing.ts';
import { deviceTarget } from './targets.ts';
import type {
  CharterView,
  DeviceEndFacts,
  DeviceFacts,
  PrincipalFacts,
  RecoveryFacts,
  RotationFacts,
} from './view-facts.ts';

/** Of two bindings of one key (two own devices added it at once) a live one counts. */
export function byDevice(principals: readonly PrincipalFacts[]): ReadonlyMap<DeviceId, DeviceFacts> {
  const devices = new Map<DeviceId, DeviceFacts>();
  for (const facts of principals.flatMap((principal) => principal.devices)) {
    if (devices.get(facts.device)?.isLive !== true) devices.set(facts.device, facts);
  }
  return devices;
}

type RegisterValues = Pick<CharterView, 'rotations' | 'relays' | 'needsNewerVersion' | 'isVoid'>;

/** What the last standing op of its kind decides, and the list of rotations. */
export class Registers {
  readonly #rotations: RotationFacts[];
  readonly #kids: Set<Kid>;
  #relays: readonly string[];
  #needsNewerVersion: boolean;
  #isVoid: boolean;

  constructor(base?: RegisterValues) {
    this.#rotations = [...(base?.rotations ?? [])];
    this.#kids = new Set(this.#rotations.flatMap(({ scopes }) => scopes.map(({ kid }) => kid)));
    this.#relays = base?.relays ?? [];
    this.#needsNewerVersion = base?.needsNewerVersion ?? false;
    this.#isVoid = base?.isVoid ?? false;
  }

  take(op: Placed): void {
    const { device } = op.signed.op;
    const body = actOf(op);
    if (op.isUninterpreted) this.#needsNewerVersion = true;
    else if (body.type === 'relays') this.#relays = body.relays;
    else if (body.type === 'void') this.#isVoid = true;
    else if (body.type === 'rotate') {
      const scopes = body.scopes.map((scope) => ({ ...scope, kid: kidOf(scope.commitment) }));
      // A kid names one key. Two commitments with one beginning are somebody's construction: the first one counts.
      const fresh = scopes.filter(({ kid }) => !this.#kids.has(kid));
      for (const { kid } of fresh) this.#kids.add(kid);
      this.#rotations.push({ op: op.id, by: device, root: body.root, scopes: fresh });
    }
  }

  values(): RegisterValues {
    return {
      rotations: this.#rotations,
      relays: this.#relays,
      needsNewerVersion: this.#needsNewerVersion,
      isVoid: this.#isVoid,
    };
  }
}

interface Member {
  readonly devices: DeviceFacts[];
  recovery: RecoveryFacts | undefined;
}

/** Who is in, with which keys. */
export class Members {
  readonly #standing: Standing;
  readonly #members = new Map<PrincipalId, Member>();

  constructor(standing: Standing) {
    this.#standing = standing;
  }

  take(op: Placed): void {
    if (op.isUninterpreted) return;
    for (const grant of op.grants) {
      if (grant.kind === 'membership') this.#members.set(grant.id, { devices: [], recovery: undefined });
    }
    for (const bound of bindingsOf(op)) this.#bind(bound);
  }

  principals(): readonly PrincipalFacts[] {
    return [...this.#members].map(([id, member], index) => ({ id, index, isLive: this.#isMember(id), ...member }));
  }

  #isMember(principal: PrincipalId): boolean {
    return this.#standing.endsOf(principal).length === 0;
  }

  #bind({ binding, principal, device, recovery }: Binding): void {
    const member = this.#members.get(principal);
    if (member === undefined) return;
    const ended = this.#standing.endsOf(deviceTarget(binding, device));
    const isFrozen = ended.some(({ by }) => by.signed.op.body.type === 'equivocation');
    const isLive = ended.length === 0 && this.#isMember(principal);
    const removed = this.#standing.endsOf(principal).filter(({ by }) => actOf(by).type === 'revoke');
    const ends = [...ended, ...removed].map(({ by }) => endFacts(by, device));
    member.devices.push({ device, binding, principal, isLive, isFrozen, ends });
    if (recovery !== undefined) {
      member.recovery ??= {
        key: recovery,
        binding: grantIdOf(binding.slice(0, 64) as Placed['id'], RECOVERY_INDEX + indexOf(binding)),
      };
    }
  }
}

/** How far chains of a device stand by what ended it, or its person. */
function endFacts(by: Placed, device: DeviceId): DeviceEndFacts {
  const body = actOf(by);
  const frontier =
    body.type === 'revoke'
      ? body.frontier.filter((cut) => cut.device === device)
      : 'frontier' in body
        ? body.frontier
        : [];
  return { op: by.id, by: by.signed.op.device, frontier };
}

/** The first 16 bytes of the commitment to a scope key. */
export function kidOf(commitment: Uint8Array): Kid {
  return hex.encode(commitment.subarray(0, 16)) as Kid;
}
