// What shows that an end counts where whoever is told of it alone takes it for void. Whoever wrote it ended themself
// meanwhile, or was by their recovery key: somebody else had seen it before that (core/charter/SPEC.md §4.4). Or somebody
// who had not seen it accused or removed its author, and that counts for nothing: another came first (§4.3).

import { isInPast, orderedOps } from '#core/charter/charter.ts';
import type { OpId } from '#core/charter/ids.ts';
import type { SignedOp } from '#core/charter/op.ts';
import type { Placed } from '#core/charter/past.ts';
import type { Replica } from './replica.ts';

/** Whoever bears witness may have left as well meanwhile, and so on. */
const MAX_STEPS = 16;

/** Ends, each with the acts that let it count where it would not by itself. */
export function withWitnesses(replica: Replica, ends: readonly OpId[]): readonly OpId[] {
  const shown = new Set(ends);
  // A set hands out what is added while it is read.
  for (const op of shown) {
    for (const act of [...witnessesOf(replica, op), ...shieldsOf(replica, op)]) {
      if (shown.size < ends.length + MAX_STEPS) shown.add(act);
    }
  }
  return [...shown];
}

/**
 * The first that stands; where none does, the first of each person: they counted when the end became effective, and were
 * themselves ended by what came after it in rank.
 */
function witnessesOf(replica: Replica, op: OpId): readonly OpId[] {
  const { charter, view } = replica;
  const known = charter.ops.get(op);
  if (known === undefined || view === undefined) return [];
  const against = endsOfAuthor(replica, known.signed).filter((end) => !isInPast(charter, op, end));
  if (against.length === 0) return [];
  const able = orderedOps(charter).filter(({ id, principal, isLegal }) => {
    const isOther = isLegal && principal !== known.principal && isInPast(charter, op, id);
    return isOther && !against.some((end) => isInPast(charter, end, id));
  });
  const standing = able.find(({ id }) => view.stands(id));
  if (standing !== undefined) return [standing.id];
  const firsts = able.filter(({ principal }, at) => able.findIndex((other) => other.principal === principal) === at);
  return firsts.map(({ id }) => id);
}

/**
 * What came before acts that would fell an end and count for nothing: whoever holds only these takes the end for void. Of
 * a vote they may be aimed at whoever proposed it, or signed.
 */
function shieldsOf(replica: Replica, id: OpId): readonly OpId[] {
  const op = replica.charter.ops.get(id);
  if (op === undefined) return [];
  const parts = op.vote === undefined ? [op] : [op, op.vote.proposal, ...op.vote.signatures];
  return parts.flatMap((part) => shieldsOfOne(replica, part));
}

function shieldsOfOne({ charter, view }: Replica, { id, cited }: Placed): readonly OpId[] {
  const blows = charter.notable.filter(({ id: blow, targets, isLegal }) => {
    const isAimed = isLegal && targets.some((target) => cited.includes(target));
    return isAimed && !isInPast(charter, id, blow) && !isInPast(charter, blow, id);
  });
  return blows.flatMap((blow) => {
    const stood = view?.group?.disputes.filter(({ fell }) => fell === blow.id).map((dispute) => dispute.stood) ?? [];
    const { body } = blow.signed.op;
    if (stood.length > 0 || body.type !== 'equivocation') return stood;
    // Of several that accuse one device the most senior counts alone.
    const ends = view?.devices.get(body.device)?.ends ?? [];
    return ends.flatMap(({ op }) => (charter.ops.get(op)?.signed.op.body.type === 'equivocation' ? [op] : []));
  });
}

/** Of the device that signed an act, of its person, and of what it says they held. */
function endsOfAuthor({ view, charter }: Replica, { id, op: { device, auth } }: SignedOp): readonly OpId[] {
  const person = charter.ops.get(id)?.principal;
  const member = person === undefined ? undefined : view?.group?.members.get(person);
  const grants = auth.flatMap((grant) => view?.group?.grants.get(grant)?.ends ?? []);
  return [...(view?.devices.get(device)?.ends ?? []), ...(member?.ends ?? []), ...grants].map(({ op }) => op);
}
