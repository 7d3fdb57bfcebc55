// What headers of one chain repeat (chain/SPEC.md §2): by it the header of a message is put together from that of the one
// before it and the little that is new, byte for byte as its author spelled it.

import { hex, type Bytes } from '../bytes/bytes.ts';
import { hashAfter } from '../crypto/hash.ts';
import { ItemReader } from '../wire/item-reader.ts';
import { headLength, ItemWriter, stringLength } from '../wire/item-writer.ts';
import { WireError } from '../wire/wire-error.ts';
import { MAX_HEADER_BYTES } from './evidence-body.ts';
import { ascending, HEADER_FIELDS, isLinked, MAX_SEEN, type Header } from './header.ts';
import type { MessageId } from './ids.ts';
import { bytesOfId } from './op.ts';

/** What a header says that the one before it does not tell. */
export interface HeaderNews extends Pick<Header, 'lamport' | 'bodyHash' | 'bodyLength'> {
  /** The ids, one after the other. */
  readonly seen: Uint8Array;
}

export interface Patterned {
  readonly id: MessageId;
  readonly header: Header;
  readonly bytes: Bytes;
}

/** Items up to and with `incarnation`; then `seq` to `seen`; then `charter` to `kind`; then hash and length of the body. */
const CHAIN_ITEMS = 6;
const NEW_ITEMS = 5;
const GROUND_ITEMS = 5;

const ID_BYTES = 32;
/** Headers are written one behind the other: memory of its own for each would cost more than all else that is done. */
const ROOM_BYTES = 16_384;
const NONE: readonly never[] = [];

/** Whether a message that follows on `id` repeats all that may be left out: then only its news need be spelled. */
export function isPatterned(id: MessageId, header: Header, next: Header): boolean {
  return (
    isLinked(id, header, next) &&
    next.kid === header.kid &&
    next.n === nextIndex(header) &&
    next.lamport > header.lamport &&
    sameIds(next.charter, header.charter) &&
    next.opSeq === header.opSeq &&
    next.under === header.under &&
    sameIds(next.auth, header.auth) &&
    next.kind === header.kind
  );
}

/** Parts of a header as it is spelled, which those after it in its chain mostly repeat. */
export interface RepeatedParts {
  /** Its beginning: up to and with `incarnation`. */
  readonly chain: Uint8Array;
  /** From `charter` to `kind`; before it stands what is new, behind it hash and length of the body. */
  readonly ground: Uint8Array;
}

/** Throws `WireError` for what is no header; of one that was decoded it does not. */
export function repeatedParts(bytes: Uint8Array): RepeatedParts {
  const read = new ItemReader(bytes, 'header');
  read.list(HEADER_FIELDS);
  const chain = bytes.subarray(0, skip(read, CHAIN_ITEMS, bytes));
  const from = skip(read, NEW_ITEMS, bytes);
  return { chain, ground: bytes.subarray(from, skip(read, GROUND_ITEMS, bytes)) };
}

/** Of one header, as it is spelled. It holds for all that are patterned after it, and after these. */
export class HeaderPattern {
  readonly #chain: Uint8Array;
  readonly #ground: Uint8Array;
  readonly #hash: (rest: Uint8Array) => Bytes;
  #write = new ItemWriter(0);
  /** The one made last, and its id as bytes: what follows on it says these. */
  #last: { readonly id: MessageId; readonly bytes: Bytes } | undefined;

  /** Throws `WireError` for what is no header; of one that was decoded it does not. */
  constructor(bytes: Uint8Array) {
    const { chain, ground } = repeatedParts(bytes);
    this.#chain = chain;
    this.#ground = ground;
    this.#hash = hashAfter('header', this.#chain);
  }

  /** The header that follows on the message `id` with this `header`. Throws `WireError` where there can be none. */
  next(id: MessageId, header: Header, news: HeaderNews): Patterned {
    const [seq, n] = [header.seq + 1, nextIndex(header)];
    const { lamport, bodyHash, bodyLength } = news;
    const isAfter =
      lamport > header.lamport && Number.isSafeInteger(lamport) && Number.isSafeInteger(Math.max(seq, n ?? 0));
    if (!isAfter) throw new WireError('bad-field', 'header');
    const seen = readIds(news.seen);
    const bytes = this.#spell(seq, n, id, news);
    const idBytes = this.#hash(bytes.subarray(this.#chain.length));
    this.#last = { id: hex.encode(idBytes) as MessageId, bytes: idBytes };
    // Spelled out: spreading is slow, and catch-up does this ten thousand times.
    return {
      id: this.#last.id,
      header: {
        space: header.space,
        scope: header.scope,
        kid: header.kid,
        device: header.device,
        incarnation: header.incarnation,
        seq,
        n,
        lamport,
        own: id,
        seen,
        charter: header.charter,
        opSeq: header.opSeq,
        under: header.under,
        auth: header.auth,
        kind: header.kind,
        bodyHash,
        bodyLength,
      },
      bytes,
    };
  }

  #spell(seq: number, n: number | undefined, own: MessageId, news: HeaderNews): Bytes {
    const { lamport, seen, bodyHash, bodyLength } = news;
    const count = seen.length / ID_BYTES;
    const numbers = headLength(seq) + headLength(n ?? 0) + headLength(lamport) + headLength(bodyLength);
    const ids = (1 + count) * stringLength(ID_BYTES) + headLength(count);
    const length = this.#chain.length + this.#ground.length + numbers + ids + stringLength(bodyHash.length);
    if (length > MAX_HEADER_BYTES) throw new WireError('too-long', 'header');
    if (this.#write.room < length) this.#write = new ItemWriter(ROOM_BYTES);
    const write = this.#write;
    write.spelled(this.#chain);
    write.uint(seq);
    write.optionalUint(n);
    write.uint(lamport);
    write.bytes(this.#last?.id === own ? this.#last.bytes : bytesOfId(own));
    write.list(count);
    for (let at = 0; at < seen.length; at += ID_BYTES) write.bytes(seen.subarray(at, at + ID_BYTES));
    write.spelled(this.#ground);
    write.bytes(bodyHash);
    write.uint(bodyLength);
    return write.cut();
  }
}

/** Messages under a ratchet's keys count up; others have no index. */
function nextIndex({ n }: Header): number | undefined {
  return n === undefined ? undefined : n + 1;
}

function sameIds(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((id, i) => id === b[i]));
}

function readIds(bytes: Uint8Array): readonly MessageId[] {
  if (bytes.length === 0) return NONE;
  if (bytes.length % ID_BYTES !== 0) throw new WireError('bad-field', 'header');
  if (bytes.length > MAX_SEEN * ID_BYTES) throw new WireError('too-many', 'header');
  const ids: MessageId[] = [];
  for (let at = 0; at < bytes.length; at += ID_BYTES) {
    ids.push(hex.encode(bytes.subarray(at, at + ID_BYTES)) as MessageId);
  }
  return ascending(ids);
}

/** Where the last of so many items ends. */
function skip(read: ItemReader, items: number, bytes: Uint8Array): number {
  let end = 0;
  for (let i = 0; i < items; i++) {
    const item = read.item('header').whole();
    end = item.byteOffset - bytes.byteOffset + item.length;
  }
  return end;
}
