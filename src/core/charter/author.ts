// Whether a message's author was who it says, by the charter heads that the header cites (charter/SPEC.md §5).

import type { Charter } from './charter.ts';
import { bindingsOf, grantNamed, isRecoveryGrant, readGrants } from './grants.ts';
import type { Header } from './header.ts';
import { EVERYONE, type DeviceId, type GrantId, type OpId } from './ids.ts';
import { isGroupSpace, isWithinBranches, joinPasts, type Past, type Placed } from './past.ts';
import { situationIn } from './situation.ts';

/** `missing`: ops it cites are not here. `newer`: rests on ops this app does not interpret. */
export type AuthorVerdict = 'sound' | 'missing' | 'newer' | 'bad';

/** Kept for each op, so that thousands of messages under the same heads join their pasts once. */
const joined = new WeakMap<Placed, Map<string, Past>>();

/**
 * Depends on the cited ops' past only, so all replicas agree. Whether the device was ended later is another question
 * (`ends` in the view).
 */
export function checkAuthor(charter: Charter, header: Header): AuthorVerdict {
  const heads = header.charter.map((id) => charter.ops.get(id));
  if (heads.some((head) => head === undefined)) return 'missing';
  const past = joinedPast(heads as readonly Placed[], header.charter);
  const newest = past.newest(charter.course.chains.get(header.device));
  if (!isWithinBranches(past)) return 'bad';
  // A device that signed two ops of one number cites a past in which it contradicts itself.
  if (newest.length > 1) return 'bad';
  const signed = newest[0] === undefined ? 0 : newest[0].signed.op.seq + 1;
  if (signed !== header.opSeq || header.space !== charter.space) return 'bad';
  // A recovery key manages devices; it never says anything.
  if (header.auth.length < 2 || isRecoveryGrant(header.auth[1]!)) return 'bad';
  const reading = readGrants(header, past, charter);
  if (reading === 'uninterpreted') return 'newer';
  return reading === 'known' && isOfGroup(charter, header, past) ? 'sound' : 'bad';
}

/** In a group: by the rules in force where it was written, and by a holder of the role it is written to. */
function isOfGroup(charter: Charter, { scope, auth, under }: Header, past: Past): boolean {
  if (!isGroupSpace(charter)) return true;
  const isReader = scope === EVERYONE || auth.some((id) => (grantNamed(id, charter)?.role as string) === scope);
  return isReader && situationIn(charter, past).charter.id === under;
}

/**
 * Whether what a header cites was its author's by what they had seen: granted by who might, and neither ended nor void in
 * those very ops. Structure alone does not say so: anybody can make an op that grants them something.
 */
export function citesHeld(charter: Charter, { charter: ids, auth, device }: Header): boolean {
  if (!isGroupSpace(charter)) return true;
  const heads = ids.map((id) => charter.ops.get(id));
  if (heads.some((head) => head === undefined)) return true;
  const situation = situationIn(charter, joinedPast(heads as readonly Placed[], ids));
  const [membership, binding, ...roles] = auth as [GrantId, GrantId, ...GrantId[]];
  const held = situation.rolesOf(membership);
  return (
    situation.isMember(membership) &&
    situation.isBound(binding, device) &&
    roles.every((role) => held.some(({ id }) => id === role))
  );
}

function joinedPast(heads: readonly Placed[], ids: readonly OpId[]): Past {
  const [first] = heads;
  if (heads.length === 1) return first!.past;
  const known = joined.get(first!) ?? new Map<string, Past>();
  joined.set(first!, known);
  const key = ids.join();
  const past = known.get(key) ?? joinPasts(heads);
  known.set(key, past);
  return past;
}

const bound = new WeakMap<Charter['ops'], ReadonlySet<DeviceId>>();

/**
 * Whether a device may have been sound at some time: an op binds it, whatever became of that op. Others who did not know
 * better may have cited what it said.
 */
export function wasEverBound({ ops }: Charter, device: DeviceId): boolean {
  let devices = bound.get(ops);
  if (devices === undefined) {
    devices = new Set([...ops.values()].flatMap((op) => bindingsOf(op).map((binding) => binding.device)));
    bound.set(ops, devices);
  }
  return devices.has(device);
}
