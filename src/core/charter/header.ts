// The signed part of a message (chain/SPEC.md §2). It stands in the charter room because two different headers with
// one number are evidence that ends a device.

import { hex, type Bytes } from '../bytes/bytes.ts';
import { hash } from '../crypto/hash.ts';
import type { CryptoSuite, Signature, SigningKey } from '../crypto/suite.ts';
import { decode, encode } from '../wire/cbor.ts';
import { bytesOf, listOf, textField, tuple, uintOf } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';
import type { DeviceId, GrantId, Incarnation, Kid, MessageId, OpId, Scope, SpaceId } from './ids.ts';
import { MAX_HEADER_BYTES, type HeaderProof } from './op-body.ts';
import { bytesOfId } from './op.ts';

export interface Header {
  readonly space: SpaceId;
  readonly scope: Scope;
  readonly kid: Kid;
  readonly device: DeviceId;
  readonly incarnation: Incarnation;
  /** Place in the chain of (device, scope, incarnation), from 0. */
  readonly seq: number;
  /** Ratchet index for kinds whose keys are erased after use; absent for those under the document key. */
  readonly n: number | undefined;
  /** 1 + the greatest of `own` and `seen`. */
  readonly lamport: number;
  /** The previous message of the chain; absent at its start. */
  readonly own: MessageId | undefined;
  /** Heads of other chains of this scope; ascending, at most 8. */
  readonly seen: readonly MessageId[];
  /** Heads of the charter log as the author knew it; ascending, 1 to 8. */
  readonly charter: readonly OpId[];
  /** Ops this device had signed. */
  readonly opSeq: number;
  readonly under: OpId;
  /** Membership, then binding. */
  readonly auth: readonly GrantId[];
  readonly kind: string;
  readonly bodyHash: Bytes;
  readonly bodyLength: number;
}

/** A header as it was signed. */
export interface SignedHeader {
  readonly id: MessageId;
  readonly header: Header;
  readonly bytes: Bytes;
  readonly signature: Signature;
}

const VERSION = 1;
const FIELDS = 18;
export const MAX_SEEN = 8;
export const MAX_CHARTER_HEADS = 8;
const MAX_AUTH = 8;
const MAX_SCOPE_BYTES = 64;
const MAX_KIND_BYTES = 64;

/** A list rather than a map: names of fields would be a quarter of every message. */
export function encodeHeader(header: Header): Bytes {
  return encode([
    VERSION,
    bytesOfId(header.space),
    header.scope,
    bytesOfId(header.kid),
    bytesOfId(header.device),
    bytesOfId(header.incarnation),
    header.seq,
    header.n ?? null,
    header.lamport,
    header.own === undefined ? null : bytesOfId(header.own),
    header.seen.map(bytesOfId),
    header.charter.map(bytesOfId),
    header.opSeq,
    bytesOfId(header.under),
    header.auth.map(bytesOfId),
    header.kind,
    header.bodyHash,
    header.bodyLength,
  ]);
}

/** Throws `WireError`. */
export function decodeHeader(bytes: Uint8Array): Header {
  const value = decode(bytes, 'header', MAX_HEADER_BYTES);
  if (Array.isArray(value) && value[0] !== VERSION) throw new WireError('unknown-version', 'header');
  const [, space, scope, kid, device, incarnation, seq, n, lamport, ...rest] = tuple(value, 'header', FIELDS);
  const [own, seen, charter, opSeq, under, auth, kind, bodyHash, bodyLength] = rest;
  const header: Header = {
    space: idOf(space, 32),
    scope: textField(scope, 'header', MAX_SCOPE_BYTES) as Scope,
    kid: idOf(kid, 16),
    device: idOf(device, 32),
    incarnation: idOf(incarnation, 8),
    seq: uintOf(seq, 'header'),
    n: n === null ? undefined : uintOf(n, 'header'),
    lamport: uintOf(lamport, 'header'),
    own: own === null ? undefined : idOf(own, 32),
    seen: ascendingIds(seen, MAX_SEEN),
    charter: ascendingIds(charter, MAX_CHARTER_HEADS),
    opSeq: uintOf(opSeq, 'header'),
    under: idOf(under, 32),
    auth: listOf(auth, 'header', MAX_AUTH).map((grant) => idOf<GrantId>(grant, 33)),
    kind: textField(kind, 'header', MAX_KIND_BYTES),
    bodyHash: bytesOf(bodyHash, 'header', 32),
    bodyLength: uintOf(bodyLength, 'header'),
  };
  const isWhole =
    (header.own === undefined) === (header.seq === 0) && header.charter.length > 0 && header.auth.length > 1;
  if (!isWhole || header.lamport === 0) throw new WireError('bad-field', 'header');
  return header;
}

function idOf<Id extends string>(value: unknown, length: number): Id {
  return hex.encode(bytesOf(value, 'header', length)) as Id;
}

function ascendingIds<Id extends string>(value: unknown, max: number): readonly Id[] {
  const ids = listOf(value, 'header', max).map((item) => idOf<Id>(item, 32));
  for (let i = 1; i < ids.length; i++) {
    if (ids[i - 1]! >= ids[i]!) throw new WireError('not-canonical', 'header');
  }
  return ids;
}

export function messageIdOf(headerBytes: Uint8Array): MessageId {
  return hex.encode(hash('header', headerBytes)) as MessageId;
}

/** Whether `next` follows directly on the message `id` with header `header`. */
export function isLinked(id: MessageId, header: Header, next: Header): boolean {
  return (
    next.own === id &&
    next.seq === header.seq + 1 &&
    next.device === header.device &&
    next.incarnation === header.incarnation &&
    next.scope === header.scope &&
    next.space === header.space
  );
}

/** Whether a device stated the first header of a proof: links up to the last one, and its signature. Never throws. */
export async function verifyProof(proof: HeaderProof, device: DeviceId, suite: CryptoSuite): Promise<boolean> {
  try {
    const headers = proof.headers.map(decodeHeader);
    for (let i = 1; i < headers.length; i++) {
      if (!isLinked(messageIdOf(proof.headers[i - 1]!), headers[i - 1]!, headers[i]!)) return false;
    }
    if (headers[0]!.device !== device) return false;
    const key = bytesOfId(device) as SigningKey;
    return await suite.verify('header', proof.headers[proof.headers.length - 1]!, proof.signature, key);
  } catch (fault) {
    if (fault instanceof WireError) return false;
    throw fault;
  }
}
