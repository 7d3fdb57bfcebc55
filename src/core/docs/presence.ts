// Where somebody's cursor is, as it travels between those who have a document open now. Never stored, never chained.

import type { Brand } from '../bytes/brand.ts';
import { decode, encode, type Encodable } from '../wire/cbor.ts';
import { fields, type Fields } from '../wire/fields.ts';
import type { Bytes } from '../bytes/bytes.ts';
import { DOCUMENT_ID_BYTES, type DocumentId } from './doc-update.ts';
import { hex } from '../bytes/bytes.ts';

/** Largest presence on the wire; a session's short-lived payload holds it. */
const MAX_PRESENCE_BYTES = 1_024;
const INCARNATION_BYTES = 8;

/** One end of a selection: beside a struct, or at the end of a shared type (Yjs's relative position). */
export interface Caret {
  readonly item: StructId | undefined;
  readonly type: StructId | undefined;
  /** Sticks to the left (-1) or the right neighbour. */
  readonly leftward: boolean;
}

export interface StructId {
  readonly client: number;
  readonly clock: number;
}

export interface Presence {
  readonly document: DocumentId;
  /** With the device, which the link has proved, it gives the clientID that the cursor stands under. */
  readonly incarnation: Brand<string, 'Incarnation'>;
  /** Grows with each change; older ones that arrive late are dropped. */
  readonly number: number;
  readonly is: 'here' | 'gone';
  readonly selection: { readonly anchor: Caret; readonly head: Caret } | undefined;
}

export function encodePresence(presence: Presence): Bytes {
  const { document, incarnation, number, is, selection } = presence;
  return encode({
    v: 1,
    document: bytesOfId(document),
    incarnation: bytesOfId(incarnation),
    number,
    is,
    ...(selection === undefined ? {} : { anchor: plainCaret(selection.anchor), head: plainCaret(selection.head) }),
  });
}

/** Throws only `WireError`. */
export function decodePresence(bytes: Uint8Array): Presence {
  const f = fields(decode(bytes, 'presence', MAX_PRESENCE_BYTES), 'presence');
  f.version('v', 1);
  const presence: Presence = {
    document: f.id<DocumentId>('document', DOCUMENT_ID_BYTES),
    incarnation: f.id<Brand<string, 'Incarnation'>>('incarnation', INCARNATION_BYTES),
    number: f.uint('number', 2 ** 40),
    is: f.oneOf('is', ['here', 'gone']),
    selection: f.has('anchor') ? { anchor: caretOf(f.map('anchor')), head: caretOf(f.map('head')) } : undefined,
  };
  f.end();
  return presence;
}

function plainCaret({ item, type, leftward }: Caret): Encodable {
  return {
    leftward,
    ...(item === undefined ? {} : { item: { ...item } }),
    ...(type === undefined ? {} : { type: { ...type } }),
  };
}

function caretOf(f: Fields): Caret {
  const caret = {
    leftward: f.bool('leftward'),
    item: f.has('item') ? structIdOf(f.map('item')) : undefined,
    type: f.has('type') ? structIdOf(f.map('type')) : undefined,
  };
  f.end();
  return caret;
}

function structIdOf(f: Fields): StructId {
  const id = { client: f.uint('client'), clock: f.uint('clock') };
  f.end();
  return id;
}

function bytesOfId(id: string): Bytes {
  const bytes = hex.decode(id);
  if (bytes === undefined) throw new Error('presence: not an id');
  return bytes;
}
