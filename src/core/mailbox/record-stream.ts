// A topic as a stream of bytes: one record per envelope, so that answers of one fixed size carry envelopes of any size
// (SPEC.md §5). The custodian cuts pieces out of it, the app puts them together again.

import { concat, hex, type Bytes } from '../bytes/bytes.ts';
import { decodeEnvelope, MAX_ENVELOPE_BYTES, type Envelope, type Topic } from '../wire/envelope.ts';
import { WireError } from '../wire/wire-error.ts';
import { readU32, u32 } from './frame-layout.ts';
import { envelopeIdOf, type EnvelopeId } from './topic-key.ts';

/** Beginning of the id (8) ‖ length (u32) come before each envelope. */
const MARK_BYTES = 8;
export const RECORD_OVERHEAD = MARK_BYTES + 4;

export function recordHead(id: EnvelopeId, length: number): Bytes {
  return concat(hex.decode(id)!.subarray(0, MARK_BYTES), u32(length));
}

export interface ReadRecord {
  readonly id: EnvelopeId;
  readonly envelope: Envelope;
}

/** Collects pieces of a topic's stream and gives the envelopes that are whole. */
export class RecordAssembler {
  readonly #topic: Topic;
  #pieces: Uint8Array[] = [];
  #held = 0;

  constructor(topic: Topic) {
    this.#topic = topic;
  }

  /** Bytes of a record that is not yet whole. */
  get held(): number {
    return this.#held;
  }

  clear(): void {
    this.#pieces = [];
    this.#held = 0;
  }

  /**
   * Throws `WireError` when the pieces do not belong together (the stream changed between two answers) or the
   * custodian sent something else than envelopes of the topic.
   */
  add(piece: Uint8Array): readonly ReadRecord[] {
    this.#pieces.push(piece);
    this.#held += piece.length;
    const buffer = this.#pieces.length === 1 ? piece : concat(...this.#pieces);
    const records: ReadRecord[] = [];
    let at = 0;
    while (buffer.length - at >= RECORD_OVERHEAD) {
      const length = readU32(buffer, at + MARK_BYTES);
      if (length > MAX_ENVELOPE_BYTES) throw new WireError('too-long', 'mailbox-record');
      const end = at + RECORD_OVERHEAD + length;
      if (end > buffer.length) break;
      records.push(this.#read(buffer.subarray(at, at + MARK_BYTES), buffer.subarray(at + RECORD_OVERHEAD, end)));
      at = end;
    }
    this.#pieces = at === buffer.length ? [] : [buffer.subarray(at)];
    this.#held = buffer.length - at;
    return records;
  }

  #read(mark: Uint8Array, encoded: Uint8Array): ReadRecord {
    const envelope = decodeEnvelope(encoded);
    const id = envelopeIdOf(encoded);
    if (envelope.topic !== this.#topic || !id.startsWith(hex.encode(mark))) {
      throw new WireError('bad-field', 'mailbox-record');
    }
    return { id, envelope };
  }
}
