// The settled messages of one space in the order in which this device settled them, kept in rows of many messages each:
// one row and one commit per message would cost ten times as much.

import { concat, type Bytes } from '#core/bytes/bytes.ts';
import type { MessageId, SpaceId } from '#core/charter/ids.ts';
import type { Row } from '#core/ports.ts';
import type { ChainId } from '#core/sync/held.ts';
import type { Disk } from '../disk.ts';
import { inSteps, type Breather } from '../event-queue.ts';
import { LogIndex } from './log-index.ts';
import { encodeEntries, LogReading, Successors, type Entry } from './log-rows.ts';
import { PerChain } from './per-chain.ts';
import { WrittenHeaders } from './row-headers.ts';

export type { Entry };

/** Only the link is left of it: the body, its salt and what they were sealed in are destroyed. */
export function shredded(entry: Entry): Entry {
  entry.open?.body.fill(0);
  entry.open?.salt.fill(0);
  return { ...entry, open: undefined, message: { ...entry.message, sealed: undefined } };
}

/** A row grows up to this, with every header spelled out: little enough to be written again with each message, enough to keep rows few. */
const SEGMENT_BYTES = 24_000;
/** One that is not on disk yet is written once anyway: what comes at once, as on catching up, lies in few rows. */
const FRESH_SEGMENT_BYTES = 6 * SEGMENT_BYTES;
const SEGMENT_ENTRIES = 256;
const NUMBER_DIGITS = 9;
/** What CBOR and the fields beside message and body take, about. */
const ENTRY_OVERHEAD = 80;

interface Segment {
  readonly start: number;
  count: number;
  bytes: number;
  isDirty: boolean;
  /** It was put before, so that it is written again as it grows. */
  isPut: boolean;
  /** How it was last encoded, and with how many entries: kept while the segment grows. */
  encoded: { readonly bytes: Bytes; readonly count: number; readonly headers: WrittenHeaders } | undefined;
}

export class Log {
  readonly #collection: string;
  readonly #entries: Entry[] = [];
  readonly #places = new Map<MessageId, number>();
  readonly #segments: Segment[] = [];
  readonly #index = new LogIndex();

  constructor(space: SpaceId) {
    this.#collection = logCollection(space);
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  get(id: MessageId): Entry | undefined {
    const place = this.#places.get(id);
    return place === undefined ? undefined : this.#entries[place];
  }

  placeOf(id: MessageId): number | undefined {
    return this.#places.get(id);
  }

  /** Of messages of one kind, oldest first. New ones are in it as they settle. */
  *ofKind(kind: string): Iterable<{ readonly entry: Entry; readonly position: number }> {
    // By number: the list may begin, and grow, while it is read.
    for (let i = 0; i < this.#index.places(kind).length; i++) {
      const place = this.#index.places(kind)[i]!;
      yield { entry: this.#entries[place]!, position: this.#index.positionOf(place) };
    }
  }

  kinds(): readonly string[] {
    return this.#index.kinds();
  }

  append(entry: Entry): number {
    const size = sizeOf(entry);
    let segment = this.#segments.at(-1);
    if (segment === undefined || isFull(segment, size)) {
      this.#dropEncoded();
      segment = { start: this.#entries.length, count: 0, bytes: 0, isDirty: true, isPut: false, encoded: undefined };
      this.#segments.push(segment);
    }
    segment.count++;
    segment.bytes += size;
    segment.isDirty = true;
    return this.#keep(entry);
  }

  /** Destroys the body of a message and all that could give it back. False when there is none. */
  shred(id: MessageId): boolean {
    const place = this.#places.get(id);
    const entry = place === undefined ? undefined : this.#entries[place];
    if (place === undefined || entry?.open === undefined) return false;
    this.#replace(place, shredded(entry));
    return true;
  }

  /** The same message with the body that it was held without. */
  fill(whole: Entry): void {
    const place = this.#places.get(whole.message.id);
    if (place !== undefined) this.#replace(place, whole);
  }

  #replace(place: number, entry: Entry): void {
    this.#entries[place] = entry;
    const segment = this.#segments.findLast((candidate) => candidate.start <= place);
    if (segment === undefined) return;
    segment.isDirty = true;
    segment.encoded = undefined;
  }

  /** Puts changed rows. */
  save(disk: Disk): void {
    this.#segments.forEach((segment, number) => {
      if (!segment.isDirty) return;
      segment.isDirty = false;
      segment.isPut = true;
      disk.put(this.#collection, rowId(number), () => this.#encode(segment));
    });
  }

  #encode(segment: Segment): Bytes {
    const { start, count, encoded } = segment;
    const added = this.#entries.slice(start + (encoded?.count ?? 0), start + count);
    const headers = encoded?.headers ?? new WrittenHeaders();
    const bytes = concat(encoded?.bytes ?? new Uint8Array(0), encodeEntries(added, headers));
    // Only the last segment grows; the others are written once.
    segment.encoded = segment === this.#segments.at(-1) ? { bytes, count, headers } : undefined;
    return bytes;
  }

  #dropEncoded(): void {
    const last = this.#segments.at(-1);
    if (last?.isDirty === false) last.encoded = undefined;
  }

  /** Takes in the rows as they were stored. A damaged row is left out by whoever read them; the rest moves up. */
  async load(rows: readonly Row[], breathe?: Breather, reading = new LogReading()): Promise<number> {
    let damaged = 0;
    const successors = new Successors();
    const decoded: (Entry[] | undefined)[] = [];
    // The last row first: it names the messages before it.
    await inSteps(rows.toReversed(), breathe, (row) => {
      const entries = reading.take(row);
      if (entries !== undefined) successors.name(entries);
      decoded.push(entries);
    });
    const isWhole = !decoded.includes(undefined) && rows.every(({ id }, i) => Number(id) === i);
    await inSteps(rows, breathe, (row) => {
      while (this.#segments.length < Number(row.id)) this.#addStored(0, SEGMENT_BYTES);
      const entries = decoded.pop();
      if (entries === undefined) damaged++;
      else successors.correct(entries, isWhole);
      this.#addStored(entries?.length ?? 0, row.value.length);
      for (const entry of entries ?? []) this.#keep(entry);
    });
    return damaged;
  }

  #addStored(count: number, bytes: number): void {
    this.#segments.push({ start: this.#entries.length, count, bytes, isDirty: false, isPut: true, encoded: undefined });
  }

  #keep(entry: Entry): number {
    const place = this.#entries.length;
    this.#entries.push(entry);
    this.#places.set(entry.message.id, place);
    this.#index.note(place, entry.message.header.kind, entry.stands);
    return place;
  }
}

export function logCollection(space: SpaceId): string {
  return `log:${space}`;
}

function isFull({ bytes, count, isPut }: Segment, more: number): boolean {
  return bytes + more > (isPut ? SEGMENT_BYTES : FRESH_SEGMENT_BYTES) || count >= SEGMENT_ENTRIES;
}

function rowId(number: number): string {
  return String(number).padStart(NUMBER_DIGITS, '0');
}

function sizeOf(entry: Entry): number {
  const { bytes, sealed } = entry.message;
  return bytes.length + (sealed?.length ?? 0) + (entry.open?.body.length ?? 0) + ENTRY_OVERHEAD;
}

/** Which numbers of which chains some entries are. */
export class ChainNumbers {
  readonly chains: Numbered[] = [];
  readonly #perChain = new PerChain<Numbered>();

  note({ message: { header } }: Entry): void {
    this.#perChain.of(header, (chain) => this.#add(chain)).seqs.push(header.seq);
  }

  #add(chain: ChainId): Numbered {
    const added: Numbered = { chain, seqs: [] };
    this.chains.push(added);
    return added;
  }
}

interface Numbered {
  readonly chain: ChainId;
  readonly seqs: number[];
}
