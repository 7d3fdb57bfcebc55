// Makes a view from the ops that stand, taken in order (charter/SPEC.md §4.5).

import { hex } from '../bytes/bytes.ts';
import { actOf, bindingsOf, byRank, indexOf, RECOVERY_INDEX, type Binding } from './grants.ts';
import type { DeviceCut } from './body-parts.ts';
import type { DeviceId, Kid, OpId, PrincipalId } from './ids.ts';
import { grantIdOf } from './op.ts';
import type { Placed } from './past.ts';
import type { Standing } from './standing.ts';
import { deviceTarget, type End } from './targets.ts';
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
  readonly #unread: PrincipalId[] = [];
  readonly #done = new Set<Placed>();
  readonly #neededBefore: boolean;
  #isVoid: boolean;

  constructor(base?: RegisterValues) {
    this.#rotations = [...(base?.rotations ?? [])];
    this.#kids = new Set(this.#rotations.flatMap(({ scopes }) => scopes.map(({ kid }) => kid)));
    this.#relays = base?.relays ?? [];
    this.#neededBefore = base?.needsNewerVersion ?? false;
    this.#isVoid = base?.isVoid ?? false;
  }

  take(op: Placed): void {
    const { device } = op.signed.op;
    const body = actOf(op);
    // What was voted once is done once, however often it was completed.
    if (op.vote !== undefined && this.#done.has(op.vote.proposal)) return;
    if (op.vote !== undefined) this.#done.add(op.vote.proposal);
    if (op.isUninterpreted) this.#unread.push(op.principal);
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

  /** What somebody wrote who is no member any more binds nobody: else they could stop the group for good. */
  values(isBinding: (author: PrincipalId) => boolean = () => true): RegisterValues {
    return {
      rotations: this.#rotations,
      relays: this.#relays,
      needsNewerVersion: this.#neededBefore || this.#unread.some(isBinding),
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
  readonly #targets = new Map<PrincipalId, string>();
  readonly #completing = new Map<OpId, readonly Placed[]>();

  constructor(standing: Standing) {
    this.#standing = standing;
  }

  take(op: Placed): void {
    if (op.isUninterpreted) return;
    for (const grant of op.grants) {
      if (grant.kind !== 'membership') continue;
      this.#members.set(grant.id, { devices: [], recovery: undefined });
      this.#targets.set(grant.id, grant.target);
    }
    for (const bound of bindingsOf(op)) this.#bind(bound);
  }

  /** Frontiers that complete a revocation, first by rank. */
  complete(frontiers: readonly Placed[]): void {
    for (const op of [...frontiers].sort(byRank)) {
      const { body } = op.signed.op;
      if (body.type !== 'frontier') continue;
      this.#completing.set(body.revoke, [...(this.#completing.get(body.revoke) ?? []), op]);
    }
  }

  principals(): readonly PrincipalFacts[] {
    return [...this.#members].map(([id, member], index) => ({ id, index, isLive: this.#isMember(id), ...member }));
  }

  #endsOf(principal: PrincipalId): readonly End[] {
    return this.#standing.endsOf(this.#targets.get(principal) ?? principal);
  }

  #isMember(principal: PrincipalId): boolean {
    return this.#endsOf(principal).length === 0;
  }

  #bind({ binding, principal, device, recovery }: Binding): void {
    const member = this.#members.get(principal);
    if (member === undefined) return;
    const ended = this.#standing.endsOf(deviceTarget(binding, device));
    const isFrozen = ended.some(({ by }) => by.signed.op.body.type === 'equivocation');
    const isLive = ended.length === 0 && this.#isMember(principal);
    const removed = this.#endsOf(principal).filter(({ by }) => actOf(by).type === 'revoke');
    const ends = [...ended, ...removed].map(({ by }) => endFacts(by, device, this.#completing.get(by.id) ?? []));
    member.devices.push({ device, binding, principal, isLive, isFrozen, ends });
    if (recovery !== undefined) {
      member.recovery ??= {
        key: recovery,
        binding: grantIdOf(binding.slice(0, 64) as Placed['id'], RECOVERY_INDEX + indexOf(binding)),
      };
    }
  }
}

/** How far chains of a device stand by what ended it, or its person, and by those who completed that. */
function endFacts(by: Placed, device: DeviceId, completing: readonly Placed[]): DeviceEndFacts {
  const body = actOf(by);
  const own = body.type === 'device' || body.type === 'equivocation' ? ('frontier' in body ? body.frontier : []) : [];
  const cuts: DeviceCut[] = body.type === 'revoke' ? [...body.frontier] : [];
  for (const op of completing) {
    const more = op.signed.op.body;
    const spoken = new Set(cuts.map(({ scope }) => scope));
    if (more.type === 'frontier') cuts.push(...more.frontier.filter(({ scope }) => !spoken.has(scope)));
  }
  return { op: by.id, by: by.signed.op.device, frontier: [...own, ...cuts.filter((cut) => cut.device === device)] };
}

/** The first 16 bytes of the commitment to a scope key. */
export function kidOf(commitment: Uint8Array): Kid {
  return hex.encode(commitment.subarray(0, 16)) as Kid;
}
