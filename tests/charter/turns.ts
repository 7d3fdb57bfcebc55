// One turn of a random history: two people meet, or somebody acts. Who is hostile does so out of every corner.

import { addOps, isInPast, type Charter } from '#core/charter/charter.ts';
import { forkedOps } from '#core/charter/forked-ops.ts';
import { mayI } from '#core/charter/may.ts';
import { encodeOp, grantIdOf, signedOp, type Op, type VerifiedOp } from '#core/charter/op.ts';
import type { GrantId, OpId } from '#core/charter/ids.ts';
import type { OpBody } from '#core/charter/op-body.ts';
import { viewOf } from '#core/charter/view.ts';
import { writeJoin } from '#core/charter/write-group.ts';
import { citedHeads, writeOp, type Writable } from '#core/charter/write-op.ts';
import { decode, encode, type Encodable } from '#core/wire/cbor.ts';
import { enlist, meet, publish, type Cast, type Player } from './cast.ts';
import { drawAct, noId } from './moves.ts';

/** Draws until an act fits; most do not fit most people. */
const ATTEMPTS = 3;

export async function takeTurn(cast: Cast): Promise<void> {
  const { dice, players } = cast;
  const insiders = players.filter((each) => each.charter.ops.size > 1 || isBound(each));
  const player = dice.chance(0.85) && insiders.length > 0 ? dice.pick(insiders) : dice.pick(players);
  if (dice.chance(0.3)) {
    const other = dice.pick(insiders);
    if (other !== player) meet(cast, other, player);
    return;
  }
  if (dice.chance(0.05)) await takePaper(cast, player);
  else if (player.isHostile && dice.chance(0.6)) await takeHostileTurn(cast, player);
  else await takeHonestTurn(cast, player);
}

/** Somebody takes their recovery key out of the drawer; it knows what they know. */
async function takePaper(cast: Cast, player: Player): Promise<void> {
  const { recovery, name, isHostile, charter } = player;
  const known = cast.players.find(({ author }) => author.device === recovery.device);
  const paper = known ?? (await enlist(cast, name, { device: 'recovery', isHostile }));
  paper.charter = addOps(
    paper.charter,
    [...charter.ops.values()].map(({ signed }) => signed),
  ).charter;
  await takeHonestTurn(cast, paper);
}

export async function takeHonestTurn(cast: Cast, player: Player): Promise<void> {
  const { charter, author } = player;
  const view = viewOf(charter);
  if (view === undefined) return;
  if (!isBound(player)) {
    const join = await joinOf(cast, player);
    if (join !== undefined) await publish(cast, player, join);
    return;
  }
  const accusation = cast.dice.chance(0.5) ? accusationBy(player) : undefined;
  if (accusation !== undefined) {
    await publish(cast, player, await writeOp(charter, author, accusation, cast.suite));
    return;
  }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const body = await drawAct(cast, player, false);
    if (body === undefined || !mayI(charter, author.device, body)) continue;
    await publish(cast, player, await writeOp(charter, author, body, cast.suite));
    return;
  }
}

/** Apps tell of a fork when they see one. */
function accusationBy({ charter, author, isRecovery }: Player): Writable | undefined {
  if (isRecovery || viewOf(charter)?.devices.get(author.device)?.isLive !== true) return undefined;
  const accusation = forkedOps(charter).find(({ device }) => device !== author.device);
  return accusation !== undefined && mayI(charter, author.device, accusation) ? accusation : undefined;
}

function isBound({ charter, author, isRecovery }: Player): boolean {
  return isRecovery || viewOf(charter)?.devices.has(author.device) === true;
}

/** By any invitation that is open as far as one sees. */
async function joinOf({ dice, secrets, suite }: Cast, player: Player): Promise<VerifiedOp | undefined> {
  const invitations = viewOf(player.charter)?.group?.invitations ?? [];
  const open = invitations.filter(({ isOpen }) => isOpen || player.isHostile);
  if (open.length === 0) return undefined;
  const { op, key } = dice.pick(open);
  const secret = secrets.get(key);
  if (secret === undefined) return undefined;
  const joining = { invite: op, secret, recovery: player.recovery.device };
  return writeJoin(player.charter, player.author, joining, suite);
}

/** What hostile members do, each as often as the others. */
export const TRICKS = [
  'back-date',
  'back-date',
  'fork',
  'wild',
  'wild',
  'twist',
  'twist',
  'replay',
  'unknown',
  'join',
] as const;
export type Trick = (typeof TRICKS)[number];

export async function takeHostileTurn(cast: Cast, player: Player): Promise<void> {
  const op = await hostileOp(cast, player);
  if (op !== undefined) await publish(cast, player, op);
}

/** `undefined` when the trick does not fit. Never anything that its author could not sign. */
export async function hostileOp(cast: Cast, player: Player, trick?: Trick): Promise<VerifiedOp | undefined> {
  const { dice } = cast;
  const past = player.memories.length === 0 ? player.charter : dice.pick(player.memories);
  switch (trick ?? dice.pick(TRICKS)) {
    case 'back-date': {
      const body = await drawAct(cast, { ...player, charter: past }, dice.chance(0.3));
      return body === undefined ? undefined : forge(cast, player, { body, charter: withOwn(player, past) });
    }
    case 'fork': {
      const body = await drawAct(cast, { ...player, charter: past }, dice.chance(0.3));
      return body === undefined ? undefined : forge(cast, player, { body, charter: past });
    }
    case 'wild': {
      const body = await drawAct(cast, player, true);
      return body === undefined ? undefined : forge(cast, player, { body, charter: player.charter });
    }
    case 'twist': {
      const body = await drawAct(cast, player, dice.chance(0.5));
      if (body === undefined) return undefined;
      return forge(cast, player, { body, charter: player.charter, isTwisted: true });
    }
    case 'replay': {
      const { body } = dice.pick(cast.ops).op;
      if (body.type === 'genesis' || body.type === 'unknown' || body.type === 'join') return undefined;
      return forge(cast, player, { body, charter: player.charter });
    }
    case 'unknown':
      return dice.chance(0.2) ? unknownOp(cast, player) : undefined;
    case 'join':
      return joinOf(cast, dice.chance(0.5) ? player : { ...player, charter: past });
  }
}

/** An earlier log, and what its holder wrote since: they never forget their own words. */
function withOwn(player: Player, past: Charter): Charter {
  const own = newestOwn(player.charter, player);
  if (own === undefined || past.ops.has(own.id)) return past;
  const missing = [...player.charter.ops.values()].filter(({ id }) => isInPast(player.charter, id, own.id));
  return addOps(
    past,
    missing.map(({ signed }) => signed),
  ).charter;
}

function newestOwn(charter: Charter, { author }: Player): VerifiedOp | undefined {
  let newest: VerifiedOp | undefined;
  for (const { signed } of charter.ops.values()) {
    if (signed.op.device === author.device && signed.op.seq >= (newest?.op.seq ?? 0)) newest = signed;
  }
  return newest;
}

interface Forgery {
  readonly body: Writable | OpBody;
  readonly charter: Charter;
  /** One thing of the frame is not what it should be. */
  readonly isTwisted?: boolean;
}

/** Signed by hand; cites all that was ever granted to its author, or to anybody. */
export async function forge(cast: Cast, player: Player, forgery: Forgery): Promise<VerifiedOp | undefined> {
  const { charter, body } = forgery;
  const { author } = player;
  const own = newestOwn(charter, player);
  const auth = body.type === 'join' ? [] : grantsOf(player, charter);
  if (auth === undefined) return undefined;
  const op: Op = {
    space: cast.space,
    prev: citedHeads(charter, author.device),
    own: own?.id,
    under: viewOf(charter)?.group?.charter ?? cast.genesis.id,
    auth,
    device: author.device,
    seq: own === undefined ? 0 : own.op.seq + 1,
    body,
  };
  const bytes = encodeOp(forgery.isTwisted === true ? twisted(cast, op) : op);
  return signedOp(bytes, await cast.suite.sign('op', bytes, author.seed)) as VerifiedOp;
}

/** Membership, binding, and every role grant there ever was on this principal, ended or not. */
export function grantsOf({ author, isRecovery }: Player, charter: Charter): readonly GrantId[] | undefined {
  const view = viewOf(charter);
  const owner = view?.principals.find(
    ({ devices, recovery }) =>
      recovery?.key === author.device || devices.some(({ device }) => device === author.device),
  );
  if (view === undefined || owner === undefined) return undefined;
  if (isRecovery) return owner.recovery === undefined ? undefined : [owner.id, owner.recovery.binding];
  const binding = owner.devices.find(({ device }) => device === author.device)?.binding;
  if (binding === undefined) return undefined;
  const roles = [...(view.group?.grants.values() ?? [])].filter(
    ({ on, role }) => on === owner.id && role !== undefined,
  );
  return [owner.id, binding, ...roles.map(({ id }) => id)];
}

function twisted(cast: Cast, op: Op): Op {
  const { dice, ops } = cast;
  const anyOp = (): OpId => dice.pick(ops).id;
  const anyGrant = (): GrantId => grantIdOf(anyOp(), dice.pick([0, 1, 16, 17, 23, 128]));
  switch (dice.roll(7)) {
    case 0:
      return { ...op, prev: [...new Set([...op.prev.slice(0, 7), anyOp()])].sort() };
    case 1:
      return { ...op, prev: [anyOp()] };
    case 2:
      return op.own === undefined ? op : { ...op, own: anyOp() };
    case 3:
      return { ...op, under: anyOp() };
    case 4:
      return op.auth.length < 2 ? op : { ...op, auth: [...op.auth, anyGrant()] };
    case 5:
      return op.auth.length < 2 ? op : { ...op, auth: op.auth.map((grant) => (dice.chance(0.4) ? anyGrant() : grant)) };
    default:
      return dice.chance(0.5) ? { ...op, prev: [noId(cast)] } : { ...op, seq: op.seq + (op.seq > 0 ? 1 : 0) };
  }
}

/** An op of a kind that no app of today knows. */
async function unknownOp(cast: Cast, player: Player): Promise<VerifiedOp | undefined> {
  const base = await forge(cast, player, { body: { type: 'leave' }, charter: player.charter });
  if (base === undefined) return undefined;
  const map = decode(base.bytes, 'op', 1 << 16) as Record<string, Encodable>;
  const bytes = encode({ ...map, type: 'later-kind', body: { any: 1 } });
  return signedOp(bytes, await cast.suite.sign('op', bytes, player.author.seed)) as VerifiedOp;
}
