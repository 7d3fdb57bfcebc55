// How settled messages lie on the disk: many in one row, each with what this device knows of it beside the message.

import type { Bytes } from '#core/bytes/bytes.ts';
import { messageIdOf, type Header } from '#core/charter/header.ts';
import type { Incarnation, MessageId, Scope } from '#core/charter/ids.ts';
import { MAX_HEADER_BYTES } from '#core/charter/evidence-body.ts';
import { MAX_SEALED_BODY_BYTES, messageOf, type Message, type OpenBody } from '#core/chain/message.ts';
import type { Signature } from '#core/crypto/suite.ts';
import type { Millis, Row } from '#core/ports.ts';
import { ItemReader, Recalled } from '#core/wire/item-reader.ts';
import { headLength, ItemWriter, stringLength } from '#core/wire/item-writer.ts';
import { WireError } from '#core/wire/wire-error.ts';
import { ReadHeaders, WrittenHeaders, type RestOfHeader } from './row-headers.ts';

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

const MAX_ENTRY_BYTES = 1_000_000;
const LENGTH_BYTES = 4;
const SIGNATURE_BYTES = 64;

/**
 * Each entry with its length in front, so that a row grows without being made anew: CBOR [message as `encodeMessage` spells
 * it, arrival, heard at, whether it stands, [salt, body] or []], or, where an entry before it in the row repeats most of the
 * header: [the place of that entry, what is new in the header, its end, signature, sealed body, arrival, heard at, whether it
 * stands, [salt, body] or []].
 */
export function encodeEntries(entries: readonly Entry[], written = new WrittenHeaders()): Bytes {
  const rests = entries.map(({ message }) => written.next(message));
  const lengths = entries.map((entry, i) => lengthOfEntry(entry, rests[i]));
  const write = new ItemWriter(lengths.reduce((sum, length) => sum + LENGTH_BYTES + length, 0));
  entries.forEach((entry, i) => {
    write.u32(lengths[i]!);
    writeEntry(write, entry, rests[i]);
  });
  return write.end();
}

const WHOLE_PARTS = 5;
const SHORTER_PARTS = 9;
const LIST_BYTES = headLength(SHORTER_PARTS);

function lengthOfEntry({ message, arrival, heardAt, stands, open }: Entry, rest: RestOfHeader | undefined): number {
  const bodies = open === undefined ? 0 : stringLength(open.salt.length) + stringLength(open.body.length);
  const facts = headLength(arrival) + headLength(heardAt) + headLength(stands ? 1 : 0);
  const said = rest === undefined ? stringLength(lengthOfMessage(message)) : lengthOfRest(rest) + lengthOfSeal(message);
  return LIST_BYTES + said + facts + LIST_BYTES + bodies;
}

function lengthOfMessage(message: Message): number {
  return LIST_BYTES + stringLength(message.bytes.length) + lengthOfSeal(message);
}

function lengthOfSeal({ signature, sealed }: Message): number {
  const optional = (part: Bytes | undefined): number => (part === undefined ? 1 : stringLength(part.length));
  return optional(signature) + optional(sealed);
}

function lengthOfRest({ place, fresh, end }: RestOfHeader): number {
  return headLength(place) + stringLength(fresh.length) + stringLength(end.length);
}

function writeEntry(write: ItemWriter, entry: Entry, rest: RestOfHeader | undefined): void {
  const { message, arrival, heardAt, stands, open } = entry;
  if (rest === undefined) {
    write.list(WHOLE_PARTS);
    write.enter(lengthOfMessage(message));
    write.list(3);
    write.bytes(message.bytes);
  } else {
    write.list(SHORTER_PARTS);
    write.uint(rest.place);
    write.bytes(rest.fresh);
    write.bytes(rest.end);
  }
  write.optionalBytes(message.signature);
  write.optionalBytes(message.sealed);
  write.uint(arrival);
  write.uint(heardAt);
  write.uint(stands ? 1 : 0);
  write.list(open === undefined ? 0 : 2);
  if (open === undefined) return;
  write.bytes(open.salt);
  write.bytes(open.body);
}

/** Throws `WireError`. The entries are parts of `bytes`, which must not change any more. */
export function decodeEntries(bytes: Bytes): Entry[] {
  const entries = readEntries(bytes, new Recalled());
  // One row does not tell which of its messages follow which: what one of them rests on may lie in another.
  for (const { message } of entries) rename(message);
  return entries;
}

/**
 * Reads rows as they come from the disk, in whatever order, while others are still on their way. What their messages are
 * called only the rows after them tell.
 */
export class LogReading {
  // Neighbours repeat most of their ids: one string for all saves half of the time and memory.
  readonly #recalled = new Recalled();
  readonly #read = new Map<string, Entry[] | undefined>();

  /** Some of the rows of a log. */
  note(rows: readonly Row[]): void {
    for (const row of rows) this.#read.set(row.id, this.#tryRead(row.value));
  }

  /** Entries without names; `undefined`: the row is damaged. Once for each row. */
  take(row: Row): Entry[] | undefined {
    if (!this.#read.has(row.id)) return this.#tryRead(row.value);
    const entries = this.#read.get(row.id);
    this.#read.delete(row.id);
    return entries;
  }

  #tryRead(bytes: Bytes): Entry[] | undefined {
    try {
      return readEntries(bytes, this.#recalled);
    } catch (cause) {
      if (cause instanceof WireError) return undefined;
      throw cause;
    }
  }
}

/**
 * Ids of stored messages, as those that follow them name them: a message that stands was found to rest on the one
 * before it when it came, and hashing ten thousand headers again would keep a person waiting.
 */
export class Successors {
  /** One for each scope: an incarnation has a chain in each. */
  readonly #last = new Map<Scope, Map<Incarnation, Header>>();
  /** Chains that go back to a number: there are two messages in one place, and what comes next may rest on the other one. */
  readonly #forked = new Set<Incarnation>();

  /** Names the messages of some entries; those of entries after them were named before. */
  name(entries: readonly Entry[]): void {
    for (let i = entries.length - 1; i >= 0; i--) {
      const { message, stands } = entries[i]!;
      (message as Nameless).id = this.#idOf(message, stands);
    }
  }

  /**
   * Once all were named: those of forked chains by their own bytes. Where a row is lost (`isWhole` is false) it may hold the
   * other message of a place, so that no chain is sure.
   */
  correct(entries: readonly Entry[], isWhole: boolean): void {
    if (isWhole && this.#forked.size === 0) return;
    for (const { message } of entries) {
      if (!isWhole || this.#forked.has(message.header.incarnation)) rename(message);
    }
  }

  #idOf({ header, bytes }: Message, stands: boolean): MessageId {
    let chains = this.#last.get(header.scope);
    if (chains === undefined) this.#last.set(header.scope, (chains = new Map()));
    const next = chains.get(header.incarnation);
    const isNext = next?.seq === header.seq + 1 && next.device === header.device;
    const isBefore = next === undefined || (next.seq > header.seq && next.device === header.device);
    if (stands && !isBefore) this.#forked.add(header.incarnation);
    if (stands) chains.set(header.incarnation, header);
    return isNext && stands ? next.own! : messageIdOf(bytes);
  }
}

type Nameless = { -readonly [part in keyof Message]: Message[part] };
const nameless = (): MessageId => '' as MessageId;

function rename(message: Message): void {
  (message as Nameless).id = messageIdOf(message.bytes);
}

/** Entries whose messages have no ids yet. */
function readEntries(bytes: Bytes, recalled: Recalled): Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headers = new ReadHeaders();
  const entries: Entry[] = [];
  for (let at = 0; at < bytes.length;) {
    if (at + LENGTH_BYTES > bytes.length) throw new WireError('truncated', 'log');
    const end = at + LENGTH_BYTES + view.getUint32(at);
    if (end > bytes.length) throw new WireError('truncated', 'log');
    entries.push(readEntry(bytes.subarray(at + LENGTH_BYTES, end), headers, recalled));
    at = end;
  }
  return entries;
}

function readEntry(bytes: Bytes, headers: ReadHeaders, recalled: Recalled): Entry {
  const read = new ItemReader(bytes, 'log');
  const count = read.list(SHORTER_PARTS);
  if (count !== WHOLE_PARTS && count !== SHORTER_PARTS) throw new WireError('bad-field', 'log');
  const message = count === WHOLE_PARTS ? readWhole(read, headers, recalled) : readShorter(read, headers, recalled);
  const [arrival, heardAt, stands] = [read.uint(), read.uint() as Millis, read.uint() === 1];
  const parts = read.list(2);
  const open = parts === 0 ? undefined : { salt: read.view(32), body: read.viewUpTo(MAX_ENTRY_BYTES) };
  read.end();
  return { message, arrival, heardAt, open, stands };
}

/** As `decodeMessage`, item by item: ten thousand of these stand between a person and their conversation. */
function readWhole(read: ItemReader, headers: ReadHeaders, recalled: Recalled): Message {
  const end = read.enter(MAX_ENTRY_BYTES);
  if (read.list(3) !== 3) throw new WireError('bad-field', 'log');
  const bytes = headers.note(read.viewUpTo(MAX_HEADER_BYTES));
  const seal = readSeal(read);
  read.leave(end);
  return messageOf(bytes, seal, recalled, nameless);
}

function readShorter(read: ItemReader, headers: ReadHeaders, recalled: Recalled): Message {
  const place = read.uint();
  const bytes = headers.next({ place, fresh: read.viewUpTo(MAX_HEADER_BYTES), end: read.viewUpTo(MAX_HEADER_BYTES) });
  return messageOf(bytes, readSeal(read), recalled, nameless);
}

function readSeal(read: ItemReader): Pick<Message, 'signature' | 'sealed'> {
  const signature = read.optionalViewUpTo(SIGNATURE_BYTES) as Signature | undefined;
  const sealed = read.optionalViewUpTo(MAX_SEALED_BODY_BYTES);
  if (signature !== undefined && signature.length !== SIGNATURE_BYTES) throw new WireError('bad-field', 'log');
  return { signature, sealed };
}
