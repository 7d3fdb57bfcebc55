// The body of a `doc.move` message: a document has gone to other readers, or has come from there (SPEC §10). What it says
// goes as a new document; nothing that was sealed for the former readers is sealed for the new ones, or the other way.

import { hex, type Bytes } from '../bytes/bytes.ts';
import type { Scope } from '../charter/ids.ts';
import { decode, encode } from '../wire/cbor.ts';
import { bytesOf, fields } from '../wire/fields.ts';
import { MAX_COVERED_CHAINS, rawId, readCovers, spellCovers, type CoveredChain } from './covered-chains.ts';
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

/** As doc-update.ts has it; that one brings Yjs along, which groups without documents do not need. */
const DOCUMENT_ID_BYTES = 16;
/** A document that moves every month for years. */
export const MAX_FORMER_NAMES = 64;
const MAX_BODY_BYTES = 65_536;
const MAX_SCOPE_BYTES = 64;

export function encodeDocMove(move: DocMove): Bytes {
  const document = raw(move.document, DOCUMENT_ID_BYTES);
  if (move.is === 'came') return encode({ v: 1, document, was: move.was.map((id) => raw(id, DOCUMENT_ID_BYTES)) });
  const covers = spellCovers(move.covers, 'doc.move');
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
        covers: readCovers(f.list('covers', MAX_COVERED_CHAINS), 'doc.move'),
      };
  f.end();
  return move;
}

function nameOf(value: unknown): DocumentId {
  return hex.encode(bytesOf(value, 'doc.move', DOCUMENT_ID_BYTES)) as DocumentId;
}

function raw(id: string, length: number): Bytes {
  return rawId(id, length, 'doc.move');
}
