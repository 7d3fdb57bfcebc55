// What a set of ops says: who is in, with which devices, keys and relays (charter/SPEC.md §4.5).

import { hex, type Bytes } from '../bytes/bytes.ts';
import type { Charter } from './charter.ts';
import { settleContests } from './contests.ts';
import { RECOVERY_INDEX } from './grants.ts';
import type { DeviceId, GrantId, Kid, OpId, PrincipalId, SpaceId } from './ids.ts';
import type { Cut, Founder, PairGenesis, RotatedScope, SelfGenesis } from './op-body.ts';
import { grantIdOf } from './op.ts';
import { byOrder, type Log, type Placed } from './past.ts';
import { deviceTarget, membershipTarget, type Standing } from './standing.ts';

/** A device as the charter has it. Ended devices stay listed: what they said before still stands. */
export interface DeviceFacts {
  readonly device: DeviceId;
  readonly binding: GrantId;
  readonly principal: PrincipalId;
  /** Bound, not ended, not frozen, its principal not gone. */
  readonly isLive: boolean;
  /** It said two different things under one number. */
  readonly isFrozen: boolean;
  /** The effective ends, and how far its chains stand by each. */
  readonly ends: readonly DeviceEndFacts[];
}

export interface DeviceEndFacts {
  readonly op: OpId;
  readonly by: DeviceId;
  readonly frontier: readonly Cut[];
}

export interface PrincipalFacts {
  readonly id: PrincipalId;
  /** Founders first, by their index; then by the order of the grants. */
  readonly index: number;
  /** False after leaving. */
  readonly isLive: boolean;
  readonly devices: readonly DeviceFacts[];
  readonly recovery: RecoveryFacts | undefined;
}

/** A key on paper that can add and end devices. */
export interface RecoveryFacts {
  readonly key: DeviceId;
  readonly binding: GrantId;
}

export interface RotationFacts {
  readonly op: OpId;
  readonly by: DeviceId;
  readonly root: Bytes;
  readonly scopes: readonly (RotatedScope & { readonly kid: Kid })[];
}

export interface CharterView {
  readonly kind: 'self' | 'pair';
  readonly space: SpaceId;
  /** Signed bytes of the card the pair began with. */
  readonly card: Bytes | undefined;
  readonly principals: readonly PrincipalFacts[];
  readonly devices: ReadonlyMap<DeviceId, DeviceFacts>;
  /** Standing rotations in order; the last one is the newest. */
  readonly rotations: readonly RotationFacts[];
  readonly relays: readonly string[];
  /** A standing op is of a kind or version this app does not know: read only. */
  readonly needsNewerVersion: boolean;
  /** The card was answered twice. */
  readonly isVoid: boolean;
  /** Whether an op stands. */
  readonly stands: (op: OpId) => boolean;
}

const views = new WeakMap<Charter, CharterView>();

/** `undefined` until the genesis is known. Kept for each charter value. */
export function viewOf(charter: Charter): CharterView | undefined {
  const known = views.get(charter);
  if (known !== undefined) return known;
  const genesis = charter.ops.get(charter.space as string as OpId)?.signed.op.body;
  if (genesis?.type !== 'genesis') return undefined;
  const view = fold(charter, genesis);
  views.set(charter, view);
  return view;
}

function fold(log: Log, genesis: SelfGenesis | PairGenesis): CharterView {
  const standing = settleContests(log);
  const folded = new Fold(log, genesis, standing);
  const ops = [...log.ops.values()].filter((op) => standing.stands(op)).sort(byOrder);
  for (const op of ops) folded.take(op);
  const principals = folded.principals();
  return {
    kind: genesis.kind,
    space: log.space,
    card: genesis.kind === 'pair' ? genesis.card : undefined,
    principals,
    devices: byDevice(principals),
    rotations: folded.rotations,
    relays: folded.relays,
    needsNewerVersion: folded.needsNewerVersion,
    isVoid: folded.isVoid,
    stands: (id) => {
      const op = log.ops.get(id);
      return op !== undefined && standing.stands(op);
    },
  };
}

/** Of two bindings of one key (two own devices added it at once) a live one counts. */
function byDevice(principals: readonly PrincipalFacts[]): ReadonlyMap<DeviceId, DeviceFacts> {
  const devices = new Map<DeviceId, DeviceFacts>();
  for (const facts of principals.flatMap((principal) => principal.devices)) {
    if (devices.get(facts.device)?.isLive !== true) devices.set(facts.device, facts);
  }
  return devices;
}

interface Member {
  readonly devices: DeviceFacts[];
  recovery: RecoveryFacts | undefined;
}

/** Registers while ops are folded in their order. */
class Fold {
  readonly rotations: RotationFacts[] = [];
  relays: readonly string[] = [];
  needsNewerVersion = false;
  isVoid = false;
  readonly #log: Log;
  readonly #standing: Standing;
  readonly #members = new Map<PrincipalId, Member>();
  readonly #kids = new Set<Kid>();

  constructor(log: Log, genesis: SelfGenesis | PairGenesis, standing: Standing) {
    this.#log = log;
    this.#standing = standing;
    const id = log.space as string as OpId;
    for (const [index, founder] of genesis.founders.entries()) {
      const membership = grantIdOf(id, index);
      this.#members.set(membership, { devices: [], recovery: undefined });
      this.#bind(membership, { id, index, bound: founder });
    }
  }

  take(op: Placed): void {
    if (op.isUninterpreted) this.needsNewerVersion = true;
    else this.#apply(op);
  }

  principals(): readonly PrincipalFacts[] {
    return [...this.#members].map(([id, member], index) => ({ id, index, isLive: this.#isMember(id), ...member }));
  }

  #apply(op: Placed): void {
    const { body, device } = op.signed.op;
    if (body.type === 'device' && body.act === 'add') this.#bind(op.principal, { id: op.id, index: 0, bound: body });
    else if (body.type === 'relays') this.relays = body.relays;
    else if (body.type === 'void') this.isVoid = true;
    else if (body.type === 'rotate') {
      const scopes = body.scopes.map((scope) => ({ ...scope, kid: kidOf(scope.commitment) }));
      // A kid names one key. Two commitments with one beginning are somebody's construction: the first one counts.
      const fresh = scopes.filter(({ kid }) => !this.#kids.has(kid));
      for (const { kid } of fresh) this.#kids.add(kid);
      this.rotations.push({ op: op.id, by: device, root: body.root, scopes: fresh });
    }
  }

  #isMember(principal: PrincipalId): boolean {
    return this.#standing.endsOf(membershipTarget(principal)).length === 0;
  }

  #bind(principal: PrincipalId, { id, index, bound }: { id: OpId; index: number; bound: Founder }): void {
    const member = this.#members.get(principal);
    if (member === undefined) return;
    const binding = grantIdOf(id, index);
    const ends = this.#standing.endsOf(deviceTarget(binding, bound.device)).map(({ by }) => endFacts(by));
    const isFrozen = ends.some(({ op }) => this.#log.ops.get(op)?.signed.op.body.type === 'equivocation');
    const isLive = ends.length === 0 && this.#isMember(principal);
    member.devices.push({ device: bound.device, binding, principal, isLive, isFrozen, ends });
    if (bound.recovery !== undefined) {
      member.recovery ??= { key: bound.recovery, binding: grantIdOf(id, RECOVERY_INDEX + index) };
    }
  }
}

function endFacts(by: Placed): DeviceEndFacts {
  const { body, device } = by.signed.op;
  const frontier = 'frontier' in body ? body.frontier : [];
  return { op: by.id, by: device, frontier };
}

/** The first 16 bytes of the commitment to a scope key. */
export function kidOf(commitment: Uint8Array): Kid {
  return hex.encode(commitment.subarray(0, 16)) as Kid;
}
