// A message: signed header, sealed body (chain/SPEC.md §3).

import { concat, equal, type Bytes } from '../bytes/bytes.ts';
import { hash } from '../crypto/hash.ts';
import {
  SealFault,
  type AeadKey,
  type CryptoSuite,
  type Seed,
  type Signature,
  type SigningKey,
} from '../crypto/suite.ts';
import { decode, encode } from '../wire/cbor.ts';
import { bytesOf, tuple } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';
import { decodeHeader, encodeHeader, messageIdOf, type Header } from '../charter/header.ts';
import type { Recalled } from '../wire/item-reader.ts';
import type { MessageId } from '../charter/ids.ts';
import { MAX_HEADER_BYTES } from '../charter/evidence-body.ts';
import { bytesOfId } from '../charter/op.ts';

export interface Message {
  readonly id: MessageId;
  readonly header: Header;
  /** Header bytes, which the id hashes and the signature signs. */
  readonly bytes: Bytes;
  /** Absent when the message came within a run: a later one's signature proves it. */
  readonly signature: Signature | undefined;
  /** Sealed salt ‖ body; `undefined` where the body was deleted. */
  readonly sealed: Bytes | undefined;
}

export interface OpenBody {
  /** 32 random bytes, deleted with the body: the hash of a short text alone could be guessed. */
  readonly salt: Bytes;
  readonly body: Bytes;
}

const SALT_BYTES = 32;
/** Largest body; larger content is cut by its room. */
export const MAX_BODY_BYTES = 102_400;
/** Salt, body and the tag of the seal. */
export const MAX_SEALED_BODY_BYTES = SALT_BYTES + MAX_BODY_BYTES + 16;
const NONCE_BYTES = 24;
const MAX_STORED_BYTES = MAX_HEADER_BYTES + MAX_SEALED_BODY_BYTES + 128;

/** `header` lacks what the body decides. `bodyKey` is the ratchet's or the document key. */
export async function writeMessage(
  header: Omit<Header, 'bodyHash' | 'bodyLength'>,
  content: OpenBody & { readonly bodyKey: AeadKey },
  seed: Seed,
  suite: CryptoSuite,
): Promise<Message> {
  const { salt, body, bodyKey } = content;
  if (salt.length !== SALT_BYTES || body.length > MAX_BODY_BYTES) throw new Error('a body or salt of wrong length');
  const whole = { ...header, bodyHash: hash('body', salt, body), bodyLength: body.length };
  const bytes = encodeHeader(whole);
  // The platform signs on a thread of its own; meanwhile the body is sealed.
  const signing = suite.sign('header', bytes, seed);
  const id = messageIdOf(bytes);
  const idBytes = bytesOfId(id);
  const sealed = suite.seal(bodyKey, nonceOf(idBytes), concat(salt, body), idBytes);
  return { id, header: whole, bytes, signature: await signing, sealed };
}

/** `undefined` when it does not open or is not what the header hashed. Synchronous: catch-up opens thousands. */
export function openBody(message: Message, bodyKey: AeadKey, suite: CryptoSuite): OpenBody | undefined {
  const { id, header, sealed } = message;
  if (sealed === undefined) return undefined;
  try {
    const idBytes = bytesOfId(id);
    const plain = suite.open(bodyKey, nonceOf(idBytes), sealed, idBytes);
    if (plain.length !== SALT_BYTES + header.bodyLength) return undefined;
    const [salt, body] = [plain.slice(0, SALT_BYTES), plain.slice(SALT_BYTES)];
    return equal(hash('body', salt, body), header.bodyHash) ? { salt, body } : undefined;
  } catch (fault) {
    if (fault instanceof SealFault) return undefined;
    throw fault;
  }
}

/**
 * The id's first 24 bytes. It hashes chain, number and a salted hash of the body, so two messages under one key never
 * share it, and no second random number has to travel.
 */
function nonceOf(id: Uint8Array): Uint8Array {
  return id.subarray(0, NONCE_BYTES);
}

/** Whether its device signed this very message. */
export function verifyMessage(message: Message, suite: CryptoSuite): Promise<boolean> {
  if (message.signature === undefined) return Promise.resolve(false);
  return suite.verify('header', message.bytes, message.signature, bytesOfId(message.header.device) as SigningKey);
}

type Parts = Pick<Message, 'signature' | 'sealed'>;

/** A message from its parts. Throws `WireError`. `idOf`: where its id is known already, as that need not be hashed. */
export function messageOf(
  bytes: Bytes,
  parts: Parts,
  recalled?: Recalled,
  idOf: (header: Header, bytes: Bytes) => MessageId = (_header, headerBytes) => messageIdOf(headerBytes),
): Message {
  const header = decodeHeader(bytes, recalled);
  if (header.bodyLength > MAX_BODY_BYTES) throw new WireError('too-long', 'message');
  return { id: idOf(header, bytes), header, bytes, signature: parts.signature, sealed: parts.sealed };
}

/** How a device keeps a message: without loss, to serve it again. CBOR [header bytes, signature?, sealed body?]. */
export function encodeMessage({ bytes, signature, sealed }: Message): Bytes {
  return encode([bytes, signature ?? null, sealed ?? null]);
}

/** Throws `WireError`. Give one `Recalled` for many. */
export function decodeMessage(encoded: Uint8Array, recalled?: Recalled): Message {
  const [bytes, signature, sealed] = tuple(decode(encoded, 'message', MAX_STORED_BYTES), 'message', 3);
  const parts = {
    signature: signature === null ? undefined : (bytesOf(signature, 'message', 64) as Signature),
    sealed: sealed === null ? undefined : bytesOf(sealed, 'message', { max: MAX_SEALED_BODY_BYTES }),
  };
  return messageOf(bytesOf(bytes, 'message', { max: MAX_HEADER_BYTES }), parts, recalled);
}
