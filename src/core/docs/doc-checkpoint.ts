// Bodies of `doc.checkpoint` and `attest` messages (SPEC §11): what a document came to, in parts; which messages that is
// made of; and whether somebody else who put the same together found the same.

import { concat, hex, type Bytes } from '../bytes/bytes.ts';
import type { Brand } from '../bytes/brand.ts';
import type { MessageId } from '../charter/ids.ts';
import { hash } from '../crypto/hash.ts';
import { decode, encode } from '../wire/cbor.ts';
import { fields } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';
import { MAX_COVERED_CHAINS, rawId, readCovers, spellCovers, type CoveredChain } from './covered-chains.ts';
import type { DocumentId } from './doc-update.ts';

/** Hash of a whole state, by which its parts are found, whoever sent them. */
export type StateHash = Brand<string, 'StateHash'>;

export interface StatePart {
  readonly is: 'part';
  readonly document: DocumentId;
  readonly state: StateHash;
  readonly at: number;
  readonly bytes: Bytes;
}

export interface Claim {
  readonly is: 'claim';
  readonly document: DocumentId;
  readonly state: StateHash;
  readonly parts: number;
  /** The checkpoint it goes on from: what that one covers, this one covers too. */
  readonly base: MessageId | undefined;
  readonly covers: readonly CoveredChain[];
}

export type DocCheckpoint = StatePart | Claim;

export interface Attest {
  readonly checkpoint: MessageId;
  /** False: put together from the same messages it is something else. Then nobody throws these away. */
  readonly agrees: boolean;
}

export const MAX_PART_BYTES = 65_536;
/** A document that comes to more than 1 MiB keeps all its changes. */
export const MAX_PARTS = 16;
/** As doc-update.ts has it; that one brings Yjs along, which groups without documents do not need. */
const DOCUMENT_ID_BYTES = 16;
const HASH_BYTES = 32;
/** A part, or a claim of all chains and spans there may be. */
const MAX_BODY_BYTES = 90_000;
const MAX_ATTEST_BYTES = 128;

export function encodeDocCheckpoint(body: DocCheckpoint): Bytes {
  const document = raw(body.document, DOCUMENT_ID_BYTES);
  const state = raw(body.state, HASH_BYTES);
  if (body.is === 'part') return encode({ v: 1, document, state, at: body.at, bytes: body.bytes });
  const covers = spellCovers(body.covers, 'doc.checkpoint');
  const base = body.base === undefined ? {} : { base: raw(body.base, HASH_BYTES) };
  return encode({ v: 1, document, state, parts: body.parts, covers, ...base });
}

/** Throws only `WireError`. */
export function decodeDocCheckpoint(bytes: Uint8Array): DocCheckpoint {
  const f = fields(decode(bytes, 'doc.checkpoint', MAX_BODY_BYTES), 'doc.checkpoint');
  f.version('v', 1);
  const document = f.id<DocumentId>('document', DOCUMENT_ID_BYTES);
  const state = f.id<StateHash>('state', HASH_BYTES);
  const body: DocCheckpoint = f.has('at')
    ? {
        is: 'part',
        document,
        state,
        at: f.uint('at', MAX_PARTS - 1),
        bytes: f.bytes('bytes', { min: 1, max: MAX_PART_BYTES }),
      }
    : {
        is: 'claim',
        document,
        state,
        parts: f.uint('parts', MAX_PARTS),
        base: f.has('base') ? f.id<MessageId>('base', HASH_BYTES) : undefined,
        covers: readCovers(f.list('covers', MAX_COVERED_CHAINS), 'doc.checkpoint'),
      };
  f.end();
  if (body.is === 'claim' && (body.parts === 0 || body.covers.length === 0)) {
    throw new WireError('bad-field', 'doc.checkpoint');
  }
  return body;
}

export function encodeAttest({ checkpoint, agrees }: Attest): Bytes {
  return encode({ v: 1, checkpoint: raw(checkpoint, HASH_BYTES), agrees });
}

/** Throws only `WireError`. */
export function decodeAttest(bytes: Uint8Array): Attest {
  const f = fields(decode(bytes, 'attest', MAX_ATTEST_BYTES), 'attest');
  f.version('v', 1);
  const attest: Attest = { checkpoint: f.id<MessageId>('checkpoint', HASH_BYTES), agrees: f.bool('agrees') };
  f.end();
  return attest;
}

export function stateHashOf(state: Bytes): StateHash {
  return hex.encode(hash('docState', state)) as StateHash;
}

/** The parts of a state, or `undefined` where it is too large for a checkpoint. */
export function partsOf(document: DocumentId, state: Bytes): readonly StatePart[] | undefined {
  const count = Math.ceil(state.length / MAX_PART_BYTES);
  if (count > MAX_PARTS) return undefined;
  const hashed = stateHashOf(state);
  return Array.from({ length: count }, (_, at): StatePart => {
    const bytes = state.slice(at * MAX_PART_BYTES, (at + 1) * MAX_PART_BYTES);
    return { is: 'part', document, state: hashed, at, bytes };
  });
}

/** The state that a claim names, from parts that came from anywhere; `undefined` while some are missing or wrong. */
export function joinParts({ state, parts }: Claim, found: readonly StatePart[]): Bytes | undefined {
  const whole: Bytes[] = [];
  for (let at = 0; at < parts; at++) {
    const part = found.find((one) => one.state === state && one.at === at);
    if (part === undefined) return undefined;
    whole.push(part.bytes);
  }
  const joined = concat(...whole);
  return stateHashOf(joined) === state ? joined : undefined;
}

function raw(id: string, length: number): Bytes {
  return rawId(id, length, 'doc.checkpoint');
}
