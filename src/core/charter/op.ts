// One signed change of a space's charter log: its fields, and its spelling on the wire (charter/SPEC.md §2).

import { concat, hex, type Bytes } from '../bytes/bytes.ts';
import type { Brand } from '../bytes/brand.ts';
import { hash } from '../crypto/hash.ts';
import type { Signature } from '../crypto/suite.ts';
import { decode, encode, readKept, type Encodable } from '../wire/cbor.ts';
import { bytesOf, fields, tuple, type Fields } from '../wire/fields.ts';
import { ItemReader } from '../wire/item-reader.ts';
import { WireError } from '../wire/wire-error.ts';
import { readBody, spellBody, type OpBody } from './op-body.ts';
import type { DeviceId, GrantId, OpId, SpaceId } from './ids.ts';
import { MAX_AUTH, MAX_PREV, OP_VERSION, SUITE, type Op } from './op-frame.ts';
import { readPlainOp } from './read-op.ts';

export { MAX_PREV, type Op };

/** An op as it travels, with what was read from it. Its signature may be anything. */
export interface SignedOp {
  readonly id: OpId;
  readonly op: Op;
  /** The signed bytes; the id hashes these only, since some signers give two signatures over the same bytes. */
  readonly bytes: Bytes;
  readonly signature: Signature;
}

/** An op whose signature, granted keys and embedded evidence were checked, or that was so when it was stored. */
export type VerifiedOp = Brand<SignedOp, 'VerifiedOp'>;

const MAX_OP_BYTES = 65_536;
const SIGNED_OVERHEAD = 72;
const MAX_SIGNED_OP_BYTES = MAX_OP_BYTES + SIGNED_OVERHEAD;

function opIdOf(bytes: Uint8Array): OpId {
  return hex.encode(hash('op', bytes)) as OpId;
}

/** The bytes that are signed. */
export function encodeOp(op: Op): Bytes {
  const map: Record<string, Encodable> = {
    v: OP_VERSION,
    suite: SUITE,
    prev: op.prev.map(bytesOfId),
    auth: op.auth.map(bytesOfId),
    device: bytesOfId(op.device),
    seq: op.seq,
    ...spellBody(op.body),
  };
  if (op.space !== undefined) map['space'] = bytesOfId(op.space);
  if (op.own !== undefined) map['own'] = bytesOfId(op.own);
  if (op.under !== undefined) map['under'] = bytesOfId(op.under);
  return encode(map);
}

/** How a signed op travels and rests: CBOR [bytes, signature]. */
export function encodeSignedOp(signed: SignedOp): Bytes {
  return encode([signed.bytes, signed.signature]);
}

/** Throws `WireError`. The signature is not checked here. */
export function decodeSignedOp(encoded: Uint8Array): SignedOp {
  const [bytes, signature] = tuple(decode(encoded, 'signed op', MAX_SIGNED_OP_BYTES), 'signed op', 2);
  const signed = bytesOf(signature, 'signed op', 64) as Signature;
  return signedOp(bytesOf(bytes, 'signed op', { max: MAX_OP_BYTES }), signed);
}

/** As `decodeSignedOp`, from bytes that are kept as long as the op and never change: rows that were sealed away. */
export function readKeptOp(read: ItemReader, id: OpId): SignedOp {
  if (read.list(2) !== 2) throw new WireError('bad-field', 'signed op');
  const [bytes, signature] = [read.viewUpTo(MAX_OP_BYTES), read.view(64) as Signature];
  read.end();
  return { id, op: decodeOp(bytes), bytes, signature };
}

export function signedOp(bytes: Bytes, signature: Signature): SignedOp {
  return { id: opIdOf(bytes), op: decodeOp(bytes), bytes, signature };
}

/**
 * Throws `WireError`. What is read may be parts of `bytes`, which must not change any more. The frame (all but `type` and `body`) is read alike in every version, so that an app can place
 * an op it does not understand; a version or type it does not know gives the body `unknown`.
 */
export function decodeOp(bytes: Uint8Array): Op {
  return (bytes.length <= MAX_OP_BYTES ? readPlainOp(new ItemReader(bytes, 'op')) : undefined) ?? readAnyOp(bytes);
}

/** As `decodeOp`, by way of a map of its fields. */
export function readAnyOp(bytes: Uint8Array): Op {
  const map = fields(readKept(bytes, 'op', MAX_OP_BYTES), 'op');
  const version = map.uint('v');
  const suite = map.uint('suite');
  if (version < OP_VERSION || suite < SUITE) throw new WireError('unknown-version', 'op');
  const frame = {
    space: map.has('space') ? map.id<SpaceId>('space', 32) : undefined,
    prev: ascending(map.ids<OpId>('prev', 32, { max: MAX_PREV })),
    own: map.has('own') ? map.id<OpId>('own', 32) : undefined,
    under: map.has('under') ? map.id<OpId>('under', 32) : undefined,
    auth: map.ids<GrantId>('auth', 33, { max: MAX_AUTH }),
    device: map.id<DeviceId>('device', 32),
    seq: map.uint('seq'),
  };
  const isNewer = version > OP_VERSION || suite > SUITE;
  const body = isNewer ? ({ type: 'unknown', name: `v${version}` } as const) : asFramed(readBody(map), frame);
  checkFrame(frame, body);
  if (!isNewer) endOf(map, body);
  return { ...frame, body };
}

/** A `join` that cites grants was some unknown type to apps before groups, and is read as that (op-body.ts). */
function asFramed(body: OpBody, frame: Omit<Op, 'body'>): OpBody {
  return body.type === 'join' && frame.auth.length > 0 ? { type: 'unknown', name: body.type } : body;
}

/**
 * A genesis begins a space and names nothing before it; every other op names all of it. A newcomer's first op, `join`,
 * makes the membership it acts under, and so cites none.
 */
function checkFrame(frame: Omit<Op, 'body'>, body: OpBody): void {
  const { space, under, prev, auth, own, seq } = frame;
  const isPlaced = space !== undefined && under !== undefined && prev.length > 0;
  const isNamed = space !== undefined || under !== undefined || prev.length > 0;
  let isWhole = isPlaced && auth.length > 1 && (own === undefined) === (seq === 0);
  if (body.type === 'genesis') isWhole = !isNamed && auth.length === 0 && own === undefined && seq === 0;
  if (body.type === 'join') isWhole = isPlaced && auth.length === 0 && own === undefined && seq === 0;
  if (!isWhole) throw new WireError('bad-field', 'op');
}

function endOf(map: Fields, body: OpBody): void {
  if (body.type === 'unknown') {
    map.value('body');
  }
  map.end();
}

function ascending(ids: OpId[]): OpId[] {
  for (let i = 1; i < ids.length; i++) {
    if (ids[i - 1]! >= ids[i]!) throw new WireError('not-canonical', 'op');
  }
  return ids;
}

/** The bytes of an id. Ids in memory are always lower-case hex, so this cannot fail for one of ours. */
export function bytesOfId(id: string): Bytes {
  const bytes = hex.decode(id);
  if (bytes === undefined) throw new Error('not an id');
  return bytes;
}

const INDICES = Array.from({ length: 256 }, (_, index) => hex.encode(new Uint8Array([index])));

/** The id of a grant: the op that made it, and which of its grants. */
export function grantIdOf(op: OpId, index: number): GrantId {
  return (op + INDICES[index]!) as GrantId;
}

/** What a grant's holder signs to show that a key is theirs: space ‖ membership. */
export function deviceProofBytes(space: SpaceId, membership: GrantId): Bytes {
  return concat(bytesOfId(space), bytesOfId(membership));
}
