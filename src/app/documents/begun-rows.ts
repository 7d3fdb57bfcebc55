// Which checkpoints the documents on this device began with: a row for each, written before the changes go that they hold.

import { hex, type Bytes } from '#core/bytes/bytes.ts';
import type { Rows } from '#core/ports.ts';
import { decode, encode } from '#core/wire/cbor.ts';
import { fields } from '#core/wire/fields.ts';
import { tryDecode } from '#core/wire/try-decode.ts';
import type { DocumentId, MessageId } from '../api.ts';

const COLLECTION = 'doc.begun';
const MAX_CLAIMS = 64;
const MAX_ROW_BYTES = 4_096;

export class BegunRows {
  readonly #rows: Rows;
  readonly #begun = new Map<DocumentId, ReadonlySet<MessageId>>();

  constructor(rows: Rows) {
    this.#rows = rows;
  }

  async load(): Promise<void> {
    for (const { id, value } of await this.#rows.list(COLLECTION)) {
      const claims = tryDecode(() => readRow(value));
      if (claims !== undefined) this.#begun.set(id as DocumentId, new Set(claims));
    }
  }

  of(document: DocumentId): ReadonlySet<MessageId> {
    return this.#begun.get(document) ?? new Set();
  }

  /** The newest first; what is older than all that can be of use is left out. */
  async put(document: DocumentId, claims: readonly MessageId[]): Promise<void> {
    const kept = [...new Set(claims)].slice(0, MAX_CLAIMS);
    const value = encode({ v: 1, claims: kept.map((id) => hex.decode(id)!) });
    await this.#rows.commit([{ collection: COLLECTION, id: document, value }], 'strict');
    this.#begun.set(document, new Set(kept));
  }
}

/** Throws `WireError`. */
function readRow(value: Bytes): readonly MessageId[] {
  const f = fields(decode(value, 'begun row', MAX_ROW_BYTES), 'begun row');
  f.version('v', 1);
  return f.ids<MessageId>('claims', 32, { max: MAX_CLAIMS });
}
