// How far a conversation was read: here, and on this person's other devices. What others read is known message by
// message, because what stands before a place need not have been there when that place was read.

import { hex } from '#core/bytes/bytes.ts';
import { comparePlaces, type Place } from '#core/chain/place.ts';
import type { MessageId } from '#core/charter/ids.ts';
import type { OwnRead } from '#core/identity/own-message.ts';
import type { Encodable } from '#core/wire/cbor.ts';
import { bytesOf, listOf, tuple, uintOf } from '#core/wire/fields.ts';
import { WireError } from '#core/wire/wire-error.ts';

/** Everything at or before this place that had arrived by then was seen by the person. */
export interface ReadMark extends Place {
  readonly arrivals: number;
  /** Read on another device, and not yet told by the rest of the mark. */
  readonly elsewhere?: ReadElsewhere | undefined;
}

/** Messages that were read on another device. */
export interface ReadElsewhere {
  /** Everything at or before this place, arrived or not. */
  readonly before: Place | undefined;
  readonly ids: ReadonlySet<MessageId>;
}

/** One conversation, channel or thread that was read on: what own devices tell each other of it. */
export interface JustRead {
  readonly mark: ReadMark;
  /** Messages of others that were unread until now. */
  readonly ids: readonly MessageId[];
}

/** Before anything was read. */
const NOTHING: ReadMark = { lamport: 0, id: '00'.repeat(32) as MessageId, arrivals: 0 };
/** The oldest are forgotten first: messages that never arrive here are missed by nobody. */
const MAX_ELSEWHERE = 4_000;

/** It came after the mark was set, or stands behind it, and nobody read it on another device. */
export function isUnread(message: Place & { readonly arrival: number }, read: ReadMark | undefined): boolean {
  if (read === undefined) return true;
  if (message.arrival < read.arrivals && comparePlaces(message, read) <= 0) return false;
  const { elsewhere } = read;
  if (elsewhere === undefined || elsewhere.ids.has(message.id)) return elsewhere === undefined;
  return elsewhere.before === undefined || comparePlaces(message, elsewhere.before) > 0;
}

/** The person went on reading here: what they read elsewhere before stays read. */
export function readOn(before: ReadMark | undefined, to: Place, arrivals: number): ReadMark {
  const elsewhere = before?.elsewhere;
  return { lamport: to.lamport, id: to.id, arrivals, ...(elsewhere === undefined ? {} : { elsewhere }) };
}

/**
 * The mark with what was read elsewhere; messages read so are taken out of `unread`. Where nothing unread is left
 * before them the mark itself moves on, and only what has not arrived is remembered one by one.
 */
export function takeElsewhere(
  mark: ReadMark | undefined,
  told: ReadElsewhere,
  here: {
    readonly unread: Map<MessageId, Place>;
    readonly find: (id: MessageId) => Place | undefined;
    readonly arrivals: number;
  },
): ReadMark {
  const before = later(mark?.elsewhere?.before, told.before);
  const ids = new Set([...(mark?.elsewhere?.ids ?? []), ...told.ids]);
  for (const [id, place] of here.unread) {
    if (ids.has(id) || (before !== undefined && comparePlaces(place, before) <= 0)) here.unread.delete(id);
  }
  const arrived = [...ids].flatMap((id) => here.find(id) ?? []);
  const top = arrived.reduce((last, place) => later(last, place)!, mark ?? NOTHING);
  const isLeft = [...here.unread.values()].some((place) => comparePlaces(place, top) <= 0);
  if (!isLeft) for (const { id } of arrived) ids.delete(id);
  const kept = [...ids].slice(-MAX_ELSEWHERE);
  const { lamport, id, arrivals } = isLeft
    ? (mark ?? NOTHING)
    : { lamport: top.lamport, id: top.id, arrivals: here.arrivals };
  const isEmpty = before === undefined && kept.length === 0;
  return { lamport, id, arrivals, ...(isEmpty ? {} : { elsewhere: { before, ids: new Set(kept) } }) };
}

function later(a: Place | undefined, b: Place | undefined): Place | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return comparePlaces(a, b) < 0 ? b : a;
}

/** As it goes along with a space to a further device: whoever reads it may be of an earlier version. */
export function withoutElsewhere({ lamport, id, arrivals }: ReadMark): ReadMark {
  return { lamport, id, arrivals };
}

/** What a further device is told besides, once it has the space: all that a mark says, or what the above leaves out. */
export function readBefore(
  of: Pick<OwnRead, 'space' | 'channel' | 'thread'>,
  mark: ReadMark | undefined,
  isWhole: boolean,
): readonly OwnRead[] {
  if (mark === undefined || (!isWhole && mark.elsewhere === undefined)) return [];
  const { before, ids } = mark.elsewhere ?? { before: undefined, ids: new Set<MessageId>() };
  return [{ ...of, before: isWhole ? later(mark, before) : before, ids: [...ids] }];
}

export function spellReadMark({ lamport, id, arrivals, elsewhere }: ReadMark): Encodable {
  const own = [lamport, hex.decode(id)!, arrivals];
  if (elsewhere === undefined) return own;
  const { before, ids } = elsewhere;
  const place = before === undefined ? [] : [before.lamport, hex.decode(before.id)!];
  return [...own, place, [...ids].map((message) => hex.decode(message)!)];
}

/** Throws `WireError`. */
export function readReadMark(value: unknown, structure: string): ReadMark {
  const parts = listOf(value, structure, 5);
  if (parts.length !== 3 && parts.length !== 5) throw new WireError('bad-field', structure);
  const [lamport, id, arrivals, place, ids] = parts;
  const own = { ...placeOf([lamport, id], structure), arrivals: uintOf(arrivals, structure) };
  if (place === undefined) return own;
  const before = listOf(place, structure, 2).length === 0 ? undefined : placeOf(place, structure);
  const messages = listOf(ids, structure, MAX_ELSEWHERE).map((message) => idOf(message, structure));
  return { ...own, elsewhere: { before, ids: new Set(messages) } };
}

function placeOf(value: unknown, structure: string): Place {
  const [lamport, id] = tuple(value, structure, 2);
  return { lamport: uintOf(lamport, structure), id: idOf(id, structure) };
}

function idOf(value: unknown, structure: string): MessageId {
  return hex.encode(bytesOf(value, structure, 32)) as MessageId;
}
