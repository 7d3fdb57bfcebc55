// Makes a view from the ops that stand, taken in order (charter/SPEC.md §4.5).

import { hex } from '../bytes/bytes.ts';
import { actOf, bindingsOf, byRank, indexOf, RECOVERY_INDEX, type Binding } from './grants.ts';
import type { DeviceCut } from './body-parts.ts';
import type { DeviceId, Kid, OpId, PrincipalId } from './ids.ts';
import { grantIdOf } from './op.ts';
import type { Rotate } from './key-body.ts';
import { byOrder, type Placed } from './past.ts';
import type { Situation } from './held.ts';
import { deviceTarget, mainEnds, type End } from './targets.ts';
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

type RegisterValues = Pick<CharterView, 'rotations' | 'relays' | 'isVoid'>;

/** What the last standing op of its kind decides, and the list of rotations. */
export class Registers {
  #rotations: RotationFacts[] = [];
  #kids = new Set<Kid>();
  #unread: PrincipalId[] = [];
  #done = new Set<Placed>();
  #relays: readonly string[] = [];
  #relaysBy: Placed | undefined;
  #isVoid = false;

  /** One that goes on from here, while this stays as it is. */
  copy(): Registers {
    const copy = new Registers();
    copy.#rotations = [...this.#rotations];
    copy.#kids = new Set(this.#kids);
    copy.#unread = [...this.#unread];
    copy.#done = new Set(this.#done);
    copy.#relays = this.#relays;
    copy.#relaysBy = this.#relaysBy;
    copy.#isVoid = this.#isVoid;
    return copy;
  }

  /** Takes ops in order. */
  take(op: Placed): void {
    if (this.#isRepeated(op)) return;
    const body = actOf(op);
    if (op.isUninterpreted) this.#unread.push(op.principal);
    else if (body.type === 'void') this.#isVoid = true;
    else if (body.type === 'relays') this.#takeRelays(op, body.relays);
    else if (body.type === 'rotate') {
      const facts = this.#rotationOf(op, body);
      for (const { kid } of facts.scopes) this.#kids.add(kid);
      this.#rotations.push(facts);
    }
  }

  /** Takes one that belongs among those taken. False when that changes what later ones say: then all must be anew. */
  insert(op: Placed, placed: ReadonlyMap<OpId, Placed>): boolean {
    const body = actOf(op);
    if (op.vote !== undefined && (body.type === 'relays' || body.type === 'card')) return false;
    if (body.type !== 'rotate' || op.isUninterpreted) {
      this.take(op);
      return true;
    }
    const facts = this.#rotationOf(op, body);
    if (facts.scopes.length < body.scopes.length) return false;
    for (const { kid } of facts.scopes) this.#kids.add(kid);
    let at = this.#rotations.length;
    while (at > 0 && byOrder(placed.get(this.#rotations[at - 1]!.op)!, op) > 0) at--;
    this.#rotations.splice(at, 0, facts);
    return true;
  }

  /** What was voted once is done once, however often it was completed. */
  #isRepeated(op: Placed): boolean {
    if (op.vote === undefined) return false;
    if (this.#done.has(op.vote.proposal)) return true;
    this.#done.add(op.vote.proposal);
    return false;
  }

  #takeRelays(op: Placed, relays: readonly string[]): void {
    if (this.#relaysBy !== undefined && byOrder(op, this.#relaysBy) < 0) return;
    this.#relays = relays;
    this.#relaysBy = op;
  }

  #rotationOf(op: Placed, { scopes, root, admits }: Rotate): RotationFacts {
    const named = scopes.map((scope) => ({ ...scope, kid: kidOf(scope.commitment) }));
    // A kid names one key. Two commitments with one beginning are somebody's construction: the first one counts.
    const fresh = named.filter(({ kid }, at) => {
      return !this.#kids.has(kid) && named.findIndex((other) => other.kid === kid) >= at;
    });
    const facts = { op: op.id, by: op.signed.op.device, root, scopes: fresh };
    return admits.length === 0 ? facts : { ...facts, admits };
  }

  values(): RegisterValues {
    return { rotations: this.#rotations, relays: this.#relays, isVoid: this.#isVoid };
  }

  /**
   * Whether something that is not interpreted stands. In a group what somebody wrote who is no member any more binds
   * nobody: else they could stop the group for good.
   */
  needsNewerVersion(isBinding: (author: PrincipalId) => boolean): boolean {
    return this.#unread.some(isBinding);
  }
}

interface Member {
  readonly devices: DeviceFacts[];
  recovery: RecoveryFacts | undefined;
}

/** Who is in, with which keys. */
export class Members {
  readonly #standing: Pick<Situation, 'endsOf'>;
  readonly #members = new Map<PrincipalId, Member>();
  readonly #targets = new Map<PrincipalId, string>();
  readonly #completing = new Map<OpId, readonly Placed[]>();

  constructor(standing: Pick<Situation, 'endsOf'>) {
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
    return mainEnds(this.#standing.endsOf(this.#targets.get(principal) ?? principal));
  }

  #isMember(principal: PrincipalId): boolean {
    return this.#endsOf(principal).length === 0;
  }

  #bind({ binding, principal, device, recovery }: Binding): void {
    const member = this.#members.get(principal);
    if (member === undefined) return;
    const ended = mainEnds(this.#standing.endsOf(deviceTarget(binding, device)));
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
