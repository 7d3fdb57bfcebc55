// The body of a `doc.move` message: a document has gone to other readers, or has come from there (SPEC §10). What it says
// goes as a new document; nothing that was sealed for the former readers is sealed for the new ones, or the other way.

import { hex, type Bytes } from '../bytes/bytes.ts';
import type { DeviceId, Incarnation, Scope } from '../charter/ids.ts';
import { decode, encode, type Encodable } from '../wire/cbor.ts';
import { bytesOf, fields, listOf, uintOf } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';
import type { DocumentId } from './doc-update.ts';

export type DocMove =
  /** In the scope it left: where it went, by which name, and which messages went with it. */
  | {
      readonly is: 'went';
      readonly document: DocumentId;
      readonly to: Scope;
      readonly as: DocumentId;
      readonly covers: readonly CoveredChain[];
    }
  /** In the scope it came to: the names it had, the last one first. */
  | { readonly is: 'came'; readonly document: DocumentId; readonly was: readonly DocumentId[] };

/** Messages of one chain whose bodies are not needed any more: `from` … `to` - 1. */
export interface CoveredChain {
  readonly device: DeviceId;
  readonly incarnation: Incarnation;
  readonly spans: readonly { readonly from: number; readonly to: number }[];
}

/** As doc-update.ts has it; that one brings Yjs along, which groups without documents do not need. */
const DOCUMENT_ID_BYTES = 16;
/** A document that moves every month for years. */
export const MAX_FORMER_NAMES = 64;
/** Chains in one message, and spans in all of them together: what is more goes in further messages. */
export const MAX_COVERED_CHAINS = 500;
export const MAX_COVERED_SPANS = 2_000;
const MAX_BODY_BYTES = 65_536;
const MAX_SCOPE_BYTES = 64;
const MAX_SEQ = 2 ** 40;

export function encodeDocMove(move: DocMove): Bytes {
  const document = raw(move.document, DOCUMENT_ID_BYTES);
  if (move.is === 'came') return encode({ v: 1, document, was: move.was.map((id) => raw(id, DOCUMENT_ID_BYTES)) });
  const covers = move.covers.map(({ device, incarnation, spans }): Encodable => {
    return [raw(device, 32), raw(incarnation, 8), ...spans.flatMap(({ from, to }) => [from, to])];
  });
  return encode({ v: 1, document, to: move.to, as: raw(move.as, DOCUMENT_ID_BYTES), covers });
}

/** Throws only `WireError`. */
export function decodeDocMove(bytes: Uint8Array): DocMove {
  const f = fields(decode(bytes, 'doc.move', MAX_BODY_BYTES), 'doc.move');
  f.version('v', 1);
  const document = f.id<DocumentId>('document', DOCUMENT_ID_BYTES);
  const move: DocMove = f.has('was')
    ? { is: 'came', document, was: f.list('was', MAX_FORMER_NAMES).map(nameOf) }
    : {
        is: 'went',
        document,
        to: f.text('to', MAX_SCOPE_BYTES) as Scope,
        as: f.id<DocumentId>('as', DOCUMENT_ID_BYTES),
        covers: coversOf(f.list('covers', MAX_COVERED_CHAINS)),
      };
  f.end();
  return move;
}

function nameOf(value: unknown): DocumentId {
  return hex.encode(bytesOf(value, 'doc.move', DOCUMENT_ID_BYTES)) as DocumentId;
}

function coversOf(values: readonly unknown[]): readonly CoveredChain[] {
  const covers = values.map(chainOf);
  const spans = covers.reduce((sum, chain) => sum + chain.spans.length, 0);
  if (spans > MAX_COVERED_SPANS) throw new WireError('too-long', 'doc.move');
  return covers;
}

function chainOf(value: unknown): CoveredChain {
  const items = listOf(value, 'doc.move', 2 + 2 * MAX_COVERED_SPANS);
  const device = hex.encode(bytesOf(items[0], 'doc.move', 32)) as DeviceId;
  const incarnation = hex.encode(bytesOf(items[1], 'doc.move', 8)) as Incarnation;
  if (items.length % 2 !== 0) throw new WireError('bad-field', 'doc.move');
  const spans: { from: number; to: number }[] = [];
  for (let i = 2; i < items.length; i += 2) {
    const from = uintOf(items[i], 'doc.move', MAX_SEQ);
    const to = uintOf(items[i + 1], 'doc.move', MAX_SEQ);
    // Spans that touch would be one span.
    if (to <= from || from <= (spans.at(-1)?.to ?? -1)) throw new WireError('not-canonical', 'doc.move');
    spans.push({ from, to });
  }
  return { device, incarnation, spans };
}

function raw(id: string, length: number): Bytes {
  const bytes = hex.decode(id);
  if (bytes?.length !== length) throw new Error('doc.move: not an id');
  return bytes;
}
