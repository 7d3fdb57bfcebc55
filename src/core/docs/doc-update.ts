// The body of a `doc.update` message: which document, made by which schema, and the docUpdate itself (SPEC §3).

import { ContentAny, Item, decodeUpdate } from 'yjs';
import type { Brand } from '../bytes/brand.ts';
import { hex, type Bytes } from '../bytes/bytes.ts';
import { decode, encode } from '../wire/cbor.ts';
import { fields } from '../wire/fields.ts';
import { scanUpdate } from './update-scan.ts';

/** 16 random bytes as lower-case hex. */
export type DocumentId = Brand<string, 'DocumentId'>;

export interface DocUpdate {
  readonly document: DocumentId;
  readonly schema: number;
  /** Yjs V1 encoding, not yet judged. V2 is never read: 27 bytes of it can keep a decoder busy for ever. */
  readonly update: Bytes;
}

export const DOCUMENT_ID_BYTES = 16;

/** Largest docUpdate in one message; its author splits what is longer. Keeps each judgement short. */
export const MAX_UPDATE_BYTES = 65_536;

/** Room for the two other fields and the framing. */
const MAX_BODY_BYTES = MAX_UPDATE_BYTES + 128;

/** Schemas are counted by hand; this many will not come. */
const MAX_SCHEMA = 1_000_000;

export function encodeDocUpdate(body: DocUpdate): Bytes {
  const document = hex.decode(body.document);
  if (document?.length !== DOCUMENT_ID_BYTES) throw new Error('docUpdate: not a document id');
  return encode({ v: 1, document, schema: body.schema, update: body.update });
}

/** Throws only `WireError`. Says nothing about the docUpdate but its length: that is the guard's. */
export function decodeDocUpdate(bytes: Uint8Array): DocUpdate {
  const f = fields(decode(bytes, 'doc.update', MAX_BODY_BYTES), 'doc.update');
  f.version('v', 1);
  const body: DocUpdate = {
    document: f.id<DocumentId>('document', DOCUMENT_ID_BYTES),
    schema: f.uint('schema', MAX_SCHEMA),
    update: f.bytes('update', { min: 1, max: MAX_UPDATE_BYTES }),
  };
  f.end();
  return body;
}

/**
 * Whether a docUpdate may have set the title: it holds a value, as titles and attributes are. Saves looking into a
 * closed document for each key somebody types into it. The docUpdate is within limits but not judged.
 */
export function mayChangeTitle({ update }: DocUpdate): boolean {
  if (scanUpdate(update) !== undefined) return false;
  try {
    return decodeUpdate(update).structs.some(
      (struct) => struct instanceof Item && struct.content instanceof ContentAny,
    );
  } catch {
    return false;
  }
}
