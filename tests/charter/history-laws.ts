// What must hold of every history, whoever took part in it (protocol §3).

import { addOps, isInPast, type Charter } from '#core/charter/charter.ts';
import type { GrantFacts } from '#core/charter/group-facts.ts';
import { mayI } from '#core/charter/may.ts';
import type { DeviceId, OpId, PrincipalId } from '#core/charter/ids.ts';
import type { VerifiedOp } from '#core/charter/op.ts';
import { isStewardRole, roleOf } from '#core/charter/rules.ts';
import { viewOf, type CharterView } from '#core/charter/view.ts';
import { writeOp } from '#core/charter/write-op.ts';
import { Dice } from '#tests/sim/dice.ts';
import type { Cast, Player } from './cast.ts';
import { differences } from './oracle-law.ts';
import { arrived } from './orders.ts';
import { firstDifference, stateText, viewText } from './state-text.ts';
import { forge, hostileOp } from './turns.ts';
import { unfounded } from './provenance.ts';

export interface Played {
  readonly seed: number;
  readonly cast: Cast;
  readonly whole: Charter;
}

interface Law {
  readonly name: string;
  /** What breaks it; `undefined` when nothing does. */
  readonly broken: (played: Played, counts: Record<string, number>) => Promise<string | undefined> | string | undefined;
}

const ORDERS = 1;
/** How often somebody who is entitled to evict tries, each time knowing what was done against it. */
const TRIES = 3;

export const LAWS: readonly Law[] = [
  { name: 'all apps agree, whatever the order of arrival', broken: disagreement },
  { name: 'the naive reading of the rule says the same', broken: ({ cast, whole }) => differences(whole, cast.ops)[0] },
  { name: 'nobody holds what nobody with the right gave', broken: ({ whole }) => unfounded(whole)[0] },
  { name: 'who may evict can, whatever the hostile do at once', broken: failedEviction },
  { name: 'an end one inflicts on oneself takes nothing from others', broken: erasure },
];

function disagreement({ seed, cast, whole }: Played): string | undefined {
  const state = stateText(whole);
  for (let order = 0; order < ORDERS; order++) {
    const other = arrived(cast.space, cast.ops, new Dice(seed, `order ${order}`));
    if (stateText(other) !== state) return `order ${order} ends otherwise: ${firstDifference(state, stateText(other))}`;
  }
  // Somebody who was there all along, and now hears the rest.
  const witness = cast.dice.pick(cast.players);
  const after = addOps(witness.charter, cast.ops).charter;
  if (stateText(after) === state) return undefined;
  return `${witness.name}, who was there, ends otherwise: ${firstDifference(state, stateText(after))}`;
}

interface Eviction {
  readonly by: Player;
  readonly target: PrincipalId;
}

/** The most senior of all who hold power over others evicts somebody; nobody but a majority could keep them from it. */
async function failedEviction(played: Played, counts: Record<string, number>): Promise<string | undefined> {
  const { cast } = played;
  const eviction = drawEviction(played);
  if (eviction === undefined) return undefined;
  const { by, target } = eviction;
  const before = cast.ops.length;
  let log = played.whole;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const body = { type: 'revoke', grant: target, frontier: [], cascade: false } as const;
    if (!mayI(log, by.author.device, body)) return hasVoted(cast, log, before) ? undefined : 'the right was lost';
    const removal = await writeOp(log, by.author, body, cast.suite);
    const against = await concurrentOps(cast, log, target);
    log = addOps(log, [removal, ...against]).charter;
    cast.ops.push(removal, ...against);
    if (viewOf(log)!.group!.members.get(target)?.isLive !== true) {
      counts['evictions'] = (counts['evictions'] ?? 0) + 1;
      return attempt > 0 && !hasVoted(cast, log, before)
        ? `only the ${attempt + 1}. removal counted`
        : gainByBackDating(played, { ...eviction, log });
    }
  }
  return hasVoted(cast, log, before) ? undefined : 'the target is still in';
}

/** An honest holder of the most senior power there is, and somebody else. */
function drawEviction({ cast, whole }: Played): Eviction | undefined {
  const view = viewOf(whole)!;
  const { grants, rules, members } = view.group!;
  const powers = [...grants.values()]
    .filter(({ isLive, role }) => isLive && role !== undefined && hasPower(rules, role))
    .sort((a, b) => bySeniority(a, b));
  const [first] = powers;
  if (first?.role === undefined || roleOf(rules, first.role)?.can.includes('revoke') !== true) return undefined;
  const by = cast.players.find((player) => isSafeHand(cast, view, player) && holderOf(view, player) === first.on);
  const wereAbove = formerSeniors(cast, view, first);
  const targets = [...members.keys()].filter((id) => {
    return members.get(id)!.isLive && id !== first.on && !wereAbove.has(id);
  });
  return by === undefined || targets.length === 0 ? undefined : { by, target: cast.dice.pick(targets) };
}

/** Who gave up a more senior power by new rules can act as the senior they were, before those rules (SPEC §8). */
function formerSeniors({ ops }: Cast, { group }: CharterView, first: GrantFacts): ReadonlySet<PrincipalId> {
  const rulesEver = ops.flatMap(({ op }) => ('rules' in op.body ? op.body.rules : []));
  const isPower = ({ role }: GrantFacts) => role !== undefined && rulesEver.some((rules) => hasPower(rules, role));
  const powers = [...group!.grants.values()].filter((grant) => grant.ends.length === 0 && isPower(grant));
  return new Set(powers.filter((grant) => bySeniority(grant, first) < 0).map(({ on }) => on));
}

type Rules = NonNullable<CharterView['group']>['rules'];

function hasPower(rules: Rules, role: NonNullable<GrantFacts['role']>): boolean {
  const facts = roleOf(rules, role);
  return isStewardRole(facts) || facts?.can.includes('charter') === true;
}

function bySeniority({ seniority: a }: GrantFacts, { seniority: b }: GrantFacts): number {
  return a.delegation - b.delegation || a.depth - b.depth || (a.id < b.id ? -1 : 1);
}

function holderOf(view: CharterView, player: Player): PrincipalId | undefined {
  const facts = view.devices.get(player.author.device);
  return facts?.isLive === true ? facts.principal : undefined;
}

/**
 * Neither hostile nor kept back by an own other device or recovery key in hostile hands. Nor has one of these said that
 * its owner leaves, since the evicted might say that they had built on that (SPEC §8).
 */
function isSafeHand({ players, ops }: Cast, view: CharterView, player: Player): boolean {
  const owner = holderOf(view, player);
  if (player.isHostile || player.isRecovery || owner === undefined) return false;
  const isOwn = ({ op }: VerifiedOp) => view.devices.get(op.device)?.principal === owner;
  if (ops.some((each) => isOwn(each) && isLeaving(each, owner))) return false;
  return players.every(({ name, isHostile }) => name !== player.name || !isHostile);
}

function isLeaving({ op: { body } }: VerifiedOp, member: PrincipalId): boolean {
  if (body.type === 'leave') return body.role === undefined;
  return body.type === 'revoke' && body.grant === member;
}

/** A majority can overrule anybody; who has one may. */
function hasVoted(cast: Cast, log: Charter, from: number): boolean {
  const { stands } = viewOf(log)!;
  return cast.ops.slice(from).some(({ id, op }) => op.body.type === 'endorse' && op.body.counted && stands(id));
}

/** What the target and everybody hostile answer without having seen the removal. */
async function concurrentOps(cast: Cast, log: Charter, target: PrincipalId): Promise<VerifiedOp[]> {
  const { dice, players } = cast;
  const hostile = players.filter((player) => player.isHostile || isOf(log, player, target));
  const written: VerifiedOp[] = [];
  for (let i = dice.roll(4); i > 0 && hostile.length > 0; i--) {
    const player = dice.pick(hostile);
    const known = written.length > 0 && dice.chance(0.5) ? addOps(log, written).charter : log;
    const op = await hostileOp(cast, { ...player, charter: known, memories: [...player.memories, log] });
    if (op !== undefined && !cast.ops.some(({ id }) => id === op.id)) written.push(op);
  }
  return [...new Map(written.map((op) => [op.id, op])).values()];
}

function isOf(log: Charter, { author }: Player, principal: PrincipalId): boolean {
  return viewOf(log)!.devices.get(author.device)?.principal === principal;
}

/** Whatever the evicted writes now, with whatever past, changes nothing that anybody would notice. */
async function gainByBackDating(
  { cast }: Played,
  { target, log }: Eviction & { readonly log: Charter },
): Promise<string | undefined> {
  const before = viewText(log);
  const evicted = cast.players.filter((player) => isOf(log, player, target));
  let after = log;
  for (const player of evicted) {
    for (let i = 0; i < 4; i++) {
      const op = await hostileOp(cast, { ...player, charter: after, isHostile: true });
      if (op === undefined) continue;
      after = addOps(after, [op]).charter;
      if (viewText(after) !== before) return `the evicted changed something: ${changeBy(op, log, after)}`;
    }
  }
  return undefined;
}

function changeBy(op: VerifiedOp, before: Charter, after: Charter): string {
  const fate = viewOf(after)?.group?.history.find((act) => act.op === op.id)?.fate;
  const what = JSON.stringify({ ...op.op.body, rules: undefined });
  return `${firstDifference(viewText(before), viewText(after))} by ${what}, ${JSON.stringify(fate)}`;
}

/**
 * Somebody ends a device or leaves with a past of their choice. What another’s standing op has in its past must go on
 * standing; unless they took back an act against somebody that nobody else had seen, so that others’ acts come back.
 */
async function erasure({ cast, whole }: Played, counts: Record<string, number>): Promise<string | undefined> {
  const { dice, players } = cast;
  const before = viewOf(whole)!;
  const able = players.filter(({ author, memories }) => {
    return memories.length > 0 && before.devices.get(author.device)?.isLive === true;
  });
  if (able.length === 0) return undefined;
  const player = dice.pick(able);
  const owner = before.devices.get(player.author.device)!;
  const op = await forge(cast, player, { body: { type: 'leave' }, charter: dice.pick(player.memories) });
  if (op === undefined) return undefined;
  const ops = [...whole.ops.values()];
  const standing = ops.filter(({ id }) => before.stands(id));
  // The word of somebody who is well: of a live device, and neither of who leaves nor of who wrote it.
  const isWell = ({ signed }: (typeof ops)[number]) => before.devices.get(signed.op.device)?.isLive === true;
  const witnesses = standing.filter((by) => by.principal !== owner.principal && isWell(by));
  // Whoever had heard that its author’s own key had ended it speaks for no op (SPEC §4.4).
  const isSeen = ({ id, principal, signed }: (typeof ops)[number]) => {
    const ends = ownEndsOf(before, { principal, device: signed.op.device }).filter((end) => !isInPast(whole, id, end));
    const lacksThem = (by: OpId): boolean => ends.every((end) => !isInPast(whole, end, by));
    return witnesses.some((by) => by.principal !== principal && isInPast(whole, id, by.id) && lacksThem(by.id));
  };
  const takenBack = ops.filter((each) => each.principal === owner.principal && !isSeen(each));
  if (takenBack.some(({ signed }) => ACTS_ON_OTHERS.has(signed.op.body.type))) return undefined;
  const witnessed = standing.filter(isSeen).map(({ id }) => id);
  const after = viewOf(addOps(whole, [op]).charter)!;
  counts['leaves'] = (counts['leaves'] ?? 0) + 1;
  const lost = witnessed.filter((id) => !after.stands(id));
  return lost.length === 0 ? undefined : `${lost.length} ops that others had built on`;
}

/** What ended a device, or its person’s membership. */
function ownEndsOf(
  { devices, group }: CharterView,
  { principal, device }: { readonly principal: PrincipalId; readonly device: DeviceId },
): readonly OpId[] {
  const facts = [...(devices.get(device)?.ends ?? []), ...(group!.grants.get(principal)?.ends ?? [])];
  return facts.map(({ op }) => op);
}

/** To take one of these back can bring acts of others back to life. */
const ACTS_ON_OTHERS: ReadonlySet<string> = new Set([
  'revoke',
  'endorse',
  'propose',
  'charter',
  'equivocation',
  'join',
  'rotate',
  'device',
  'leave',
]);
