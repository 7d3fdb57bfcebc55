// The settled messages of one space in the order in which this device settled them, kept in rows of many messages each:
// one row and one commit per message would cost ten times as much.

import { concat, type Bytes } from '#core/bytes/bytes.ts';
import type { MessageId, SpaceId } from '#core/charter/ids.ts';
import { ItemReader, Recalled } from '#core/charter/header-bytes.ts';
import { encodeMessage, MAX_SEALED_BODY_BYTES, messageOf, type Message, type OpenBody } from '#core/chain/message.ts';
import { MAX_HEADER_BYTES } from '#core/charter/op-body.ts';
import type { Signature } from '#core/crypto/suite.ts';
import type { Millis, Row } from '#core/ports.ts';
import { encode } from '#core/wire/cbor.ts';
import { WireError } from '#core/wire/wire-error.ts';
import type { Disk } from '../disk.ts';

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
  /** Encoded entries, kept while the segment grows. */
  encoded: Bytes[] | undefined;
}

export class Log {
  readonly #collection: string;
  readonly #entries: Entry[] = [];
  readonly #places = new Map<MessageId, number>();
  readonly #segments: Segment[] = [];

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

  append(entry: Entry): number {
    const size = sizeOf(entry);
    let segment = this.#segments.at(-1);
    if (segment === undefined || segment.bytes + size > SEGMENT_BYTES || segment.count >= SEGMENT_ENTRIES) {
      this.#dropEncoded();
      segment = { start: this.#entries.length, count: 0, bytes: 0, isDirty: true, encoded: [] };
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
    entry.open.body.fill(0);
    entry.open.salt.fill(0);
    this.#entries[place] = { ...entry, open: undefined, message: { ...entry.message, sealed: undefined } };
    const segment = this.#segments.findLast((candidate) => candidate.start <= place);
    if (segment !== undefined) {
      segment.isDirty = true;
      segment.encoded = undefined;
    }
    return true;
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
    const encoded = segment.encoded ?? [];
    for (let i = encoded.length; i < segment.count; i++) encoded.push(encodeEntry(this.#entries[segment.start + i]!));
    // Only the last segment grows; the others are written once.
    segment.encoded = segment === this.#segments.at(-1) ? encoded : undefined;
    return joinEntries(encoded);
  }

  #dropEncoded(): void {
    const last = this.#segments.at(-1);
    if (last?.isDirty === false) last.encoded = undefined;
  }

  /** Takes in the rows as they were stored. A damaged row is left out by whoever read them; the rest moves up. */
  load(rows: readonly Row[]): number {
    let damaged = 0;
    for (const row of rows) {
      const number = Number(row.id);
      while (this.#segments.length < number) {
        this.#segments.push({
          start: this.#entries.length,
          count: 0,
          bytes: SEGMENT_BYTES,
          isDirty: false,
          encoded: undefined,
        });
      }
      const entries = tryDecode(row.value);
      if (entries === undefined) damaged++;
      const segment = {
        start: this.#entries.length,
        count: 0,
        bytes: SEGMENT_BYTES,
        isDirty: false,
        encoded: undefined,
      };
      this.#segments.push(segment);
      for (const entry of entries ?? []) this.#keep(entry);
      segment.count = entries?.length ?? 0;
      segment.bytes = row.value.length;
    }
    return damaged;
  }

  #keep(entry: Entry): number {
    const place = this.#entries.length;
    this.#entries.push(entry);
    this.#places.set(entry.message.id, place);
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
  return joinEntries(entries.map(encodeEntry));
}

function joinEntries(encoded: readonly Bytes[]): Bytes {
  return concat(...encoded.flatMap((entry) => [u32(entry.length), entry]));
}

function encodeEntry(entry: Entry): Bytes {
  const open = entry.open === undefined ? [] : [entry.open.salt, entry.open.body];
  return encode([encodeMessage(entry.message), entry.arrival, entry.heardAt, entry.stands ? 1 : 0, open]);
}

/** Throws `WireError`. */
export function decodeEntries(bytes: Uint8Array): Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Entry[] = [];
  // Neighbours repeat most of their ids: one string for all saves half of the time and memory.
  const recalled = new Recalled();
  for (let at = 0; at < bytes.length;) {
    if (at + LENGTH_BYTES > bytes.length) throw new WireError('truncated', 'log');
    const end = at + LENGTH_BYTES + view.getUint32(at);
    if (end > bytes.length) throw new WireError('truncated', 'log');
    entries.push(decodeEntry(bytes.subarray(at + LENGTH_BYTES, end), recalled));
    at = end;
  }
  return entries;
}

function decodeEntry(bytes: Uint8Array, recalled: Recalled): Entry {
  const read = new ItemReader(bytes, 'log');
  if (read.list(5) !== 5) throw new WireError('bad-field', 'log');
  const message = readMessage(read.bytesUpTo(MAX_ENTRY_BYTES), recalled);
  const [arrival, heardAt, stands] = [read.uint(), read.uint() as Millis, read.uint()];
  const parts = read.list(2);
  const open = parts === 0 ? undefined : { salt: read.bytes(32), body: read.bytesUpTo(MAX_ENTRY_BYTES) };
  read.end();
  return { message, arrival, heardAt, stands: stands === 1, open };
}

/** As `decodeMessage`, item by item: ten thousand of these stand between a person and their conversation. */
function readMessage(encoded: Bytes, recalled: Recalled): Message {
  const read = new ItemReader(encoded, 'log');
  if (read.list(3) !== 3) throw new WireError('bad-field', 'log');
  const bytes = read.bytesUpTo(MAX_HEADER_BYTES);
  const signature = read.optionalBytesUpTo(SIGNATURE_BYTES) as Signature | undefined;
  const sealed = read.optionalBytesUpTo(MAX_SEALED_BODY_BYTES);
  read.end();
  if (signature !== undefined && signature.length !== SIGNATURE_BYTES) throw new WireError('bad-field', 'log');
  return messageOf(bytes, { signature, sealed }, recalled);
}

function u32(value: number): Bytes {
  const bytes = new Uint8Array(LENGTH_BYTES);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function tryDecode(bytes: Uint8Array): Entry[] | undefined {
  try {
    return decodeEntries(bytes);
  } catch (cause) {
    if (cause instanceof WireError) return undefined;
    throw cause;
  }
}
