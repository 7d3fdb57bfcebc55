// Channels that nobody has, by the rule (chain/SPEC.md §8.1, chat/SPEC.md §3): whoever made them had lost what they made
// them by, had not heard of it, and nobody had seen it in time or built on it. A second reading, from headers and the
// facts of the charter alone; where it is in doubt a channel counts. In towns rights are lost with roles only: rules that
// are made there say nothing of what was seen, and so take nothing back.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { Cut } from '#core/charter/body-parts.ts';
import { isInPast, type Charter } from '#core/charter/charter.ts';
import { actOf } from '#core/charter/grants.ts';
import { EVERYONE, type DeviceId, type MessageId, type OpId, type PrincipalId } from '#core/charter/ids.ts';
import { roleOf, type RoleId } from '#core/charter/rules.ts';
import { rulesMadeBy } from '#core/charter/rules-made.ts';
import { viewOf, type CharterView } from '#core/charter/view.ts';
import type { Message } from '#core/chain/message.ts';
import { decodeChannelBody, type ChannelId } from '#core/chat/channel.ts';
import { WireError } from '#core/wire/wire-error.ts';
import type { Book } from './person.ts';

type Replica = ReturnType<Book['spaces']>[number]['replica'];

/** A role that somebody had, or seemed to have, and what took it from them. */
interface Had {
  readonly role: RoleId;
  readonly on: PrincipalId;
  readonly op: OpId;
  /** By others: who gives up a role loses nothing by it. */
  readonly losses: readonly OpId[];
  readonly ends: readonly OpId[];
}

interface Reading {
  readonly charter: Charter;
  readonly view: CharterView;
  readonly roles: readonly Had[];
  /** What was said to everyone, by all who are in. */
  readonly said: ReadonlyMap<MessageId, Message>;
}

/** Of `everyone`. */
export function lostChannels(replicas: readonly Replica[]): ReadonlySet<ChannelId> {
  const charter = replicas[0]?.charter;
  const view = charter === undefined ? undefined : viewOf(charter);
  if (charter === undefined || view?.group === undefined) return new Set();
  const entries = replicas.flatMap(({ log }) => log.entries.filter(({ message }) => message.header.scope === EVERYONE));
  const said = new Map(entries.map(({ message }) => [message.id, message]));
  const reading = { charter, view, roles: rolesIn(view), said };
  const made = new Map<ChannelId, Message[]>();
  for (const { message, open } of entries) {
    const id = message.header.kind === 'channel' && open !== undefined ? channelIn(open.body) : undefined;
    if (id !== undefined) made.set(id, [...(made.get(id) ?? []), message]);
  }
  return new Set([...made].flatMap(([id, makers]) => (makers.every((by) => isWithoutRight(reading, by)) ? [id] : [])));
}

/** Who keeps no rules may say anything. */
function channelIn(body: Bytes): ChannelId | undefined {
  try {
    return decodeChannelBody(body).id;
  } catch (cause) {
    if (cause instanceof WireError) return undefined;
    throw cause;
  }
}

function rolesIn(view: CharterView): readonly Had[] {
  const held = [...view.group!.grants.values()].flatMap(({ role, on, op, ends }) => {
    const losses = ends.flatMap((end) => (end.how === 'left' ? [] : [end.op]));
    return role === undefined ? [] : [{ role, on, op, losses, ends: ends.map((end) => end.op) }];
  });
  const fallen = view.fallen().flatMap(({ role, on, op, by }) => {
    return role === undefined ? [] : [{ role, on, op, losses: by, ends: by }];
  });
  return [...held, ...fallen];
}

/** Had no role by what they had seen that carries the right, but such as lost it by what counts against them. */
function isWithoutRight(reading: Reading, message: Message): boolean {
  const { charter, roles } = reading;
  const { auth, under } = message.header;
  const rules = rulesMadeBy(charter, under);
  if (rules === undefined || rules.members.includes('channels')) return false;
  const mine = roles.filter(({ role, on, op, ends }) => {
    const isHeld = on === auth[0] && isSeen(reading, message, op) && !ends.some((end) => isSeen(reading, message, end));
    return isHeld && roleOf(rules, role)?.can.includes('channels') === true;
  });
  return mine.every(({ losses }) => losses.some((loss) => counts(reading, message, loss)));
}

function isSeen({ charter }: Reading, { header }: Message, op: OpId): boolean {
  return header.charter.some((head) => isInPast(charter, op, head));
}

/** Nobody who knew of the loss had seen the message, and nobody who did not know built on it. */
function counts(reading: Reading, message: Message, loss: OpId): boolean {
  const { view, roles, said } = reading;
  if (
    pastOf(
      reading,
      namedBy(reading, loss).map(({ head }) => head),
    ).has(message.id)
  )
    return false;
  const losers = new Set(roles.flatMap(({ on, losses }) => (losses.includes(loss) ? [on] : [])));
  const isWitness = (other: Message): boolean => {
    const { device, auth } = other.header;
    const isLive = view.devices.get(device as DeviceId)?.isLive === true;
    return isLive && !losers.has(auth[0] as PrincipalId) && !isSeen(reading, other, loss);
  };
  const witnesses = [...said.values()].filter(isWitness).map(({ id }) => id);
  return !pastOf(reading, witnesses).has(message.id);
}

/** What a loss names itself, and what was said to complete it. */
function namedBy({ charter, view }: Reading, loss: OpId): readonly Cut[] {
  const act = actOf(charter.ops.get(loss)!);
  const own = act?.type === 'revoke' ? act.frontier : [];
  const later = [...charter.ops.values()].flatMap(({ id, signed }) => {
    const { body } = signed.op;
    return body.type === 'frontier' && body.revoke === loss && view.stands(id) ? body.frontier : [];
  });
  return [...own, ...later].filter(({ scope }) => scope === EVERYONE);
}

function pastOf({ said }: Reading, heads: readonly MessageId[]): ReadonlySet<MessageId> {
  const past = new Set(heads);
  // A set hands out what is added while it is read.
  for (const id of past) {
    const header = said.get(id)?.header;
    if (header?.own !== undefined) past.add(header.own);
    for (const before of header?.seen ?? []) past.add(before);
  }
  return past;
}
