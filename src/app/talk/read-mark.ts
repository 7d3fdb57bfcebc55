// How far a conversation was read: here, and on this person's other devices. What others read is known message by
// message, because what stands before a place need not have been there when that place was read.

import { hex } from '#core/bytes/bytes.ts';
import { comparePlaces, type Place } from '#core/chain/place.ts';
import type { MessageId } from '#core/charter/ids.ts';
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

/** What is here of one conversation, for a mark to be moved on. */
export interface ReadHere {
  /** What is read is taken out of it. */
  readonly unread: Map<MessageId, Place>;
  readonly find: (id: MessageId) => Place | undefined;
  readonly arrivals: number;
}

/** Moves a mark on by what was read on another device (read-elsewhere.ts). */
export type MoveOn = (mark: ReadMark | undefined, here: ReadHere) => ReadMark;

/** One conversation, channel or thread that was read on: what own devices tell each other of it. */
export interface JustRead {
  readonly mark: ReadMark;
  /** Messages of others that were unread until now. */
  readonly ids: readonly MessageId[];
}

/** Messages that never arrive here are missed by nobody. */
export const MAX_ELSEWHERE = 4_000;

/** It came after the mark was set, or stands behind it, and nobody read it on another device. */
export function isUnread(message: Place & { readonly arrival: number }, read: ReadMark | undefined): boolean {
  if (read === undefined) return true;
  if (message.arrival < read.arrivals && comparePlaces(message, read) <= 0) return false;
  const { elsewhere } = read;
  if (elsewhere === undefined || elsewhere.ids.has(message.id)) return elsewhere === undefined;
  return elsewhere.before === undefined || comparePlaces(message, elsewhere.before) > 0;
}

/**
 * The person went on reading here: what they read elsewhere before stays read, and so does what a mark that came with a
 * space says of messages that are still on their way.
 */
export function readOn(before: ReadMark | undefined, to: Place, arrivals: number): ReadMark {
  const isGiven = before !== undefined && before.arrivals > arrivals;
  const elsewhere = isGiven ? givenBy(before) : before?.elsewhere;
  return { lamport: to.lamport, id: to.id, arrivals, ...(elsewhere === undefined ? {} : { elsewhere }) };
}

function givenBy({ lamport, id, elsewhere }: ReadMark): ReadElsewhere {
  const { before, ids } = elsewhere ?? { before: undefined, ids: new Set<MessageId>() };
  const own = { lamport, id };
  return { before: before !== undefined && comparePlaces(own, before) < 0 ? before : own, ids };
}

/** As it goes along with a space to a further device: whoever reads it may be of an earlier version. */
export function withoutElsewhere({ lamport, id, arrivals }: ReadMark): ReadMark {
  return { lamport, id, arrivals };
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
