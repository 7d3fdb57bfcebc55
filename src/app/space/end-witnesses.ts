// What shows that an end counts though whoever wrote it ended themself meanwhile, or was by their recovery key: that
// somebody else had seen it before that (core/charter/SPEC.md §4.4). Who is told of the end alone takes it for void.

import { isInPast, orderedOps } from '#core/charter/charter.ts';
import type { OpId } from '#core/charter/ids.ts';
import type { SignedOp } from '#core/charter/op.ts';
import type { Replica } from './replica.ts';

/** Whoever bears witness may have left as well meanwhile, and so on. */
const MAX_STEPS = 16;

/** Ends, each with the first act of somebody else that lets it count where it would not by itself. */
export function withWitnesses(replica: Replica, ends: readonly OpId[]): readonly OpId[] {
  const shown = new Set(ends);
  // A set hands out what is added while it is read.
  for (const op of shown) {
    const witness = shown.size < ends.length + MAX_STEPS ? witnessOf(replica, op) : undefined;
    if (witness !== undefined) shown.add(witness);
  }
  return [...shown];
}

function witnessOf(replica: Replica, op: OpId): OpId | undefined {
  const { charter, view } = replica;
  const known = charter.ops.get(op);
  if (known === undefined || view === undefined) return undefined;
  const against = endsOfAuthor(replica, known.signed).filter((end) => !isInPast(charter, op, end));
  if (against.length === 0) return undefined;
  return orderedOps(charter).find(({ id, principal }) => {
    if (principal === known.principal || !isInPast(charter, op, id)) return false;
    return view.stands(id) && !against.some((end) => isInPast(charter, end, id));
  })?.id;
}

/** Of the device that signed an act, of its person, and of what it says they held. */
function endsOfAuthor({ view, charter }: Replica, { id, op: { device, auth } }: SignedOp): readonly OpId[] {
  const person = charter.ops.get(id)?.principal;
  const member = person === undefined ? undefined : view?.group?.members.get(person);
  const grants = auth.flatMap((grant) => view?.group?.grants.get(grant)?.ends ?? []);
  return [...(view?.devices.get(device)?.ends ?? []), ...(member?.ends ?? []), ...grants].map(({ op }) => op);
}
