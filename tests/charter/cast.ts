// Who takes part in a random history: people, each with devices that hold what came to them, a third of them hostile.

import { addOps, emptyCharter, type Charter } from '#core/charter/charter.ts';
import type { SpaceId } from '#core/charter/ids.ts';
import type { VerifiedOp } from '#core/charter/op.ts';
import type { RoleId, Rules } from '#core/charter/rules.ts';
import { verifyOp } from '#core/charter/verify-op.ts';
import { groupGenesis } from '#core/charter/write-group.ts';
import type { Author } from '#core/charter/write-op.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import type { Dice } from '#tests/sim/dice.ts';
import { deviceNamed } from '#tests/suites/space-kit.ts';
import { changed, TOWN_RULES } from './town-rules.ts';

/** One device, or one recovery key, and the log as its holder has it. */
export interface Player {
  readonly name: string;
  readonly author: Author;
  readonly recovery: Author;
  /** A recovery key in use: manages devices only. */
  readonly isRecovery: boolean;
  readonly isHostile: boolean;
  charter: Charter;
  /** Earlier states of the log, for those who like to go back. */
  readonly memories: Charter[];
  /** Secrets of the invitations it made. */
  readonly secrets: Map<string, Uint8Array>;
}

export interface Cast {
  readonly dice: Dice;
  readonly suite: CryptoSuite;
  readonly space: SpaceId;
  readonly genesis: VerifiedOp;
  readonly players: Player[];
  /** Everything that was ever written and verifies, in the order of writing. */
  readonly ops: VerifiedOp[];
  readonly secrets: Map<string, Uint8Array>;
  /** What does not verify, and so was never taken. */
  forgeries: number;
}

const PEOPLE = ['ada', 'ben', 'cleo', 'dan', 'eve', 'finn', 'gill', 'hal'];
const KEYS = new WeakMap<CryptoSuite, Map<string, Promise<Author>>>();

/** Keys are made once for all histories: with the primitives that ship they cost most of the time. */
export function keyOf(name: string, suite: CryptoSuite): Promise<Author> {
  const known = KEYS.get(suite) ?? new Map<string, Promise<Author>>();
  KEYS.set(suite, known);
  let key = known.get(name);
  if (key === undefined) known.set(name, (key = deviceNamed(`cast/${name}`, suite)));
  return key;
}

/** A steward above a majority of voters, a cell in which any two decide, a council, a group of one founder. */
const FOUNDINGS: readonly (readonly (readonly string[])[])[] = [
  [['steward'], ['steward']],
  [['steward', 'voter'], ['voter'], ['voter']],
  [['voter'], ['voter'], ['voter'], ['voter']],
  [['steward'], ['keeper', 'guide'], ['granter'], []],
  [['voter', 'steward'], ['steward'], ['keeper', 'voter']],
  [['steward']],
];

export async function makeCast(dice: Dice, suite: CryptoSuite): Promise<Cast> {
  const held = dice.pick(FOUNDINGS);
  const rules = rulesFor(dice);
  const founders = [];
  for (const [index, roles] of held.entries()) {
    const name = PEOPLE[index]!;
    const recovery = (await keyOf(`${name} recovery`, suite)).device;
    founders.push({ author: await keyOf(`${name} phone`, suite), recovery, roles: roles as RoleId[] });
  }
  const genesis = await groupGenesis({ name: 'a group', rules, founders }, suite);
  const space = genesis.id as string as SpaceId;
  const cast: Cast = {
    dice,
    suite,
    space,
    genesis,
    players: [],
    ops: [genesis],
    secrets: new Map(),
    forgeries: 0,
  };
  for (const name of PEOPLE) await enlist(cast, name, { device: 'phone', isHostile: dice.chance(1 / 3) });
  return cast;
}

function rulesFor(dice: Dice): Rules {
  if (dice.chance(0.5)) return TOWN_RULES;
  const quorum = { admit: dice.pick([1, 2, 'majority'] as const), revoke: dice.pick([2, 3, 'majority'] as const) };
  const deviceCap = dice.between(1, 4);
  return { ...changed(TOWN_RULES, { quorum }), deviceCap, members: dice.chance(0.5) ? ['invite', 'propose'] : [] };
}

/** A further device of somebody, with nothing but the genesis. */
export async function enlist(
  cast: Cast,
  name: string,
  { device, isHostile }: { readonly device: string; readonly isHostile: boolean },
): Promise<Player> {
  const player: Player = {
    name,
    author: await keyOf(`${name} ${device}`, cast.suite),
    recovery: await keyOf(`${name} recovery`, cast.suite),
    isRecovery: device === 'recovery',
    isHostile,
    charter: addOps(emptyCharter(cast.space), [cast.genesis]).charter,
    memories: [],
    secrets: cast.secrets,
  };
  cast.players.push(player);
  return player;
}

/** An op goes out: its author has it at once, others when they meet. */
export async function publish(cast: Cast, player: Player, op: VerifiedOp): Promise<void> {
  if (cast.ops.some(({ id }) => id === op.id)) return;
  if (player.isHostile && (await verifyOp(op, cast.suite)) === undefined) {
    cast.forgeries++;
    return;
  }
  cast.ops.push(op);
  player.memories.push(player.charter);
  player.charter = addOps(player.charter, [op]).charter;
}

/** One learns what another has; a hostile one keeps some of it back. */
export function meet(cast: Cast, from: Player, to: Player): void {
  const news: VerifiedOp[] = [];
  for (const placed of from.charter.ops.values()) if (!to.charter.ops.has(placed.id)) news.push(placed.signed);
  for (const waiting of from.charter.waiting.values()) news.push(waiting);
  if (news.length === 0) return;
  to.memories.push(to.charter);
  const told = from.isHostile && cast.dice.chance(0.5) ? news.slice(0, cast.dice.roll(news.length) + 1) : news;
  to.charter = addOps(to.charter, told).charter;
}
