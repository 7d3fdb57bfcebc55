// What a set of ops says: who is in, with which devices, keys and relays (charter/SPEC.md §4.5).

import type { Charter } from './charter.ts';
import { settleContests, type Settled } from './contests.ts';
import { byDevice, Members, Registers } from './fold.ts';
import type { Genesis } from './genesis-body.ts';
import { groupFactsOf } from './group-view.ts';
import type { OpId } from './ids.ts';
import { byOrder, isIn, isNotable, type Log, type Placed } from './past.ts';
import { wholeOf } from './sight.ts';
import { Situation } from './situation.ts';
import type { Standing } from './standing.ts';
import type { CharterView } from './view-facts.ts';

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
    return isOnTop && ops.every((op) => changesRegistersOnly(op, base)) ? extended(base, ops, charter) : undefined;
  }
  return undefined;
}

function changesRegistersOnly(op: Placed, base: Folded): boolean {
  const { type } = op.signed.op.body;
  const isPlain = base.view.kind === 'group' ? type === 'rotate' : type === 'rotate' || type === 'relays';
  if (op.isUninterpreted || !isPlain || isNotable(op)) return false;
  return (
    base.standing.ends().every(({ by }) => isIn(op.past, by)) &&
    base.standing.denials().every(({ by }) => isIn(op.past, by))
  );
}

function extended(base: Folded, ops: readonly Placed[], log: Log): Folded {
  const registers = new Registers(base.view);
  for (const op of ops) if (base.standing.stands(op)) registers.take(op);
  const view = { ...base.view, ...registers.values(), stands: standsIn(log, base.standing) };
  return { view, standing: base.standing, last: ops.at(-1) ?? base.last };
}

function fold(log: Log, genesis: Genesis): Folded {
  const sight = wholeOf(log);
  const situation = genesis.kind === 'group' ? new Situation(sight) : undefined;
  const settled: Settled = situation?.settled ?? settleContests(sight);
  const { standing } = settled;
  const ops = [...log.ops.values()].sort(byOrder);
  const registers = new Registers();
  const members = new Members(standing);
  members.complete(ops.filter((op) => op.signed.op.body.type === 'frontier' && standing.stands(op)));
  for (const op of ops) {
    if (!countsIn(standing, op)) continue;
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
    ...registers.values((author) => situation === undefined || situation.isMember(author)),
    stands: standsIn(log, standing),
    group:
      genesis.kind === 'group' ? groupFactsOf({ log, genesis, situation: situation!, ops, principals }) : undefined,
  };
  return { view, standing, last: ops.at(-1)! };
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

export type {
  CharterView,
  DeviceEndFacts,
  DeviceFacts,
  PrincipalFacts,
  RecoveryFacts,
  RotationFacts,
} from './view-facts.ts';
export { kidOf } from './fold.ts';
