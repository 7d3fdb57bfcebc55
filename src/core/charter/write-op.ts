// Writes ops: the geneses of self and pair spaces, and everything after them (charter/SPEC.md §3).

import type { Bytes } from '../bytes/bytes.ts';
import type { CryptoSuite, Seed, Signature } from '../crypto/suite.ts';
import type { Charter } from './charter.ts';
import type { Endorse } from './decision-body.ts';
import type { DeviceId, GrantId, OpId, PrincipalId, SpaceId } from './ids.ts';
import type { PairGenesis, SelfGenesis } from './genesis-body.ts';
import type { DeviceAdd } from './member-body.ts';
import type { OpBody } from './op-body.ts';
import { deviceProofBytes, encodeOp, MAX_PREV, signedOp, type Op, type VerifiedOp } from './op.ts';
import { isGroupSpace, isIn, isWithinBranches, joinPasts, type Grant, type Placed } from './past.ts';
import { carries, mostSenior, rightsFor, type AnyOf } from './rights.ts';
import type { Rules } from './rules.ts';
import { situationIn, situationOf } from './situation.ts';
import { viewOf } from './view.ts';

/** Who signs, and with what. */
export interface Author {
  readonly device: DeviceId;
  readonly seed: Seed;
}

/** The beginning of one person's own space. */
export function selfGenesis(author: Author, recovery: DeviceId | undefined, suite: CryptoSuite): Promise<VerifiedOp> {
  return writeGenesis(
    author,
    { type: 'genesis', kind: 'self', founders: [{ device: author.device, recovery }] },
    suite,
  );
}

export interface AnsweredCard {
  /** The card's signing key, which becomes founder 0. */
  readonly cardKey: DeviceId;
  /** The bytes it signed under the label `card`, and that signature. */
  readonly card: Bytes;
  readonly consent: Signature;
  /** The answerer's recovery key for this space. */
  readonly recovery: DeviceId | undefined;
}

/** The beginning of a pair space. `author` is the answerer's fresh device. */
export function pairGenesis(author: Author, answered: AnsweredCard, suite: CryptoSuite): Promise<VerifiedOp> {
  const founders = [
    { device: answered.cardKey, recovery: undefined },
    { device: author.device, recovery: answered.recovery },
  ] as const;
  const { card, consent } = answered;
  return writeGenesis(author, { type: 'genesis', kind: 'pair', founders, card, consent }, suite);
}

function writeGenesis(author: Author, body: SelfGenesis | PairGenesis, suite: CryptoSuite): Promise<VerifiedOp> {
  const nothing = { space: undefined, prev: [], own: undefined, under: undefined, auth: [] };
  return signOp({ ...nothing, device: author.device, seq: 0, body }, author.seed, suite);
}

/** The body that binds a fresh device to a principal; `fresh` is used to prove that its key is held. */
export async function addDeviceBody(
  fresh: Author,
  binding: { readonly space: SpaceId; readonly principal: PrincipalId; readonly recovery?: DeviceId | undefined },
  suite: CryptoSuite,
): Promise<DeviceAdd> {
  const proof = await suite.sign('deviceProof', deviceProofBytes(binding.space, binding.principal), fresh.seed);
  return { type: 'device', act: 'add', device: fresh.device, proof, recovery: binding.recovery };
}

/**
 * The body that completes a proposal with all endorsements of it that stand and are of voters. Whether they suffice,
 * `refusalOf` tells.
 */
export function completionOf(charter: Charter, proposal: OpId): Endorse {
  const facts = viewOf(charter)?.group?.proposals.find(({ op }) => op === proposal);
  return { type: 'endorse', proposal, counted: [...(facts?.endorsements ?? [])].sort() };
}

/** What an app writes after the genesis; a join is written by `writeJoin`. */
export type Writable = Exclude<OpBody, { type: 'genesis' | 'join' | 'unknown' }>;

/**
 * Signs an op on top of all heads, citing what its author holds. Flush it to disk before it is sent: a second op with
 * its number would look like a forger's. Rejects with a plain `Error` when the author is bound nowhere in this charter.
 */
export async function writeOp(
  charter: Charter,
  author: Author,
  body: Writable,
  suite: CryptoSuite,
): Promise<VerifiedOp> {
  const op = unsignedOp(charter, author.device, body);
  if (op === undefined) throw new Error('this device is not of the space');
  return signOp(op, author.seed, suite);
}

/** A newcomer's first op: it cites no grant, since it makes the one it acts under. */
export function writeFirst(
  charter: Charter,
  author: Author,
  body: Extract<OpBody, { type: 'join' }>,
  suite: CryptoSuite,
): Promise<VerifiedOp> {
  const { device } = author;
  const prev = citedHeads(charter, device, [body.invite]);
  return signOp(
    { ...frameOf(charter, prev), prev, own: undefined, auth: [], device, seq: 0, body },
    author.seed,
    suite,
  );
}

/** The op as it would be written now. `undefined`: the device is bound nowhere. */
export function unsignedOp(charter: Charter, device: DeviceId, body: Writable): Op | undefined {
  const bound = authOf(charter, device);
  if (bound === undefined) return undefined;
  const newest = newestOwn(charter, device);
  const auth = [...bound, ...rolesToCite(charter, bound[0], body)];
  const prev = citedHeads(charter, device, [...auth.map(opOf), ...opsNamedIn(body)]);
  return {
    ...frameOf(charter, prev),
    prev,
    own: newest?.id,
    auth,
    device,
    seq: newest === undefined ? 0 : newest.signed.op.seq + 1,
    body,
  };
}

function frameOf(charter: Charter, prev: readonly OpId[]): { space: SpaceId; under: OpId } {
  const { space } = charter;
  if (!isGroupSpace(charter)) return { space, under: space as string as OpId };
  // What is in force in the past of the op; some heads may have had to be left out of it.
  const parents = prev.map((id) => charter.ops.get(id)!);
  return { space, under: situationIn(charter, joinPasts(parents)).charter.id };
}

/**
 * The role grants an act needs: of those that carry a right it uses the most senior, and for a rotation one for each
 * role whose key it makes.
 */
function rolesToCite(charter: Charter, principal: PrincipalId, body: Writable): readonly GrantId[] {
  if (!isGroupSpace(charter)) return [];
  const situation = situationOf(charter);
  const { rules } = situation;
  const held = situation.rolesOf(principal);
  if (body.type === 'rotate') {
    const scopes = new Set<string>(body.scopes.map(({ scope }) => scope));
    const ofScopes = [...scopes].flatMap((scope) => mostSenior(held.filter(({ role }) => role === scope)) ?? []);
    const admitting = body.admits.length === 0 ? undefined : carrierOf(held, ['invite', 'admit'], rules);
    return [...new Set([...ofScopes, ...(admitting === undefined ? [] : [admitting])].map(({ id }) => id))];
  }
  const used = rightsFor(body).flatMap((anyOf) => carrierOf(held, anyOf, rules) ?? []);
  // A proof or a look at rivals weighs by the most senior grant cited.
  const weighty = body.type === 'equivocation' ? [mostSenior(held)].flatMap((grant) => grant ?? []) : [];
  return [...new Set([...used, ...weighty].map(({ id }) => id))];
}

/** Membership and binding of a device or recovery key, live or not: what its ops and headers cite. */
export function authOf(charter: Charter, device: DeviceId): readonly [GrantId, GrantId] | undefined {
  const view = viewOf(charter);
  const facts = view?.devices.get(device);
  if (facts !== undefined) return [facts.principal, facts.binding];
  const owner = view?.principals.find((principal) => principal.recovery?.key === device);
  return owner?.recovery === undefined ? undefined : [owner.id, owner.recovery.binding];
}

/** How many ops a device has signed, as far as this log knows. */
export function opSeqOf(charter: Charter, device: DeviceId): number {
  const newest = newestOwn(charter, device);
  return newest === undefined ? 0 : newest.signed.op.seq + 1;
}

/**
 * The heads that an op or a message of this device cites: at most eight, one with the device's own previous op among
 * them, those with what the op speaks of before others, then those that stand (what is void and concurrent would else crowd
 * out what the op must have seen to stand itself), and none that would bring in more branches of a forked device than an op
 * may rest on. What is left out is joined by the next op.
 */
export function citedHeads(charter: Charter, device: DeviceId, needed: readonly OpId[] = []): readonly OpId[] {
  const own = newestOwn(charter, device);
  const named = needed.flatMap((id) => charter.ops.get(id) ?? []);
  const heads = charter.heads.map((id) => charter.ops.get(id)!);
  const wanted = own === undefined ? named : [own, ...named];
  const carriers = wanted.flatMap((op) => heads.find((head) => isIn(head.past, op)) ?? []);
  const stands = heads.length > MAX_PREV ? viewOf(charter)?.stands : undefined;
  const standing = heads.filter(({ id }) => stands?.(id) === true);
  const chosen: Placed[] = [];
  for (const head of new Set([...carriers, ...standing, ...heads])) {
    if (chosen.length === MAX_PREV) break;
    if (isWithinBranches(joinPasts([...chosen, head]))) chosen.push(head);
  }
  return chosen.map(({ id }) => id).sort();
}

/** The most senior grant that carries one of some rights, the last named first: who may vote proposes as a voter. */
function carrierOf(held: readonly Grant[], anyOf: AnyOf, rules: Rules): Grant | undefined {
  const byRight = anyOf.toReversed().map((right) => held.filter((grant) => carries(grant, right, rules)));
  return mostSenior(byRight.find((carriers) => carriers.length > 0) ?? []);
}

function opOf(grant: GrantId): OpId {
  return grant.slice(0, 64) as OpId;
}

/** Ops that must be in the past of an op with this body, besides what its author cites. */
function opsNamedIn(body: OpBody): readonly OpId[] {
  switch (body.type) {
    case 'equivocation':
      return body.evidence === 'ops'
        ? [body.first, body.second]
        : [opOf(body.binding), ...(body.evidence === 'broken-promise' ? [body.op] : [])];
    case 'endorse':
      return [body.proposal, ...(body.counted ?? [])];
    case 'propose':
      return opsNamedIn(body.act);
    case 'revoke':
      return [opOf(body.grant)];
    case 'grant':
      return body.act === 'role' ? [opOf(body.on)] : [];
    case 'frontier':
      return [body.revoke];
    case 'unleave':
      return [body.leave];
    case 'rotate':
      return body.admits;
    default:
      return [];
  }
}

function newestOwn(charter: Charter, device: DeviceId): Placed | undefined {
  const chain = charter.course.chains.get(device);
  let newest: Placed | undefined;
  for (const head of charter.heads) {
    for (const own of charter.ops.get(head)?.past.newest(chain) ?? []) {
      if (newest === undefined || own.signed.op.seq > newest.signed.op.seq) newest = own;
    }
  }
  return newest;
}

/** Signs an op as it is. */
export async function signOp(op: Op, seed: Seed, suite: CryptoSuite): Promise<VerifiedOp> {
  const bytes = encodeOp(op);
  return signedOp(bytes, await suite.sign('op', bytes, seed)) as VerifiedOp;
}
