// What was disputed in a set of ops: what fell, what felled it, and what there was not enough of. A past that holds all
// of it comes to the same as the whole set does about what is in it (charter/SPEC.md §4).

import type { Settled } from './contests.ts';
import { newMemberKey } from './grants.ts';
import { isIn, type Placed } from './past.ts';
import type { Sight } from './sight.ts';
import type { Standing } from './standing.ts';
import { opsBeyond, witnessesOf } from './witnesses.ts';
import { isMark, usesOf } from './uses.ts';

export class Trouble {
  /** Of all that was disputed those that have no other of it after them: who has these has all. */
  #newest: Placed[] = [];
  /** Somebody who ended themself spared something, or might yet. */
  isSparing = false;
  /** More joined by an invitation than it has uses, or a key came in twice: who takes whom for a member matters. */
  hasScarce = false;

  isIn(has: (op: Placed) => boolean): boolean {
    return this.#newest.every(has);
  }

  add(op: Placed): void {
    if (this.#newest.some((newer) => isIn(newer.past, op))) return;
    this.#newest = [...this.#newest.filter((older) => !isIn(op.past, older)), op];
  }

  /** An op that fell, and all that it fell by. */
  addVoid(op: Placed, standings: readonly Standing[]): void {
    this.add(op);
    for (const standing of standings) for (const by of standing.felledBy(op)) this.add(by);
  }
}

export function troubleIn(sight: Sight, { standing, first, effective }: Settled): Trouble {
  const trouble = new Trouble();
  const standings = first === standing ? [standing] : [standing, first];
  for (const op of sight.all()) {
    if (!op.isLegal && !op.isUninterpreted) continue;
    const isUncounted = op.vote !== undefined && !standing.isCounted(op);
    if (standings.every((each) => each.stands(op)) && !isUncounted) continue;
    trouble.addVoid(op, standings);
    for (const signature of isUncounted ? op.vote!.signatures : []) trouble.add(signature);
  }
  for (const op of sight.notable()) {
    if (!op.isLegal) continue;
    const { body } = op.signed.op;
    const isBeaten = op.targets.length > 0 && !effective.has(op);
    if (isBeaten || body.type === 'unleave') trouble.add(op);
    // What it was beaten by too: a past that has the one and not the other would come to something else.
    const winners = isBeaten ? op.targets.flatMap((target) => standing.endsOf(target)) : [];
    for (const { by } of winners) trouble.add(by);
    if (body.type === 'unleave') trouble.add(sight.log.ops.get(body.leave)!);
  }
  addScarce(trouble, sight);
  addSparing(trouble, sight, standings);
  return trouble;
}

function addScarce(trouble: Trouble, { log, notable, all }: Sight): void {
  const { joins, newcomers } = log.course;
  const scarce = [...joins].flatMap(([invite, by]) => (by.length > usesOf(invite) ? by : []));
  const twins = [...newcomers].flatMap(([, by]) => (by.length > 1 ? by : []));
  trouble.hasScarce = scarce.length + twins.length > 0;
  if (!trouble.hasScarce) return;
  for (const op of [...scarce, ...twins]) trouble.add(op);
  // Who is let in, or put out, shows whose the use or the key was; and by which of them they came, what they did.
  const keys = new Set(twins.map((op) => newMemberKey(op)));
  for (const op of notable()) if (op.isLegal && isMark(op)) trouble.add(op);
  for (const op of all()) if (keys.has(op.signed.op.device)) trouble.add(op);
}

function addSparing(trouble: Trouble, sight: Sight, standings: readonly Standing[]): void {
  for (const end of standings.flatMap((standing) => standing.ends())) {
    const lost = end.isSelfInflicted ? opsBeyond(sight, end.by, end.target) : [];
    if (lost.length === 0) continue;
    trouble.isSparing = true;
    for (const op of [end.by, ...lost, ...witnessesOf(sight, end)]) trouble.add(op);
  }
}
