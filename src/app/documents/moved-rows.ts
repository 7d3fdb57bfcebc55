// What a device keeps of documents that it moved itself, for as long as somebody may still write into what they were: a
// row for each, and which messages a departure covers.

import { hex, type Bytes } from '#core/bytes/bytes.ts';
import { MAX_COVERED_CHAINS, MAX_COVERED_SPANS, type CoveredChain } from '#core/docs/covered-chains.ts';
import { DAY, type Millis } from '#core/ports.ts';
import { spansOf } from '#core/sync/spans.ts';
import { decode, encode } from '#core/wire/cbor.ts';
import { bytesOf, fields } from '#core/wire/fields.ts';
import { tryDecode } from '#core/wire/try-decode.ts';
import type { DocumentId } from '../api.ts';
import type { ContentMessage, ContentSpace, DocumentsHost } from '../space-content.ts';

const ROWS = 'doc.moved';
/** Mail waits at relay nodes for two weeks; whoever was away for longer wrote for themselves. */
const KEEP = (30 * DAY) as Millis;
const MAX_ROW_BYTES = 4_000_000;
const MAX_BLOCKS = 100_000;
const HASH_BYTES = 16;

export interface Kept {
  readonly space: ContentSpace;
  readonly as: DocumentId;
  /** What its blocks said when it went, and those that were brought along since. */
  readonly base: readonly string[];
}

export class MovedRows {
  readonly #host: Pick<DocumentsHost, 'rows' | 'clock'>;
  readonly #rows = new Map<DocumentId, Kept & { readonly at: Millis }>();

  constructor(host: Pick<DocumentsHost, 'rows' | 'clock'>) {
    this.#host = host;
  }

  /** Gives those that need not be kept any longer; their rows are gone. */
  async load(): Promise<readonly DocumentId[]> {
    const over: DocumentId[] = [];
    for (const { id, value } of await this.#host.rows.list(ROWS)) {
      const kept = tryDecode(() => readRow(value));
      if (kept !== undefined && this.#host.clock.now() - kept.at < KEEP) this.#rows.set(id as DocumentId, kept);
      else over.push(id as DocumentId);
    }
    const writes = over.map((id) => ({ collection: ROWS, id, value: null }));
    if (writes.length > 0) await this.#host.rows.commit(writes, 'relaxed');
    return over;
  }

  get(id: DocumentId): Kept | undefined {
    return this.#rows.get(id);
  }

  of(space: ContentSpace): readonly DocumentId[] {
    return [...this.#rows].flatMap(([id, kept]) => (kept.space === space ? [id] : []));
  }

  async keep(id: DocumentId, { space, as, base }: Kept): Promise<void> {
    const at = this.#rows.get(id)?.at ?? this.#host.clock.now();
    this.#rows.set(id, { space, as, base, at });
    const hashes = base.map((says) => hex.decode(says)!);
    const value = encode({ v: 1, space, as: hex.decode(as)!, at, base: hashes });
    await this.#host.rows.commit([{ collection: ROWS, id, value }], 'relaxed');
  }
}

type Placed = Pick<ContentMessage, 'author' | 'incarnation' | 'seq'>;

/** What departures say that they cover: one message names only so many chains and spans. At least one. */
export function coversFor(messages: readonly Placed[]): readonly (readonly CoveredChain[])[] {
  const chains = new Map<string, { readonly of: Placed; readonly seqs: number[] }>();
  for (const message of messages) {
    const key = message.author + message.incarnation;
    const known = chains.get(key);
    if (known === undefined) chains.set(key, { of: message, seqs: [message.seq] });
    else known.seqs.push(message.seq);
  }
  const parts: CoveredChain[][] = [[]];
  let room = MAX_COVERED_SPANS;
  for (const { of, seqs } of chains.values()) {
    const { author: device, incarnation } = of;
    for (let spans = spansOf(seqs); spans.length > 0;) {
      if (room === 0 || parts.at(-1)!.length === MAX_COVERED_CHAINS) {
        parts.push([]);
        room = MAX_COVERED_SPANS;
      }
      const taken = spans.slice(0, room);
      parts.at(-1)!.push({ device, incarnation, spans: taken });
      room -= taken.length;
      spans = spans.slice(taken.length);
    }
  }
  return parts;
}

/** Throws `WireError`. */
function readRow(value: Bytes): Kept & { readonly at: Millis } {
  const f = fields(decode(value, 'moved row', MAX_ROW_BYTES), 'moved row');
  f.version('v', 1);
  return {
    space: f.text('space', 128) as ContentSpace,
    as: f.id<DocumentId>('as', 16),
    at: f.uint('at') as Millis,
    base: f.list('base', MAX_BLOCKS).map((says) => hex.encode(bytesOf(says, 'moved row', HASH_BYTES))),
  };
}
