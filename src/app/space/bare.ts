// What comes without its body: only what its author or the rules can delete may, and in a group what was said before one
// came, and what checkpoints replace. In a group it shows by what a body may be gone; else who passes it on left it out,
// and others are asked (core/sync/SPEC.md §6).

import type { DeviceId, MessageId, PrincipalId } from '#core/charter/ids.ts';
import type { Message } from '#core/chain/message.ts';
import { VANISHING } from '#core/chat/body.ts';
import { claimedTime } from '#core/chat/retention.ts';
import { CLOCK_TOLERANCE } from '#core/chat/timeline.ts';
import { isWithheld } from '#core/keys/entitled.ts';
import type { Millis } from '#core/ports.ts';
import type { OpenMessage } from '#core/sync/open-run.ts';
import { knowsWhen, mayGoBare } from './bodies-for.ts';
import type { Replica } from './replica.ts';

/** Nothing shows yet that it may come so: what takes it back mostly comes soon after. */
interface Bare {
  readonly said: OpenMessage;
  /** Who gave it so. */
  readonly by: ReadonlySet<PrincipalId>;
}

const bareOnes = new WeakMap<Replica, Map<MessageId, Bare>>();
const MAX_BARE = 256;
/** How far back is looked for something whose time is known. */
const MAX_LOOKED_AT = 64;

/** What may be held: also of what came without a body before, as far as it shows now that it may. */
export function withBare(
  replica: Replica,
  found: readonly OpenMessage[],
  from: boolean | DeviceId,
): readonly OpenMessage[] {
  for (const { message, open } of found) if (open !== undefined) foresee(replica, { message, open });
  const waiting = bareOnes.get(replica) ?? new Map<MessageId, Bare>();
  bareOnes.set(replica, waiting);
  const without = found.filter(({ open }) => open === undefined);
  if (without.length === 0 && waiting.size === 0) return found;
  const together = new Map(found.map((said) => [said.message.id, said]));
  const giver = typeof from === 'boolean' ? undefined : replica.principalOf(from);
  for (const { message, open } of found) {
    if (open !== undefined || replica.hasMessage(message)) waiting.delete(message.id);
  }
  const fresh = without.flatMap((said): Bare[] => {
    const known = waiting.get(said.message.id)?.by ?? [];
    const by = new Set(giver === undefined ? known : [...known, giver]);
    return replica.hasMessage(said.message) ? [] : [{ said, by }];
  });
  for (const bare of fresh) waiting.delete(bare.said.message.id);
  const all = [...waiting.values(), ...fresh];
  waiting.clear();
  const held = new Set<MessageId>();
  for (const bare of all) {
    const { id } = bare.said.message;
    if (mayBeBare(replica, bare, together)) held.add(id);
    else if (waiting.size < MAX_BARE) waiting.set(id, bare);
  }
  const earlier = all.flatMap(({ said: { message, open } }) => {
    return held.has(message.id) && !together.has(message.id) ? [{ message, open }] : [];
  });
  return [...earlier, ...found.filter(({ message, open }) => open !== undefined || held.has(message.id))];
}

/** What says of others that they may come without bodies often comes together with them. */
function foresee(replica: Replica, { message, open }: OpenMessage): void {
  const { kind } = message.header;
  if (kind !== 'doc.checkpoint' && kind !== 'attest' && kind !== 'delete') return;
  const heardAt = replica.context.clock.now();
  if (!replica.hasMessage(message)) replica.lasting.note({ message, open, arrival: 0, heardAt, stands: true });
}

type Together = ReadonlyMap<MessageId, OpenMessage>;

function mayBeBare(replica: Replica, { said, by }: Bare, together: Together): boolean {
  const { message } = said;
  const { header } = message;
  if (replica.lasting.isCovered(header)) return true;
  if (!knowsWhen(replica.charter, header)) return isSaidToBeGone(replica, { said, by }, together);
  if (isWithheld(replica.charter, replica.identity.device, header)) return true;
  if (mayGoBare(replica, header) && cameLater(replica, by, header)) return true;
  return isSaidToBeGone(replica, { said, by }, together);
}

/** Of those who gave it so one cannot have more of it: it was said before they came. */
function cameLater({ charter, view }: Replica, by: ReadonlySet<PrincipalId>, header: Message['header']): boolean {
  const givers = [...(view?.devices.values() ?? [])].filter(({ principal, isLive }) => isLive && by.has(principal));
  return givers.some(({ device }) => isWithheld(charter, device, header));
}

/** Its author or the rules let it disappear, and it may be time. */
function isSaidToBeGone(replica: Replica, { said: { message }, by }: Bare, together: Together): boolean {
  const { header } = message;
  if (!VANISHING.has(header.kind)) return false;
  // One person can leave out what they like; an own device does not.
  const isSure = by.size > 1 || [...by].some((person) => person === replica.me?.principal);
  return replica.lasting.mayBeGone(message, () => (isSure ? undefined : saidAfter(replica, message, together)));
}

/** A time at which something was said that a message rests on: the latest that is known near it. */
export function saidAfter(replica: Replica, { header }: Message, together: Together = new Map()): Millis | undefined {
  const now = replica.context.clock.now();
  const past = new Set(restsOn(header));
  let latest: number | undefined;
  // A set hands out what is added while it is read.
  for (const id of past) {
    const held = replica.log.get(id) ?? replica.pending.get(id);
    const known = held ?? together.get(id);
    if (known === undefined || past.size > MAX_LOOKED_AT) continue;
    const { message, open } = known;
    const heardAt = held?.heardAt ?? now;
    const isOwn = message.header.device === replica.identity.device;
    const claimed = isOwn ? heardAt : open === undefined ? undefined : claimedTime(open.body);
    if (claimed === undefined) for (const before of restsOn(message.header)) past.add(before);
    else latest = Math.max(latest ?? 0, Math.min(claimed, heardAt + CLOCK_TOLERANCE));
  }
  return latest as Millis | undefined;
}

function restsOn({ own, seen }: Message['header']): readonly MessageId[] {
  return own === undefined ? seen : [own, ...seen];
}
