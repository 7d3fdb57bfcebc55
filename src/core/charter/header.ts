// The signed part of a message (chain/SPEC.md §2). It stands in the charter room because two different headers with
// one number are evidence that ends a device.

import { hex, type Bytes } from '../bytes/bytes.ts';
import { hash } from '../crypto/hash.ts';
import type { CryptoSuite, SigningKey } from '../crypto/suite.ts';
import { encode } from '../wire/cbor.ts';
import { WireError } from '../wire/wire-error.ts';
import { ItemReader, type Recalled } from '../wire/item-reader.ts';
import type { DeviceId, GrantId, Incarnation, Kid, MessageId, OpId, Scope, SpaceId } from './ids.ts';
import { MAX_HEADER_BYTES, type HeaderProof } from './evidence-body.ts';
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

const VERSION = 1;
export const HEADER_FIELDS = 18;
export const MAX_SEEN = 8;
const MAX_CHARTER_HEADS = 8;
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

/**
 * Throws `WireError`. Give one `Recalled` for many headers of one chain. The same as decoding CBOR strictly, a dozen
 * times faster; texts with a byte order mark or lone surrogates cannot occur in canonical bytes.
 */
export function decodeHeader(bytes: Uint8Array, recalled?: Recalled): Header {
  if (bytes.length > MAX_HEADER_BYTES) throw new WireError('too-long', 'header');
  const read = new ItemReader(bytes, 'header', recalled);
  const chain = read.passage(0, readChain);
  const [seq, n, lamport] = [read.uint(), read.optionalUint(), read.uint()];
  const own = read.optionalNewId<MessageId>(32);
  const seen = ascending(read.newIds<MessageId>(32, MAX_SEEN));
  const ground = read.passage(1, readGround);
  // Spelled out: spreading is slow, and catch-up does this ten thousand times.
  const header: Header = {
    space: chain.space,
    scope: chain.scope,
    kid: chain.kid,
    device: chain.device,
    incarnation: chain.incarnation,
    seq,
    n,
    lamport,
    own,
    seen,
    charter: ground.charter,
    opSeq: ground.opSeq,
    under: ground.under,
    auth: ground.auth,
    kind: ground.kind,
    bodyHash: read.view(32),
    bodyLength: read.uint(),
  };
  read.end();
  const isWhole =
    (header.own === undefined) === (header.seq === 0) && header.charter.length > 0 && header.auth.length > 1;
  if (!isWhole || header.lamport === 0) throw new WireError('bad-field', 'header');
  return header;
}

/** Whose message it is: the same in all of a chain under one key. */
function readChain(read: ItemReader): Pick<Header, 'space' | 'scope' | 'kid' | 'device' | 'incarnation'> {
  const count = read.list(Number.MAX_SAFE_INTEGER);
  if (read.uint() !== VERSION) throw new WireError('unknown-version', 'header');
  if (count !== HEADER_FIELDS) throw new WireError('bad-field', 'header');
  return {
    space: read.id(32),
    scope: read.text(MAX_SCOPE_BYTES) as Scope,
    kid: read.id(16),
    device: read.id(32),
    incarnation: read.id(8),
  };
}

/** By what it was said: most messages cite what the one before cited. */
function readGround(read: ItemReader): Pick<Header, 'charter' | 'opSeq' | 'under' | 'auth' | 'kind'> {
  return {
    charter: ascending(read.ids<OpId>(32, MAX_CHARTER_HEADS)),
    opSeq: read.uint(),
    under: read.id(32),
    auth: read.ids<GrantId>(33, MAX_AUTH),
    kind: read.text(MAX_KIND_BYTES),
  };
}

/** Throws `WireError` where they are not. */
export function ascending<Id extends string>(ids: readonly Id[]): readonly Id[] {
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
    const headers = proof.headers.map((header) => decodeHeader(header));
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
