// The settled messages of one space in the order in which this device settled them, kept in rows of many messages each:
// one row and one commit per message would cost ten times as much.

import { concat, type Bytes } from '#core/bytes/bytes.ts';
import { messageIdOf, type Header } from '#core/charter/header.ts';
import type { Incarnation, MessageId, Scope, SpaceId } from '#core/charter/ids.ts';
import { ItemReader, Recalled } from '#core/wire/item-reader.ts';
import { encodeMessage, MAX_SEALED_BODY_BYTES, messageOf, type Message, type OpenBody } from '#core/chain/message.ts';
import { MAX_HEADER_BYTES } from '#core/charter/evidence-body.ts';
import type { Signature } from '#core/crypto/suite.ts';
import type { Millis, Row } from '#core/ports.ts';
import { encode } from '#core/wire/cbor.ts';
import { WireError } from '#core/wire/wire-error.ts';
import type { ChainId } from '#core/sync/held.ts';
import type { Disk } from '../disk.ts';
import { inSteps, type Breather } from '../event-queue.ts';
import { LogIndex } from './log-index.ts';

export interface Entry {
  readonly message: Message;
  /** How many messages this device had heard in this space before, settled or not. */
  readonly arrival: number;
  readonly heardAt: Millis;
  /** `undefined`: the body was destroyed, the link stays. */
  readonly open: OpenBody | undefined;
  /** False: breaks a rule, kept as a link only and never handed out. */
  readonly stands: boolean;
}

/** Only the link is left of it: the body, its salt and what they were sealed in are destroyed. */
export function shredded(entry: Entry): Entry {
  entry.open?.body.fill(0);
  entry.open?.salt.fill(0);
  return { ...entry, open: undefined, message: { ...entry.message, sealed: undefined } };
}

/** A row grows up to this: little enough to be written again with each message, enough to keep rows few. */
const SEGMENT_BYTES = 24_000;
const SEGMENT_ENTRIES = 256;
const MAX_ENTRY_BYTES = 1_000_000;
const LENGTH_BYTES = 4;
const SIGNATURE_BYTES = 64;
const NUMBER_DIGITS = 9;
/** What CBOR and the fields beside message and body take, about. */
const ENTRY_OVERHEAD = 80;

interface Segment {
  readonly start: number;
  count: number;
  bytes: number;
  isDirty: boolean;
  /** How it was last encoded, and with how many entries: kept while the segment grows. */
  encoded: { readonly bytes: Bytes; readonly count: number } | undefined;
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
    if (segment === undefined || segment.bytes + size > SEGMENT_BYTES || segment.count >= SEGMENT_ENTRIES) {
      this.#dropEncoded();
      segment = { start: this.#entries.length, count: 0, bytes: 0, isDirty: true, encoded: undefined };
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
      disk.put(this.#collection, rowId(number), () => this.#encode(segment));
    });
  }

  #encode(segment: Segment): Bytes {
    const { start, count, encoded } = segment;
    const added = this.#entries.slice(start + (encoded?.count ?? 0), start + count);
    const bytes = concat(encoded?.bytes ?? new Uint8Array(0), encodeEntries(added));
    // Only the last segment grows; the others are written once.
    segment.encoded = segment === this.#segments.at(-1) ? { bytes, count } : undefined;
    return bytes;
  }

  #dropEncoded(): void {
    const last = this.#segments.at(-1);
    if (last?.isDirty === false) last.encoded = undefined;
  }

  /** Takes in the rows as they were stored. A damaged row is left out by whoever read them; the rest moves up. */
  async load(rows: readonly Row[], breathe?: Breather): Promise<number> {
    let damaged = 0;
    const successors = new Successors();
    const decoded: (Entry[] | undefined)[] = [];
    // The last row first: it names the messages before it.
    await inSteps(rows.toReversed(), breathe, (row) => void decoded.push(tryDecode(row.value, successors)));
    await inSteps(rows, breathe, (row) => {
      while (this.#segments.length < Number(row.id)) this.#addStored(0, SEGMENT_BYTES);
      const entries = decoded.pop();
      if (entries === undefined) damaged++;
      this.#addStored(entries?.length ?? 0, row.value.length);
      for (const entry of entries ?? []) this.#keep(entry);
    });
    return damaged;
  }

  #addStored(count: number, bytes: number): void {
    this.#segments.push({ start: this.#entries.length, count, bytes, isDirty: false, encoded: undefined });
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

function rowId(number: number): string {
  return String(number).padStart(NUMBER_DIGITS, '0');
}

function sizeOf(entry: Entry): number {
  const { bytes, sealed } = entry.message;
  return bytes.length + (sealed?.length ?? 0) + (entry.open?.body.length ?? 0) + ENTRY_OVERHEAD;
}

/** Each entry with its length in front, so that a row grows without being made anew. */
export function encodeEntries(entries: readonly Entry[]): Bytes {
  const encoded = entries.map(encodeEntry);
  return concat(...encoded.flatMap((entry) => [u32(entry.length), entry]));
}

function encodeEntry(entry: Entry): Bytes {
  const open = entry.open === undefined ? [] : [entry.open.salt, entry.open.body];
  return encode([encodeMessage(entry.message), entry.arrival, entry.heardAt, entry.stands ? 1 : 0, open]);
}

/**
 * Ids of stored messages, as those that follow them name them: a message that stands was found to rest on the one
 * before it when it came, and hashing ten thousand headers again would keep a person waiting.
 */
class Successors {
  /** One for each scope: an incarnation has a chain in each. */
  readonly #last = new Map<Scope, Map<Incarnation, Header>>();

  idOf(header: Header, bytes: Bytes, stands: boolean): MessageId {
    let chains = this.#last.get(header.scope);
    if (chains === undefined) this.#last.set(header.scope, (chains = new Map()));
    const next = chains.get(header.incarnation);
    const isNext = next?.seq === header.seq + 1 && next.device === header.device;
    if (stands) chains.set(header.incarnation, header);
    return isNext && stands ? next.own! : messageIdOf(bytes);
  }
}

/** Throws `WireError`. The entries are parts of `bytes`, which must not change any more. */
export function decodeEntries(bytes: Bytes, successors: Successors = new Successors()): Entry[] {
  const spelled = cutEntries(bytes);
  // Neighbours repeat most of their ids: one string for all saves half of the time and memory.
  const recalled = new Recalled();
  const entries: Entry[] = [];
  for (let i = spelled.length - 1; i >= 0; i--) entries.push(decodeEntry(spelled[i]!, recalled, successors));
  return entries.reverse();
}

function cutEntries(bytes: Bytes): Bytes[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Bytes[] = [];
  for (let at = 0; at < bytes.length;) {
    if (at + LENGTH_BYTES > bytes.length) throw new WireError('truncated', 'log');
    const end = at + LENGTH_BYTES + view.getUint32(at);
    if (end > bytes.length) throw new WireError('truncated', 'log');
    entries.push(bytes.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
  return entries;
}

function decodeEntry(bytes: Bytes, recalled: Recalled, successors: Successors): Entry {
  const read = new ItemReader(bytes, 'log');
  if (read.list(5) !== 5) throw new WireError('bad-field', 'log');
  const encoded = read.viewUpTo(MAX_ENTRY_BYTES);
  const [arrival, heardAt, stands] = [read.uint(), read.uint() as Millis, read.uint() === 1];
  const parts = read.list(2);
  const open = parts === 0 ? undefined : { salt: read.view(32), body: read.viewUpTo(MAX_ENTRY_BYTES) };
  read.end();
  const message = readMessage(encoded, recalled, (header, at) => successors.idOf(header, at, stands));
  return { message, arrival, heardAt, open, stands };
}

/** As `decodeMessage`, item by item: ten thousand of these stand between a person and their conversation. */
function readMessage(encoded: Bytes, recalled: Recalled, idOf: (header: Header, bytes: Bytes) => MessageId): Message {
  const read = new ItemReader(encoded, 'log');
  if (read.list(3) !== 3) throw new WireError('bad-field', 'log');
  const bytes = read.viewUpTo(MAX_HEADER_BYTES);
  const signature = read.optionalViewUpTo(SIGNATURE_BYTES) as Signature | undefined;
  const sealed = read.optionalViewUpTo(MAX_SEALED_BODY_BYTES);
  read.end();
  if (signature !== undefined && signature.length !== SIGNATURE_BYTES) throw new WireError('bad-field', 'log');
  return messageOf(bytes, { signature, sealed }, recalled, idOf);
}

function u32(value: number): Bytes {
  const bytes = new Uint8Array(LENGTH_BYTES);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function tryDecode(bytes: Bytes, successors: Successors): Entry[] | undefined {
  try {
    return decodeEntries(bytes, successors);
  } catch (cause) {
    if (cause instanceof WireError) return undefined;
    throw cause;
  }
}

/** Which numbers of which chains some entries are. */
export class ChainNumbers {
  readonly chains: { readonly chain: ChainId; readonly seqs: number[] }[] = [];
  // An incarnation has one chain in each scope; the look-up is made for each of ten thousand messages.
  readonly #byIncarnation = new Map<Incarnation, typeof this.chains>();

  note({ message }: Entry): void {
    const { device, incarnation, scope, seq } = message.header;
    let known = this.#byIncarnation.get(incarnation);
    if (known === undefined) this.#byIncarnation.set(incarnation, (known = []));
    let found = known.find(({ chain }) => chain.device === device && chain.scope === scope);
    if (found === undefined) {
      found = { chain: { device, incarnation, scope }, seqs: [] };
      known.push(found);
      this.chains.push(found);
    }
    found.seqs.push(seq);
  }
}
