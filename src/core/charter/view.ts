// What a set of ops says: who is in, with which devices, keys and relays (charter/SPEC.md §4.5).

import type { Charter } from './charter.ts';
import { settleContests, type Settled } from './contests.ts';
import { fallenIn } from './fallen.ts';
import { byDevice, Members, Registers } from './fold.ts';
import type { Genesis, GroupGenesis } from './genesis-body.ts';
import { actOf } from './grants.ts';
import { groupFactsOf } from './group-view.ts';
import type { Situation } from './held.ts';
import type { OpId } from './ids.ts';
import { lazily } from './lazily.ts';
import { byOrder, isIn, type Log, type Placed } from './past.ts';
import { wholeOf } from './sight.ts';
import { situationOf } from './situation.ts';
import type { Standing } from './standing.ts';
import type { CharterView, PrincipalFacts } from './view-facts.ts';

/** A finished fold, and what is needed to carry it on. */
interface Folded {
  readonly view: CharterView;
  readonly settled: Settled;
  readonly registers: Registers;
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
  const folded = genesis.kind === 'group' ? foldGroup(charter, genesis) : (carryOn(charter) ?? fold(charter, genesis));
  folds.set(now, folded);
  return folded.view;
}

interface Grown {
  readonly base: Folded;
  /** Ops since then, in order. */
  readonly added: readonly Placed[];
}

/** The newest earlier fold, if it is not too long ago. */
function grownFrom(charter: Charter): Grown | undefined {
  let added: readonly Placed[] = [];
  for (const step of [...charter.steps].reverse()) {
    added = [...step.added, ...added];
    const base = folds.get(step.from);
    if (base !== undefined) return { base, added: [...added].sort(byOrder) };
  }
  return undefined;
}

/**
 * In pair and self spaces the usual case, made cheap: since an earlier fold only rotations and relay lists came in, on
 * top of all, and having seen every end. Such ops change nobody's standing.
 */
function carryOn(charter: Charter): Folded | undefined {
  const grown = grownFrom(charter);
  if (grown === undefined) return undefined;
  const { base, added } = grown;
  const { standing } = base.settled;
  const isOnTop = added[0] === undefined || byOrder(base.last, added[0]) < 0;
  if (!isOnTop || !added.every((op) => changesRegistersOnly(op, standing))) return undefined;
  const registers = base.registers.copy();
  for (const op of added) if (standing.stands(op)) registers.take(op);
  const view = {
    ...base.view,
    ...registers.values(),
    stands: standsIn(charter, standing),
    isBefore: beforeIn(charter),
  };
  return { ...base, view, registers, last: added.at(-1) ?? base.last };
}

function changesRegistersOnly(op: Placed, standing: Standing): boolean {
  const { type } = op.signed.op.body;
  if (op.isUninterpreted || (type !== 'rotate' && type !== 'relays')) return false;
  return standing.ends().every(({ by }) => isIn(op.past, by));
}

function fold(log: Log, genesis: Genesis): Folded {
  const settled = settleContests(wholeOf(log));
  const { standing } = settled;
  const ops = [...log.ops.values()].sort(byOrder);
  const registers = new Registers();
  const members = new Members(standing);
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
    needsNewerVersion: registers.needsNewerVersion(() => true),
    stands: standsIn(log, standing),
    isBefore: beforeIn(log),
    fallen: lazily(() => fallenIn({ log, standing, has: ({ id }) => log.ops.has(id) })),
    group: undefined,
  };
  return { view, settled, registers, last: ops.at(-1)! };
}

/**
 * Of a group. As long as what was settled is merely carried on, what stood still stands, and only what came in is
 * looked at.
 */
function foldGroup(charter: Charter, genesis: GroupGenesis): Folded {
  const situation = situationOf(charter);
  const { settled } = situation;
  const grown = grownFrom(charter);
  const base = grown?.base.settled === settled ? grown : undefined;
  const inOrder = lazily(() => [...charter.ops.values()].sort(byOrder));
  const registers = (base && carriedOn(base, charter, settled.standing)) ?? registersOf(inOrder(), settled.standing);
  const isSame = base?.added.every((op) => !changesKeys(op)) === true;
  const principals = isSame ? base!.base.view.principals : principalsOf(charter, situation);
  const view: CharterView = {
    kind: 'group',
    space: charter.space,
    card: undefined,
    principals,
    devices: isSame ? base!.base.view.devices : byDevice(principals),
    ...registers.values(),
    needsNewerVersion: registers.needsNewerVersion((author) => situation.isMember(author)),
    stands: standsIn(charter, settled.standing),
    isBefore: beforeIn(charter),
    fallen: lazily(() => fallenIn({ log: charter, standing: settled.standing, has: (op) => situation.has(op) })),
    group: groupFactsOf({ log: charter, genesis, situation, ops: inOrder, principals }),
  };
  return { view, settled, registers, last: charter.ops.get(charter.heads[0]!)! };
}

function carriedOn({ base, added }: Grown, log: Log, standing: Standing): Registers | undefined {
  const registers = base.registers.copy();
  const isCarried = added.every((op) => !countsIn(standing, op) || registers.insert(op, log.ops));
  return isCarried ? registers : undefined;
}

function registersOf(ops: readonly Placed[], standing: Standing): Registers {
  const registers = new Registers();
  for (const op of ops) if (countsIn(standing, op)) registers.take(op);
  return registers;
}

/** Whether an op may bring in keys, or end some. */
function changesKeys(op: Placed): boolean {
  if (op.targets.length > 0 || op.isUninterpreted || op.signed.op.body.type === 'frontier') return true;
  const act = actOf(op);
  return act.type === 'device' || act.type === 'join' || (act.type === 'grant' && act.act === 'admit');
}

function principalsOf(log: Log, situation: Situation): readonly PrincipalFacts[] {
  const members = new Members(situation);
  const { standing } = situation;
  const frontiers = log.course.completing.filter((op) => situation.has(op) && standing.stands(op));
  members.complete(frontiers);
  const binders = log.course.binders.filter((op) => situation.has(op) && countsIn(standing, op));
  for (const op of binders.sort(byOrder)) members.take(op);
  return members.principals();
}

/** Of an endorsement that completes a vote: whether the vote counts. */
function countsIn(standing: Standing, op: Placed): boolean {
  return op.vote === undefined ? standing.stands(op) : standing.grants(op);
}

function standsIn(log: Log, standing: Standing): (id: OpId) => boolean {
  return (id) => {
    const op = log.ops.get(id);
    return op !== undefined && countsIn(standing, op);
  };
}

function beforeIn({ ops }: Log): CharterView['isBefore'] {
  return (earlier, op) => {
    const [before, after] = [ops.get(earlier), ops.get(op)];
    return before !== undefined && after !== undefined && isIn(after.past, before);
  };
}

export type { CharterView, DeviceFacts, RotationFacts } from './view-facts.ts';
export { kidOf } from './fold.ts';
