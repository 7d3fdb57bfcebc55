// Whether stored bytes are still what was deposited: an envelope's id is the hash of its signed bytes.

import { createHash } from 'node:crypto';
import { labelPrefix } from '#core/crypto/hash.ts';
import { ENVELOPE_OVERHEAD, signedPartOf } from '#core/wire/envelope.ts';

/** The same as `envelopeIdOf`, by OpenSSL: reading checks every envelope. */
export function isIntact(encoded: Uint8Array, id: Uint8Array): boolean {
  if (encoded.length < ENVELOPE_OVERHEAD) return false;
  return createHash('sha256').update(labelPrefix('envelope')).update(signedPartOf(encoded)).digest().equals(id);
}
