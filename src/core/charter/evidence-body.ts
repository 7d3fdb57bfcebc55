// Evidence: that a device said two things, that a card was answered twice (charter/SPEC.md §3).

import type { Bytes } from '../bytes/bytes.ts';
import type { Signature } from '../crypto/suite.ts';
import type { Encodable } from '../wire/cbor.ts';
import { bytesOf, listOf, tuple, type Fields } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';
import { raw, readFrontier, spellFrontier, type BodyFormat, type Cut } from './body-parts.ts';
import type { DeviceId, GrantId, OpId } from './ids.ts';

/** Headers of one chain, each but the last proved by the hash in the next, the last by the signature. */
export interface HeaderProof {
  readonly headers: readonly Bytes[];
  readonly signature: Signature;
}

/**
 * Shows that a device said two things. `ops`: two ops with one number. `headers`: two headers of one chain with one
 * number. `broken-promise`: an op whose past lacks a charter head that an earlier header of its device had cited.
 */
export type Equivocation = {
  readonly type: 'equivocation';
  readonly binding: GrantId;
  readonly device: DeviceId;
  readonly frontier: readonly Cut[];
} & (
  | { readonly evidence: 'ops'; readonly first: OpId; readonly second: OpId }
  | { readonly evidence: 'headers'; readonly first: HeaderProof; readonly second: HeaderProof }
  | { readonly evidence: 'broken-promise'; readonly header: HeaderProof; readonly op: OpId }
);

/** The card was answered twice: the genesis of the other pair, with the same card. */
export interface VoidPair {
  readonly type: 'void';
  readonly other: Bytes;
}

/** Two proofs of this length stay within an op. */
export const MAX_PROOF_HEADERS = 32;
export const MAX_HEADER_BYTES = 2_048;
const MAX_GENESIS_BYTES = 8_192;

export const EQUIVOCATION: BodyFormat<Equivocation> = { read: readEquivocation, spell: spellEquivocation };

export const VOID: BodyFormat<VoidPair> = {
  read: (map) => ({ type: 'void', other: map.bytes('other', { max: MAX_GENESIS_BYTES }) }),
  spell: (body) => ({ other: body.other }),
};

function readEquivocation(map: Fields): Equivocation {
  const evidence = map.oneOf('evidence', ['ops', 'headers', 'broken-promise']);
  const common = {
    type: 'equivocation' as const,
    binding: map.id<GrantId>('binding', 33),
    device: map.id<DeviceId>('device', 32),
    frontier: readFrontier(map),
  };
  if (evidence === 'ops') return { ...common, evidence, first: map.id('first', 32), second: map.id('second', 32) };
  if (evidence === 'headers') {
    return { ...common, evidence, first: readProof(map.value('first')), second: readProof(map.value('second')) };
  }
  return { ...common, evidence, header: readProof(map.value('header')), op: map.id('op', 32) };
}

function readProof(value: unknown): HeaderProof {
  const [headers, signature] = tuple(value, 'header proof', 2);
  const read = listOf(headers, 'header proof', MAX_PROOF_HEADERS).map((header) =>
    bytesOf(header, 'header proof', { max: MAX_HEADER_BYTES }),
  );
  if (read.length === 0) throw new WireError('bad-field', 'header proof');
  return { headers: read, signature: bytesOf(signature, 'header proof', 64) as Signature };
}

function spellEquivocation(body: Equivocation): Encodable {
  const common = {
    evidence: body.evidence,
    binding: raw(body.binding),
    device: raw(body.device),
    frontier: spellFrontier(body.frontier),
  };
  if (body.evidence === 'ops') return { ...common, first: raw(body.first), second: raw(body.second) };
  if (body.evidence === 'headers') {
    return { ...common, first: spellProof(body.first), second: spellProof(body.second) };
  }
  return { ...common, header: spellProof(body.header), op: raw(body.op) };
}

function spellProof(proof: HeaderProof): Encodable {
  return [proof.headers, proof.signature];
}
