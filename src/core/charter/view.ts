// What a set of ops says: who is in, with which devices, keys and relays (charter/SPEC.md §4.5).

import { hex, type Bytes } from '../bytes/bytes.ts';
import type { Charter } from './charter.ts';
import { settleContests } from './contests.ts';
import { RECOVERY_INDEX } from './grants.ts';
import type { DeviceId, GrantId, Kid, OpId, PrincipalId, SpaceId } from './ids.ts';
import type { Cut, Founder, PairGenesis, RotatedScope, SelfGenesis } from './op-body.ts';
import { grantIdOf } from './op.ts';
import { byOrder, isIn, type Log, type Placed } from './past.ts';
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

/** A finished fold, and what is needed to carry it on. */
interface Folded {
  readonly view: CharterView;
  readonly standing: Standing;
  /** The last op in order. */
  readonly last: Placed;
}

/** By what stands for a charter in its steps. */
const folds = new WeakMap<object, Folded>();

/** `undefined` until the genesis is known. Kept for each charter value. */
export function viewOf(charter: Charter): CharterView | undefined {
  const now = charter.steps.at(-1)?.to;
  const genesis = charter.ops.get(charter.space as string as OpId)?.signed.op.body;
  if (now === undefined || genesis?.type !== 'genesis') return undefined;
  const known = folds.get(now);
  if (known !== undefined) return known.view;
  const folded = carryOn(charter) ?? fold(charter, genesis);
  folds.set(now, folded);
  return folded.view;
}

/**
 * The usual case, made cheap: since an earlier fold only rotations and relay lists came in, on top of all, and having
 * seen every end. Such ops change nobody's standing.
 */
function carryOn(charter: Charter): Folded | undefined {
  let added: readonly Placed[] = [];
  for (const step of [...charter.steps].reverse()) {
    added = [...step.added, ...added];
    const base = folds.get(step.from);
    if (base === undefined) continue;
    const ops = [...added].sort(byOrder);
    const isOnTop = ops[0] === undefined || byOrder(base.last, ops[0]) < 0;
    return isOnTop && ops.every((op) => changesRegistersOnly(op, base.standing))
      ? extended(base, ops, charter)
      : undefined;
  }
  return undefined;
}

function changesRegistersOnly(op: Placed, standing: Standing): boolean {
  const { type } = op.signed.op.body;
  if (op.isUninterpreted || (type !== 'rotate' && type !== 'relays')) return false;
  return standing.ends().every(({ by }) => isIn(op.past, by));
}

function extended(base: Folded, ops: readonly Placed[], log: Log): Folded {
  const registers = new Registers(base.view);
  for (const op of ops) if (base.standing.stands(op)) registers.take(op);
  const view = { ...base.view, ...registers.values(), stands: standsIn(log, base.standing) };
  return { view, standing: base.standing, last: ops.at(-1) ?? base.last };
}

function fold(log: Log, genesis: SelfGenesis | PairGenesis): Folded {
  const standing = settleContests(log);
  const ops = [...log.ops.values()].sort(byOrder);
  const registers = new Registers();
  const members = new Members(log, genesis, standing);
  for (const op of ops) {
    if (!standing.stands(op)) continue;
    registers.take(op);
    members.take(op);
  }
  const principals = members.principals();
  const view: CharterView = {
    kind: genesis.kind,
    space: log.space,
    card: genesis.kind === 'pair' ? genesis.card : undefined,
    principals,
    devices: byDevice(principals),
    ...registers.values(),
    stands: standsIn(log, standing),
  };
  return { view, standing, last: ops.at(-1)! };
}

function standsIn(log: Log, standing: Standing): (id: OpId) => boolean {
  return (id) => {
    const op = log.ops.get(id);
    return op !== undefined && standing.stands(op);
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

type RegisterValues = Pick<CharterView, 'rotations' | 'relays' | 'needsNewerVersion' | 'isVoid'>;

/** What the last standing op of its kind decides, and the list of rotations. */
class Registers {
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
    const { body, device } = op.signed.op;
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
class Members {
  readonly #log: Log;
  readonly #standing: Standing;
  readonly #members = new Map<PrincipalId, Member>();

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
    const { body } = op.signed.op;
    if (op.isUninterpreted || body.type !== 'device' || body.act !== 'add') return;
    this.#bind(op.principal, { id: op.id, index: 0, bound: body });
  }

  principals(): readonly PrincipalFacts[] {
    return [...this.#members].map(([id, member], index) => ({ id, index, isLive: this.#isMember(id), ...member }));
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
