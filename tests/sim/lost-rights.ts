// What was said to everyone without the right to, by the rule (chain/SPEC.md §8.1, chat/SPEC.md §3, docs/SPEC.md): whoever
// said it had lost what they said it by, had not heard of it, and nobody had seen it in time or built on it. A second
// reading, from headers and the facts of the charter alone; where it is in doubt a message counts. In towns rights are lost
// with roles only: rules that are made there say nothing of what was seen, and so take nothing back. A channel is void too
// where the device that made it was ended before anybody had seen it (chain/SPEC.md §8): who speaks in one whose making
// still waits for its past does not build on it.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { Cut } from '#core/charter/body-parts.ts';
import { isInPast, type Charter } from '#core/charter/charter.ts';
import { actOf } from '#core/charter/grants.ts';
import { EVERYONE, type DeviceId, type MessageId, type OpId, type PrincipalId } from '#core/charter/ids.ts';
import { roleOf, type MemberRight, type RoleId } from '#core/charter/rules.ts';
import { rulesMadeBy } from '#core/charter/rules-made.ts';
import { viewOf, type CharterView } from '#core/charter/view.ts';
import type { Message } from '#core/chain/message.ts';
import { decodeChannelBody, type ChannelId } from '#core/chat/channel.ts';
import { WireError } from '#core/wire/wire-error.ts';
import type { Book } from './person.ts';

type Replica = ReturnType<Book['spaces']>[number]['replica'];
type Entry = Replica['log']['entries'][number];

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
  /** What a loss leaves standing of what was said. */
  readonly seen: Map<OpId, ReadonlySet<MessageId>>;
}

export interface LostRights {
  /** Of `everyone`: made by who might not any more, or was ended. Nobody has them, nor what was said in them. */
  readonly channels: ReadonlySet<ChannelId>;
  /** Whether something said to everyone was said without this right. */
  readonly lacks: (id: MessageId, right: MemberRight) => boolean;
  /** Whether something said to everyone is void because its device was ended before anybody who counts had seen it. */
  readonly isBeyondEnd: (id: MessageId) => boolean;
}

export function lostRights(replicas: readonly Replica[]): LostRights {
  const charter = replicas[0]?.charter;
  const view = charter === undefined ? undefined : viewOf(charter);
  if (charter === undefined || view?.group === undefined) {
    return { channels: new Set(), lacks: () => false, isBeyondEnd: () => false };
  }
  const entries = replicas.flatMap(({ log }) => log.entries.filter(({ message }) => message.header.scope === EVERYONE));
  const said = new Map(entries.map(({ message }) => [message.id, message]));
  const reading: Reading = { charter, view, roles: rolesIn(view), said, seen: new Map() };
  const lacks = (id: MessageId, right: MemberRight): boolean => {
    const message = said.get(id);
    return message !== undefined && isWithoutRight(reading, message, right);
  };
  const beyond = (id: MessageId): boolean => {
    const message = said.get(id);
    return message !== undefined && isBeyondEnd(reading, message);
  };
  return { channels: voidChannels(reading, entries), lacks, isBeyondEnd: beyond };
}

function voidChannels(reading: Reading, entries: readonly Entry[]): ReadonlySet<ChannelId> {
  const made = new Map<ChannelId, Message[]>();
  for (const { message, open } of entries) {
    const id = message.header.kind === 'channel' && open !== undefined ? channelIn(open.body) : undefined;
    if (id !== undefined) made.set(id, [...(made.get(id) ?? []), message]);
  }
  const isVoid = (by: Message): boolean => isBeyondEnd(reading, by) || isWithoutRight(reading, by, 'channels');
  return new Set([...made].flatMap(([id, makers]) => (makers.every(isVoid) ? [id] : [])));
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

/** Its device was ended, whoever ended it names nothing that came after it, and nobody who did not know built on it. */
function isBeyondEnd(reading: Reading, { id, header }: Message): boolean {
  const ends = reading.view.devices.get(header.device as DeviceId)?.ends ?? [];
  return ends.some(({ op, frontier }) => {
    const named = frontier.flatMap(({ scope, head }) => (scope === EVERYONE ? [head] : []));
    return !ownPath(reading, named).has(id) && !pastOf(reading, unaware(reading, op)).has(id);
  });
}

function ownPath({ said }: Reading, heads: readonly MessageId[]): ReadonlySet<MessageId> {
  const path = new Set(heads);
  for (const id of path) {
    const own = said.get(id)?.header.own;
    if (own !== undefined) path.add(own);
  }
  return path;
}

/** What live devices said that had not seen an end. */
function unaware(reading: Reading, end: OpId): readonly MessageId[] {
  const { view, said } = reading;
  const isLive = ({ header }: Message): boolean => view.devices.get(header.device as DeviceId)?.isLive === true;
  return [...said.values()].flatMap((other) => (isLive(other) && !isSeen(reading, other, end) ? [other.id] : []));
}

/** Had no role by what they had seen that carries the right, but such as lost it by what counts against them. */
function isWithoutRight(reading: Reading, message: Message, right: MemberRight): boolean {
  const { charter, roles } = reading;
  const { auth, under } = message.header;
  const rules = rulesMadeBy(charter, under);
  if (rules === undefined || rules.members.includes(right)) return false;
  const mine = roles.filter(({ role, on, op, ends }) => {
    const isHeld = on === auth[0] && isSeen(reading, message, op) && !ends.some((end) => isSeen(reading, message, end));
    return isHeld && roleOf(rules, role)?.can.includes(right) === true;
  });
  return mine.every(({ losses }) => losses.some((loss) => counts(reading, message, loss)));
}

function isSeen({ charter }: Reading, { header }: Message, op: OpId): boolean {
  return header.charter.some((head) => isInPast(charter, op, head));
}

/** Nobody who knew of the loss had seen the message, and nobody who did not know built on it. */
function counts(reading: Reading, message: Message, loss: OpId): boolean {
  let seen = reading.seen.get(loss);
  if (seen === undefined) reading.seen.set(loss, (seen = seenInTime(reading, loss)));
  return !seen.has(message.id);
}

function seenInTime(reading: Reading, loss: OpId): ReadonlySet<MessageId> {
  const { view, roles, said } = reading;
  const losers = new Set(roles.flatMap(({ on, losses }) => (losses.includes(loss) ? [on] : [])));
  const isWitness = (other: Message): boolean => {
    const { device, auth } = other.header;
    const isLive = view.devices.get(device as DeviceId)?.isLive === true;
    return isLive && !losers.has(auth[0] as PrincipalId) && !isSeen(reading, other, loss);
  };
  const witnesses = [...said.values()].filter(isWitness).map(({ id }) => id);
  return pastOf(reading, [...namedBy(reading, loss).map(({ head }) => head), ...witnesses]);
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
