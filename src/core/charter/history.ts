// What was done in a group, in order, and what became of it; and which acts crossed (charter/SPEC.md §6).

import type { ActFacts, DisputeFacts, GroupFacts } from './group-facts.ts';
import { isIn, type Placed } from './past.ts';
import type { Fate } from './refusal.ts';
import type { Situation } from './held.ts';

interface Ground {
  readonly situation: Situation;
  readonly ops: readonly Placed[];
}

export function historyOf({ situation, ops }: Ground): Pick<GroupFacts, 'history' | 'disputes'> {
  const { effective } = situation.settled;
  const history: ActFacts[] = [];
  const disputes: DisputeFacts[] = [];
  for (const op of ops) {
    const { body, device } = op.signed.op;
    if (body.type === 'rotate') continue;
    const fate = fateOf(op, situation, effective);
    const type = body.type === 'unknown' ? body.name : body.type;
    history.push({ op: op.id, type, by: op.principal, device, fate });
    const dispute = disputeOver(op, situation);
    if (dispute !== undefined) disputes.push(dispute);
  }
  return { history, disputes };
}

function fateOf(op: Placed, situation: Situation, effective: ReadonlySet<Placed>): Fate {
  const { standing, charter } = situation;
  if (op.isUninterpreted) return { is: 'unread' };
  if (op.illegality !== undefined) return { is: 'illegal', why: op.illegality };
  // A vote that counted is done, whatever became of who completed it.
  if (!standing.grants(op)) return { is: 'void', why: standing.whyVoid(op).why };
  const outdoneBy = op.targets.map((target) => {
    return situation.endsOf(target).find(({ by }) => by !== op && isIn(op.past, by))?.by.id;
  });
  const isOutdone = op.targets.length > 0 && (!effective.has(op) || outdoneBy.every((by) => by !== undefined));
  if (isOutdone) return { is: 'outdone', by: outdoneBy[0] };
  const { type } = op.signed.op.body;
  const isBeaten = type === 'charter' && op !== charter && !isIn(charter.past, op);
  return isBeaten ? { is: 'outdone', by: charter.id } : { is: 'standing' };
}

/** An act that fell because of one that it had not seen, and that had not seen it. */
function disputeOver(op: Placed, { standing }: Situation): DisputeFacts | undefined {
  if (!op.isLegal || standing.grants(op)) return undefined;
  const { by } = standing.whyVoid(op);
  if (by === undefined || isIn(op.past, by) || isIn(by.past, op)) return undefined;
  return { stood: by.id, fell: op.id, why: whyOf(by) };
}

function whyOf(by: Placed): DisputeFacts['why'] {
  const { type } = by.signed.op.body;
  if (by.vote !== undefined) return 'vote';
  if (type === 'equivocation') return 'equivocation';
  if (type === 'join') return 'order';
  return by.isOwnEnd ? 'own-end' : 'more-senior';
}
