// What was read here and on other devices, under every order of events.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparePlaces, type Place } from '#core/chain/place.ts';
import type { MessageId } from '#core/charter/ids.ts';
import { decode, encode } from '#core/wire/cbor.ts';
import { allCame, takeElsewhere } from './read-elsewhere.ts';
import { isUnread, readOn, readReadMark, spellReadMark, type ReadMark } from './read-mark.ts';

const PLACES: readonly Place[] = Array.from({ length: 12 }, (_, i) => {
  return { lamport: 1 + Math.floor(i / 3), id: i.toString(16).padStart(64, '0') as MessageId };
});

/** A device as far as reading goes: what arrived, in which order, and its mark, which goes through the disk. */
class Reader {
  readonly arrived: Place[] = [];
  readonly unread = new Map<MessageId, Place>();
  mark: ReadMark | undefined;

  hear(place: Place): void {
    if (this.arrived.includes(place)) return;
    const arrival = this.arrived.push(place) - 1;
    if (isUnread({ ...place, arrival }, this.mark)) this.unread.set(place.id, place);
  }

  /** As a person does who sees all up to a place that is here; gives what was unread till then. */
  read(upTo: Place): readonly MessageId[] {
    if (!this.arrived.includes(upTo)) return [];
    const ids = [...this.unread.values()].filter((place) => comparePlaces(place, upTo) <= 0).map(({ id }) => id);
    for (const id of ids) this.unread.delete(id);
    const isBehind = this.mark !== undefined && comparePlaces(upTo, this.mark) <= 0;
    this.#keep(readOn(this.mark, isBehind ? this.mark! : upTo, this.arrived.length));
    return ids;
  }

  take(ids: readonly MessageId[]): void {
    const find = (id: MessageId): Place | undefined => this.arrived.find((place) => place.id === id);
    const here = { unread: this.unread, find, arrivals: this.arrived.length };
    this.#keep(takeElsewhere(this.mark, { before: undefined, ids: new Set(ids) }, here));
  }

  #keep(mark: ReadMark): void {
    this.mark = readReadMark(decode(encode(spellReadMark(mark)), 'read row', 100_000), 'read row');
  }

  /** As after a start. */
  stillUnread(): readonly MessageId[] {
    return this.arrived.flatMap((place, arrival) => (isUnread({ ...place, arrival }, this.mark) ? [place.id] : []));
  }
}

const step = fc.record({
  who: fc.nat(1),
  does: fc.constantFrom('hear', 'read', 'hear of reading'),
  of: fc.nat(PLACES.length - 1),
});

test('what a person has read is the union of what their devices say, in whichever order all of it comes', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const readers = [new Reader(), new Reader()] as const;
      const told: MessageId[][] = [[], []];
      const read = new Set<MessageId>();
      for (const { who, does, of } of steps) {
        const reader = readers[who as 0 | 1];
        if (does === 'hear') reader.hear(PLACES[of]!);
        else if (does === 'hear of reading') reader.take(told[1 - who]!.splice(0));
        else {
          const ids = reader.read(PLACES[of]!);
          for (const id of ids) read.add(id);
          told[who]!.push(...ids);
        }
      }
      readers.forEach((reader, who) => reader.take(told[1 - who]!));
      for (const place of PLACES) for (const reader of readers) reader.hear(place);
      const left = PLACES.map(({ id }) => id).filter((id) => !read.has(id));
      for (const reader of readers) {
        expect([...reader.unread.keys()].sort()).toEqual(left);
        expect([...reader.stillUnread()].sort()).toEqual(left);
      }
    }),
  );
});

test('once nothing unread is left before it, what was read elsewhere is remembered by its place alone', () => {
  const reader = new Reader();
  for (const place of PLACES) reader.hear(place);
  reader.take([PLACES[1]!.id]);
  expect(reader.mark?.elsewhere?.ids.size).toBe(1);
  reader.take([PLACES[0]!.id]);
  expect(reader.mark).toEqual({ ...PLACES[1], arrivals: PLACES.length });
});

test('a mark that came with a space counts for what is on its way, whatever is read meanwhile, and for nothing that is late', () => {
  const [first, second, third, given] = PLACES as [Place, Place, Place, Place];
  const reader = new Reader();
  reader.mark = { ...given, arrivals: Number.MAX_SAFE_INTEGER };
  reader.hear(given);
  const [, , , , , , , newer] = PLACES as readonly Place[];
  reader.hear(newer!);
  expect(reader.read(newer!)).toEqual([newer!.id]);
  for (const place of [first, second]) reader.hear(place);
  expect(reader.stillUnread()).toEqual([]);
  const mark = allCame(reader.mark, { unread: reader.unread, arrivals: reader.arrived.length });
  reader.mark = mark;
  reader.hear(third);
  expect(reader.stillUnread()).toEqual([third.id]);
  expect(allCame(mark, { unread: new Map(), arrivals: reader.arrived.length })).toBe(mark);
});
