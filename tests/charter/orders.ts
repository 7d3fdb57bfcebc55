// Lets ops arrive as they might on the road: in any order, more than once, parents after children, singly or in heaps.

import { addOps, emptyCharter, type Charter } from '#core/charter/charter.ts';
import type { SpaceId } from '#core/charter/ids.ts';
import type { VerifiedOp } from '#core/charter/op.ts';
import { viewOf } from '#core/charter/view.ts';
import type { Dice } from '#tests/sim/dice.ts';

export function shuffled<T>(items: readonly T[], dice: Dice): T[] {
  const left = [...items];
  const order: T[] = [];
  while (left.length > 0) order.push(...left.splice(dice.roll(left.length), 1));
  return order;
}

/** The log of somebody to whom all of it came in some order. Looks at it on the way, as apps do. */
export function arrived(space: SpaceId, ops: readonly VerifiedOp[], dice: Dice): Charter {
  const road = shuffled(ops, dice);
  // One that everything else may rest on comes last of all.
  const late = road.splice(dice.roll(road.length), 1);
  for (let twice = dice.roll(4); twice > 0; twice--) road.splice(dice.roll(road.length + 1), 0, dice.pick(ops));
  let charter = emptyCharter(space);
  for (let at = 0; at < road.length;) {
    const count = dice.chance(0.7) ? 1 : dice.between(2, 6);
    charter = addOps(charter, road.slice(at, at + count)).charter;
    at += count;
    if (dice.chance(0.4)) viewOf(charter);
  }
  return addOps(charter, late).charter;
}
