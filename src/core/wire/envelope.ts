// The one shape in which sealed content travels any road: a topic, a day to forget it by, a padded blob, and the
// signature of whoever may write to the topic (protocol: SPEC.md §6, mailbox/SPEC.md §2).

import type { Brand } from '../bytes/brand.ts';
import { concat, hex, type Bytes } from '../bytes/bytes.ts';
import { BUCKETS } from './padding.ts';
import { WireError } from './wire-error.ts';

/** A place where envelopes wait: an Ed25519 public key in lower-case hex, unlinkable to a person. */
export type Topic = Brand<string, 'Topic'>;

export interface Envelope {
  readonly topic: Topic;
  /** The last day, counted since 1970 in UTC, on which anyone keeps the envelope. */
  readonly expiryDay: number;
  /** Sealed and padded: exactly as long as one of the buckets. */
  readonly blob: Bytes;
  /** By the topic's private key over `signedEnvelopeBytes`, under the label `envelope`. */
  readonly signature: Bytes;
}

const VERSION = 1;
const TOPIC_BYTES = 32;
const SIGNATURE_BYTES = 64;
const HEAD_BYTES = 1 + TOPIC_BYTES + 4;
/** What an envelope adds to its blob. */
export const ENVELOPE_OVERHEAD = HEAD_BYTES + SIGNATURE_BYTES;
const largestBlob = BUCKETS[BUCKETS.length - 1]!;
export const MAX_ENVELOPE_BYTES = largestBlob + ENVELOPE_OVERHEAD;

/** version ‖ topic ‖ expiry day (u32) ‖ blob: what the topic's key signs and what the envelope's id hashes. */
export function signedEnvelopeBytes(envelope: Omit<Envelope, 'signature'>): Bytes {
  const head = new Uint8Array(HEAD_BYTES);
  head[0] = VERSION;
  head.set(topicBytes(envelope.topic), 1);
  new DataView(head.buffer).setUint32(1 + TOPIC_BYTES, envelope.expiryDay);
  return concat(head, envelope.blob);
}

/** The part of encoded envelope bytes that is signed; no copy. */
export function signedPartOf(encoded: Uint8Array): Uint8Array {
  return encoded.subarray(0, encoded.length - SIGNATURE_BYTES);
}

/** The signed part, then the signature. */
export function encodeEnvelope(envelope: Envelope): Bytes {
  return concat(signedEnvelopeBytes(envelope), envelope.signature);
}

/** Throws `WireError`. The signature is not checked here. */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.length > MAX_ENVELOPE_BYTES) throw new WireError('too-long', 'envelope');
  if (bytes.length === 0) throw new WireError('truncated', 'envelope');
  if (bytes[0] !== VERSION) throw new WireError('unknown-version', 'envelope');
  if (bytes.length < ENVELOPE_OVERHEAD) throw new WireError('truncated', 'envelope');
  const blobLength = bytes.length - ENVELOPE_OVERHEAD;
  if (!(BUCKETS as readonly number[]).includes(blobLength)) throw new WireError('bad-field', 'envelope');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    topic: hex.encode(bytes.subarray(1, 1 + TOPIC_BYTES)) as Topic,
    expiryDay: view.getUint32(1 + TOPIC_BYTES),
    blob: bytes.slice(HEAD_BYTES, HEAD_BYTES + blobLength) as Bytes,
    signature: bytes.slice(HEAD_BYTES + blobLength) as Bytes,
  };
}

/** The 32 bytes of a topic. */
export function topicBytes(topic: Topic): Bytes {
  const bytes = hex.decode(topic);
  if (bytes?.length !== TOPIC_BYTES) throw new WireError('bad-field', 'topic');
  return bytes;
}
