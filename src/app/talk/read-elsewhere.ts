// What comes of a mark when its person read on another of their devices, and what such a device is told. Apart from the
// marks themselves: who has one device never needs it.

import { comparePlaces, type Place } from '#core/chain/place.ts';
import type { MessageId } from '#core/charter/ids.ts';
import type { OwnRead } from '#core/identity/own-message.ts';
import { MAX_ELSEWHERE, type ReadElsewhere, type ReadHere, type ReadMark } from './read-mark.ts';

/** Before anything was read. */
const NOTHING: ReadMark = { lamport: 0, id: '00'.repeat(32) as MessageId, arrivals: 0 };

/**
 * The mark with what was read elsewhere; messages read so are taken out of `unread`. Where nothing unread is left
 * before them the mark itself moves on, and only what has not arrived is remembered one by one.
 */
export function takeElsewhere(mark: ReadMark | undefined, told: ReadElsewhere, here: ReadHere): ReadMark {
  const before = later(mark?.elsewhere?.before, told.before);
  const ids = new Set([...(mark?.elsewhere?.ids ?? []), ...told.ids]);
  for (const [id, place] of here.unread) {
    if (ids.has(id) || (before !== undefined && comparePlaces(place, before) <= 0)) here.unread.delete(id);
  }
  const arrived = [...ids].flatMap((id) => here.find(id) ?? []);
  const top = arrived.reduce((last, place) => later(last, place)!, mark ?? NOTHING);
  const isLeft = [...here.unread.values()].some((place) => comparePlaces(place, top) <= 0);
  if (!isLeft) for (const { id } of arrived) ids.delete(id);
  // The oldest are forgotten first.
  const kept = [...ids].slice(-MAX_ELSEWHERE);
  const { lamport, id, arrivals } = isLeft
    ? (mark ?? NOTHING)
    : { lamport: top.lamport, id: top.id, arrivals: here.arrivals };
  const isEmpty = before === undefined && kept.length === 0;
  return { lamport, id, arrivals, ...(isEmpty ? {} : { elsewhere: { before, ids: new Set(kept) } }) };
}

/**
 * All that another device had when it gave away how far was read is here now: what comes later was not read there, wherever
 * it stands.
 */
export function allCame(mark: ReadMark, { unread, arrivals }: Pick<ReadHere, 'unread' | 'arrivals'>): ReadMark {
  const { before, ids } = mark.elsewhere ?? { before: undefined, ids: new Set<MessageId>() };
  const { lamport, id } = later(mark, before)!;
  const isLeft = [...unread.values()].some((place) => comparePlaces(place, { lamport, id }) <= 0);
  if (isLeft || (before === undefined && mark.arrivals <= arrivals)) return mark;
  return { lamport, id, arrivals, ...(ids.size === 0 ? {} : { elsewhere: { before: undefined, ids } }) };
}

function later(a: Place | undefined, b: Place | undefined): Place | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return comparePlaces(a, b) < 0 ? b : a;
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
