// The past of an op as each device's newest op in it (charter/SPEC.md §4.1). Nothing here knows what became effective
// later.

import type { DeviceId, GrantId, OpId, PrincipalId, SpaceId } from './ids.ts';
import type { VerifiedOp } from './op.ts';
import type { Illegality } from './refusal.ts';
import type { Seniority } from './group-facts.ts';
import type { RoleId } from './rules.ts';

/** A device's newest op in a past; several when it forked. */
export type Tip = Placed | readonly Placed[] | undefined;
/** Chains beside each other: one op changes one of them, and shares all others with its parents. */
type Chunk = readonly Tip[];
const CHUNK_BITS = 4;
const CHUNK_MASK = (1 << CHUNK_BITS) - 1;

/**
 * The past of an op, itself included: for each device the newest of its ops. Devices write one chain, so these few
 * stand for all; only a device that forked has more than one. Immutable.
 */
export class Past {
  /** By the number that a course gives each device (`Placed.chain`). */
  readonly chunks: readonly (Chunk | undefined)[];
  /** Whether some device may have more than one newest op. */
  readonly hasForks: boolean;

  constructor(chunks: readonly (Chunk | undefined)[] = [], hasForks = false) {
    this.chunks = chunks;
    this.hasForks = hasForks;
  }

  tip(chain: number): Tip {
    return this.chunks[chain >> CHUNK_BITS]?.[chain & CHUNK_MASK];
  }

  /** The newest ops of one chain. */
  newest(chain: number | undefined): readonly Placed[] {
    const tip = chain === undefined ? undefined : this.tip(chain);
    if (tip === undefined) return [];
    return isSeveral(tip) ? tip : [tip];
  }

  get(device: DeviceId): readonly Placed[] | undefined {
    return this.all().find(([newest]) => newest!.signed.op.device === device);
  }

  /** Each device's newest ops. */
  all(): readonly (readonly Placed[])[] {
    return this.chunks.flatMap((chunk) =>
      (chunk ?? []).flatMap((tip) => (tip === undefined ? [] : [isSeveral(tip) ? tip : [tip]])),
    );
  }

  /** With `op` as the newest of its chain, or without that chain. */
  with(chain: number, op: Placed | undefined): Past {
    const chunks = this.chunks.slice();
    const at = chain >> CHUNK_BITS;
    while (chunks.length < at) chunks.push(undefined);
    const chunk = chunks[at]?.slice() ?? [];
    while (chunk.length < (chain & CHUNK_MASK)) chunk.push(undefined);
    chunk[chain & CHUNK_MASK] = op;
    chunks[at] = chunk;
    return new Past(chunks, this.hasForks);
  }
}

function isSeveral(tip: Placed | readonly Placed[]): tip is readonly Placed[] {
  return Array.isArray(tip);
}

/** An op in its place. Everything here follows from its past and never changes. */
export interface Placed {
  readonly id: OpId;
  readonly signed: VerifiedOp;
  /** Longest path from the genesis, computed and never claimed. */
  readonly depth: number;
  readonly past: Past;
  /** The number of its device's chain, in the order in which a log met them. */
  readonly chain: number;
  /** The previous op of the device, and one further back, so that far ones are found in few steps. */
  readonly own: Placed | undefined;
  readonly jump: Placed | undefined;
  /** Whose op it is. */
  readonly principal: PrincipalId;
  /** The ops that made what it cites: its grants, its charter, its invitation, its proposal. */
  readonly rests: readonly Placed[];
  /** Grants that it cites, and its device, by what an end of theirs would be aimed at. */
  readonly cited: readonly string[];
  /** The grants among these. */
  readonly named: readonly Grant[];
  /** A newer version, an unknown type, or resting on such an op: kept, forwarded, without effect here. */
  readonly isUninterpreted: boolean;
  /** Whether its author may do this at all, judged by its past. An illegal op stays, without effect. */
  readonly isLegal: boolean;
  readonly illegality: Illegality | undefined;
  /** The authority it was done with; decides between acts that cross. */
  readonly authority: Seniority;
  /** Memberships, roles and invitations it makes, if it stands. */
  readonly grants: readonly Grant[];
  /** What it ends, if it becomes effective. */
  readonly targets: readonly string[];
  /** Ends what its author holds: spares what others had seen. */
  readonly isOwnEnd: boolean;
  /** Of an endorsement that completes a proposal. */
  readonly vote: Vote | undefined;
}

/** An op while it is being placed: the same object, before anybody else has it. */
export type Draft = { -readonly [Field in keyof Placed]: Placed[Field] };

/** A membership, a role, or an invitation. */
export interface Grant {
  readonly id: GrantId;
  readonly op: OpId;
  readonly kind: 'membership' | 'role' | 'invitation';
  /** What an end of it is aimed at: itself, or whatever the same vote made, however often it was completed. */
  readonly target: string;
  /** Who holds it; for an invitation who made it. */
  readonly on: PrincipalId;
  readonly role: RoleId | undefined;
  readonly seniority: Seniority;
  /** The grant by whose authority it was made. */
  readonly from: GrantId | undefined;
  readonly isVoted: boolean;
  /** Given by an invitation: carries no power over others, whatever its role says. */
  readonly isInvited: boolean;
}

/** What completes a proposal, and by whose signatures. */
export interface Vote {
  readonly proposal: Placed;
  /** Proposal and counted endorsements, as far as they are signatures of voters. */
  readonly signatures: readonly Placed[];
  /** Whether the completing endorsement is one too. */
  readonly isSignature: boolean;
  /** Principals that count, in both electorates. */
  readonly signers: number;
  /** So many are needed. */
  readonly needed: number;
}

/**
 * What is worked out once for all logs of one space that grow from each other. It grows only, and may hold more than
 * one log does: whoever asks leaves out what is not in the set of ops they mean.
 */
export interface Course {
  /** A number for each device. */
  readonly chains: Map<DeviceId, number>;
  isGroup: boolean;
  /** The ops that made grants and bindings, by these. */
  readonly makers: Map<GrantId, Placed>;
  /** Every op that was placed: where an op goes, and whether it is legal, follows from its past and never changes. */
  readonly placed: Map<OpId, Placed>;
  readonly notable: Placed[];
  /** Legal ops that bind a key to anybody. */
  readonly byKey: Map<DeviceId, Placed[]>;
  /** Legal ops that bind keys. */
  readonly binders: Placed[];
  /** Legal ops that bind or end keys of a principal. */
  readonly byPrincipal: Map<PrincipalId, Placed[]>;
  /** Legal ops that grant a principal roles. */
  readonly byHolder: Map<PrincipalId, Placed[]>;
  /** Legal ops that make rules. */
  readonly charters: Placed[];
  /** Legal frontiers that complete revocations. */
  readonly completing: Placed[];
  /** Legal completions of each proposal. */
  readonly completions: Map<Placed, Placed[]>;
  /** Ops by what an end of what they cite would be aimed at. */
  readonly byTarget: Map<string, Placed[]>;
  /** Legal joins by what an end of their invitation, or of what that cites, would be aimed at. */
  readonly joinsByTarget: Map<string, Placed[]>;
  /** Legal joins by invitation. */
  readonly joins: Map<Placed, Placed[]>;
  /** Legal ops that make somebody a member, by the key they bring in. */
  readonly newcomers: Map<DeviceId, Placed[]>;
  /** Ops that nothing placed has in its past. */
  readonly heads: Set<Placed>;
  /** All placed ops with their contests settled (`situation.ts`). */
  whole: object | undefined;
}

export interface Log {
  readonly space: SpaceId;
  readonly ops: ReadonlyMap<OpId, Placed>;
  /** Those that change who is in; few, also in a long log. */
  readonly notable: readonly Placed[];
  /** What is known of all ops ever placed on the way here: more than this log holds, but nothing that is not so. */
  readonly course: Course;
}

/** Whether a log is that of a group. */
export function isGroupSpace({ ops, course }: Log): boolean {
  // Asked of every op. Whoever has any op has the genesis.
  return course.isGroup && ops.size > 0;
}

/** Whether an op may change who is in or by what rules. Rotations and relays fill a log, and do not. */
export function isNotable({ signed }: Placed): boolean {
  const { body } = signed.op;
  if (body.type === 'rotate') return body.admits.length > 0;
  return body.type !== 'relays' && body.type !== 'card' && body.type !== 'frontier';
}

/** Whether `op` lies in a past. */
export function isIn(past: Past, op: Placed): boolean {
  const tip = past.tip(op.chain);
  if (tip === undefined) return false;
  return isSeveral(tip) ? tip.some((each) => isBehind(each, op)) : isBehind(tip, op);
}

function isBehind(tip: Placed, op: Placed): boolean {
  return tip === op || ancestorAt(tip, op.signed.op.seq) === op;
}

/** The op of the same chain with that number. */
function ancestorAt(tip: Placed, seq: number): Placed | undefined {
  let at: Placed | undefined = tip;
  while (at !== undefined && at.signed.op.seq > seq) {
    at = at.jump !== undefined && at.jump.signed.op.seq >= seq ? at.jump : at.own;
  }
  return at !== undefined && at.signed.op.seq === seq ? at : undefined;
}

/** Skew-binary jump pointers: any earlier op of a chain is reached in logarithmically many steps. */
export function jumpOver(own: Placed | undefined): Placed | undefined {
  const near = own?.jump;
  const far = near?.jump;
  if (own === undefined || near === undefined || far === undefined) return own;
  const seq = (op: Placed) => op.signed.op.seq;
  return seq(own) - seq(near) === seq(near) - seq(far) ? far : own;
}

/**
 * Branches of one device's chain that a past may hold. An honest device has one; without a limit a forger could make
 * everybody else's ops costly to place. Whoever writes leaves out heads that would exceed it.
 */
export const MAX_BRANCHES = 16;

/** The union of some pasts. */
export function joinPasts(parents: readonly Placed[]): Past {
  const [first, ...others] = parents;
  if (first === undefined || others.length === 0) return first?.past ?? new Past();
  const chunks = first.past.chunks.slice();
  for (const { past } of others) {
    for (const [at, chunk] of past.chunks.entries()) {
      if (chunk === undefined || chunks[at] === chunk) continue;
      while (chunks.length < at) chunks.push(undefined);
      chunks[at] = joinedChunk(chunks[at], chunk);
    }
  }
  const hasForks = parents.some(({ past }) => past.hasForks) || chunks.some((chunk) => chunk?.some(isForked) === true);
  return new Past(chunks, hasForks);
}

function joinedChunk(held: Chunk | undefined, more: Chunk): Chunk {
  if (held === undefined) return more;
  const tips = held.slice();
  for (const [at, tip] of more.entries()) {
    if (tip === undefined || tips[at] === tip) continue;
    while (tips.length < at) tips.push(undefined);
    const mine = tips[at];
    tips[at] = mine === undefined ? tip : joined(mine, tip);
  }
  return tips;
}

function isForked(tip: Tip): boolean {
  return tip !== undefined && isSeveral(tip);
}

function joined(a: Placed | readonly Placed[], b: Placed | readonly Placed[]): Tip {
  if (!isSeveral(a) && !isSeveral(b)) {
    if (isBehind(a, b)) return a;
    if (isBehind(b, a)) return b;
  }
  const newest = newestOf([...(isSeveral(a) ? a : [a]), ...(isSeveral(b) ? b : [b])]);
  return newest.length === 1 ? newest[0]! : newest;
}

/** Whether no device has more branches in a past than it may. */
export function isWithinBranches(past: Past): boolean {
  return !past.hasForks || past.all().every(({ length }) => length <= MAX_BRANCHES);
}

/** Leaves out ops that another one has in its chain. */
function newestOf(ops: readonly Placed[]): readonly Placed[] {
  const different = [...new Set(ops)];
  if (different.length === 1) return different;
  return different.filter(
    (op) => !different.some((other) => other !== op && ancestorAt(other, op.signed.op.seq) === op),
  );
}

/** (depth, id): the order in which standing ops take effect. */
export function byOrder(a: Placed, b: Placed): number {
  if (a.depth !== b.depth) return a.depth - b.depth;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
