// What headers of one chain repeat (chain/SPEC.md §2): by it the header of a message is put together from that of the one
// before it and the little that is new, byte for byte as its author spelled it.

import { concat, type Bytes } from '../bytes/bytes.ts';
import { encode } from '../wire/cbor.ts';
import { ItemReader } from '../wire/item-reader.ts';
import { WireError } from '../wire/wire-error.ts';
import { MAX_HEADER_BYTES } from './evidence-body.ts';
import { HEADER_FIELDS, isLinked, type Header } from './header.ts';
import type { MessageId } from './ids.ts';
import { bytesOfId } from './op.ts';

/** What a header says that the one before it does not tell. */
export type HeaderNews = Pick<Header, 'lamport' | 'seen' | 'bodyHash' | 'bodyLength'>;

/** Items up to and with `incarnation`; then `seq` to `seen`; then `charter` to `kind`; then hash and length of the body. */
const CHAIN_ITEMS = 6;
const NEW_ITEMS = 5;
const GROUND_ITEMS = 5;

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

/** Of one header, as it is spelled. It holds for all that are patterned after it, and after these. */
export class HeaderPattern {
  readonly #chain: Uint8Array;
  readonly #ground: Uint8Array;

  /** Throws `WireError` for what is no header; of one that was decoded it does not. */
  constructor(bytes: Uint8Array) {
    const read = new ItemReader(bytes, 'header');
    read.list(HEADER_FIELDS);
    this.#chain = bytes.subarray(0, skip(read, CHAIN_ITEMS, bytes));
    const from = skip(read, NEW_ITEMS, bytes);
    this.#ground = bytes.subarray(from, skip(read, GROUND_ITEMS, bytes));
  }

  /** The header that follows on the message `id` with this `header`. Throws `WireError` where there can be none. */
  next(id: MessageId, header: Header, news: HeaderNews): { readonly header: Header; readonly bytes: Bytes } {
    const [seq, n] = [header.seq + 1, nextIndex(header)];
    const { lamport, seen, bodyHash, bodyLength } = news;
    const isAfter =
      lamport > header.lamport && Number.isSafeInteger(lamport) && Number.isSafeInteger(Math.max(seq, n ?? 0));
    if (!isAfter) throw new WireError('bad-field', 'header');
    const fresh = encode([seq, n ?? null, lamport, bytesOfId(id), seen.map(bytesOfId)]).subarray(1);
    const body = encode([bodyHash, bodyLength]).subarray(1);
    const bytes = concat(this.#chain, fresh, this.#ground, body);
    if (bytes.length > MAX_HEADER_BYTES) throw new WireError('too-long', 'header');
    // Spelled out: spreading is slow, and catch-up does this ten thousand times.
    return {
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
}

/** Messages under a ratchet's keys count up; others have no index. */
function nextIndex({ n }: Header): number | undefined {
  return n === undefined ? undefined : n + 1;
}

function sameIds(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((id, i) => id === b[i]));
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
