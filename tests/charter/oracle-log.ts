// The oracle’s log: what follows from each op’s past alone, held as plain sets. Written from protocol §3 and charter/SPEC.md
// to be read, not to be fast; it shares decoded ops and ids with the engine, and nothing else.

import type { DeviceId, GrantId, OpId, PrincipalId, SpaceId } from '#core/charter/ids.ts';
import type { OpBody } from '#core/charter/op-body.ts';
import type { Op, VerifiedOp } from '#core/charter/op.ts';
import type { Rules } from '#core/charter/rules.ts';

/** An op in its place. */
export interface Known {
  readonly id: OpId;
  readonly op: Op;
  /** What it does: its body, or, for an endorsement that completes a proposal, what was proposed. */
  readonly act: OpBody;
  /** Ids of everything it reaches, and its own. */
  readonly past: ReadonlySet<OpId>;
  readonly depth: number;
  /** Whose op it is; a newcomer's first op is theirs already. */
  readonly author: PrincipalId;
  /** Of a kind that is not known today, or resting on one. */
  readonly isUnread: boolean;
  /** Filled in once the rest is known: allowed by its past alone. */
  isLegal: boolean;
  /** What is asked of it again and again and never changes, once it was found. */
  readonly found: Found;
}

interface Found {
  earlier?: readonly Known[];
  given?: readonly Given[];
  targets?: readonly string[];
  makers?: readonly Known[];
}

export type Log = ReadonlyMap<OpId, Known>;

/** Something that an op gives, and to whom. */
export interface Given {
  readonly id: GrantId;
  readonly by: Known;
  readonly on: PrincipalId;
  readonly what: 'member' | 'device' | 'recovery' | 'role' | 'invitation';
  readonly device: DeviceId | undefined;
  readonly role: string | undefined;
}

const MAX_BRANCHES = 16;
/** One of these that cannot be read as one is no op of something newer, but a false one. */
const GROUP_TYPES: ReadonlySet<string> = new Set([
  'invite',
  'join',
  'grant',
  'revoke',
  'frontier',
  'charter',
  'propose',
  'endorse',
  'card',
]);

export const makerOf = (grant: GrantId): OpId => grant.slice(0, 64) as OpId;
const grantId = (op: OpId, index: number): GrantId => (op + index.toString(16).padStart(2, '0')) as GrantId;

/** Everything that is kept of a set of ops, whatever their order. */
export function keep(space: SpaceId, ops: readonly VerifiedOp[], isLegal: (log: Log, known: Known) => boolean): Log {
  const log = new Map<OpId, Known>();
  const refused = new Set<OpId>();
  for (let left = [...ops], before = -1; left.length !== before;) {
    before = left.length;
    left = left.filter((signed) => {
      if (signed.op.prev.some((parent) => refused.has(parent))) {
        refused.add(signed.id);
        return false;
      }
      if (!signed.op.prev.every((parent) => log.has(parent))) return true;
      const known = placed(space, log, signed);
      if (known === undefined) refused.add(signed.id);
      else {
        log.set(known.id, known);
        known.isLegal = !known.isUnread && isLegal(log, known);
      }
      return false;
    });
  }
  return log;
}

function placed(space: SpaceId, log: Log, { id, op }: VerifiedOp): Known | undefined {
  const past = new Set<OpId>([id]);
  let depth = 0;
  for (const parent of op.prev.map((each) => log.get(each)!)) {
    for (const each of parent.past) past.add(each);
    depth = Math.max(depth, parent.depth + 1);
  }
  const author = op.body.type === 'genesis' || op.body.type === 'join' ? grantId(id, 0) : op.auth[0]!;
  const known = { id, op, act: actOf(log, op, past), past, depth, author, isUnread: false, isLegal: false, found: {} };
  if (op.body.type === 'genesis') return (id as string) === space ? known : undefined;
  if (op.body.type === 'unknown' && GROUP_TYPES.has(op.body.name)) return undefined;
  if (op.space !== space || !isOneChain(log, known) || !isWithinBranches(log, known)) return undefined;
  const readings = [readUnder(log, known), ...readAuth(log, known)];
  if (readings.includes('bad')) return undefined;
  return { ...known, isUnread: op.body.type === 'unknown' || readings.includes('unread') };
}

/** A completing endorsement does what the proposal in its past says. */
function actOf(log: Log, { body }: Op, past: ReadonlySet<OpId>): OpBody {
  if (body.type !== 'endorse' || body.counted === undefined || !past.has(body.proposal)) return body;
  const proposal = log.get(body.proposal);
  return proposal?.op.body.type === 'propose' && !proposal.isUnread ? proposal.op.body.act : body;
}

export function pastOf(log: Log, { id: own, past, found }: Known): readonly Known[] {
  return (found.earlier ??= [...past].filter((id) => id !== own).map((id) => log.get(id)!));
}

/** The ops that made what an op cites, with the one whose rules it follows. All of them lie in its past. */
export function makersOf(log: Log, { op, found }: Known): readonly Known[] {
  return (found.makers ??= [...op.auth.map(makerOf), op.under!].map((id) => log.get(id)!));
}

function chainOf(log: Log, op: Op): Set<OpId> {
  const chain = new Set<OpId>();
  for (let own = op.own; own !== undefined; own = log.get(own)?.op.own) chain.add(own);
  return chain;
}

/** `own` is the newest of the device's ops in its past, and all the others lie behind it. */
function isOneChain(log: Log, known: Known): boolean {
  const { own, device, seq } = known.op;
  const earlier = pastOf(log, known).filter(({ op }) => op.device === device);
  if (own === undefined) return earlier.length === 0 && seq === 0;
  const chain = chainOf(log, known.op);
  const last = log.get(own);
  if (last === undefined || !known.past.has(own) || last.op.device !== device || last.op.seq !== seq - 1) return false;
  return earlier.every(({ id }) => chain.has(id));
}

/** Ends of a device's chains: its ops that none of its other ops in this past continues. */
function isWithinBranches(log: Log, known: Known): boolean {
  const earlier = pastOf(log, known);
  const continued = new Set(earlier.map(({ op }) => op.own));
  const branches = new Map<DeviceId, number>();
  for (const { id, op } of earlier) {
    if (!continued.has(id)) branches.set(op.device, (branches.get(op.device) ?? 0) + 1);
  }
  return [...branches.values()].every((count) => count <= MAX_BRANCHES);
}

type Reading = 'good' | 'unread' | 'bad';

function readUnder(log: Log, known: Known): Reading {
  const rules = known.op.under === undefined ? undefined : log.get(known.op.under);
  if (rules === undefined || !known.past.has(rules.id)) return 'bad';
  if (rules.isUnread) return 'unread';
  return rulesOf(rules) === undefined ? 'bad' : 'good';
}

/** The rules that an op is, or makes. */
export function rulesOf(known: Known | undefined): Rules | undefined {
  if (known?.act.type === 'genesis') return known.act.kind === 'group' ? known.act.rules : undefined;
  return known?.act.type === 'charter' ? known.act.rules : undefined;
}

function readAuth(log: Log, known: Known): Reading[] {
  if (known.op.body.type === 'join') return [];
  const [membership, binding, ...roles] = known.op.auth as [GrantId, GrantId, ...GrantId[]];
  const read = (grant: GrantId, fits: (given: Given) => boolean): Reading => {
    const maker = log.get(makerOf(grant));
    if (maker === undefined || !known.past.has(maker.id)) return 'bad';
    if (maker.isUnread) return 'unread';
    return givenBy(log, maker).some((given) => given.id === grant && fits(given)) ? 'good' : 'bad';
  };
  return [
    read(membership, ({ what }) => what === 'member'),
    read(binding, ({ device, on }) => device === known.op.device && on === membership),
    ...roles.map((role) => read(role, ({ what, on }) => what === 'role' && on === membership)),
  ];
}

/** Everything an op gives, should it stand. */
export function givenBy(log: Log, by: Known): readonly Given[] {
  // What a join gives is certain once its invitation is here.
  if (by.act.type === 'join' && !log.has(by.act.invite)) return listGiven(log, by);
  return (by.found.given ??= listGiven(log, by));
}

function listGiven(log: Log, by: Known): Given[] {
  const { act, id } = by;
  const nothing = { device: undefined, role: undefined };
  const person = (
    index: number,
    keys: { readonly device: DeviceId; readonly recovery: DeviceId | undefined },
  ): Given[] => {
    const on = grantId(id, index);
    const member: Given = { id: on, by, on, what: 'member', device: keys.device, role: undefined };
    const recovery: Given = { ...member, id: grantId(id, 128 + index), what: 'recovery', device: keys.recovery };
    return keys.recovery === undefined ? [member] : [member, recovery];
  };
  const role = (index: number, on: PrincipalId, name: string): Given => {
    return { id: grantId(id, index), by, on, what: 'role', device: undefined, role: name };
  };
  switch (act.type) {
    case 'genesis':
      if (act.kind !== 'group') return [];
      return act.founders.flatMap((founder, i) => [
        ...person(i, founder),
        ...founder.roles.map((name, at) => role(16 + 7 * i + at, grantId(id, i), name)),
      ]);
    case 'join': {
      const keys = person(0, { device: by.op.device, recovery: act.recovery });
      const invite = log.get(act.invite)?.op.body;
      const given = invite?.type === 'invite' ? invite.role : undefined;
      return given === undefined ? keys : [...keys, role(1, grantId(id, 0), given)];
    }
    case 'grant':
      if (act.act === 'role') return [role(1, act.on, act.role)];
      return [...person(0, act), ...act.roles.map((name, at) => role(1 + at, grantId(id, 0), name))];
    case 'invite':
      return [{ id: grantId(id, 0), by, on: by.author, what: 'invitation', ...nothing }];
    case 'device': {
      if (act.act === 'end') return [];
      const added: Given = {
        id: grantId(id, 0),
        by,
        on: by.author,
        what: 'device',
        device: act.device,
        role: undefined,
      };
      const paper: Given = { ...added, id: grantId(id, 128), what: 'recovery', device: act.recovery };
      return act.recovery === undefined ? [added] : [added, paper];
    }
    default:
      return [];
  }
}

/** The order in which standing ops take effect. */
export function byOrder(a: Known, b: Known): number {
  return a.depth - b.depth || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
