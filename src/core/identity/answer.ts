// The answer to a card: all the inviter needs to be in the new pair space, sealed to the card (SPEC.md §3).

import { hex, type Bytes } from '../bytes/bytes.ts';
import { orJunkLater } from '../crypto/or-junk.ts';
import { WRAP_OVERHEAD, type CryptoSuite, type Seed, type WrapOptions } from '../crypto/suite.ts';
import { decode, encode } from '../wire/cbor.ts';
import { bytesOf, fields } from '../wire/fields.ts';
import { maxPaddedContent, pad, unpad } from '../wire/padding.ts';
import type { CardId, SignedCard } from './card.ts';
import { MAX_NAME_BYTES } from '../wire/text.ts';

/** The parts are opaque here: charter and keys define them. */
export interface Answer {
  /** Signed genesis op of the pair space. */
  readonly genesis: Bytes;
  /** Further signed ops, in an order in which each follows its past. */
  readonly ops: readonly Bytes[];
  /** Scope keys sealed to the card. */
  readonly wraps: readonly Bytes[];
  /** The answerer's device record. */
  readonly record: Bytes;
  /** The name by which the answerer wants to be known to this contact. Sanitise before showing. */
  readonly name: string;
}

const VERSION = 1;
const MAX_ANSWER_OPS = 8;
const MAX_ANSWER_WRAPS = 8;
const MAX_PART_BYTES = 32_768;
const MAX_ANSWER_BYTES = maxPaddedContent(WRAP_OVERHEAD[2]);

export function encodeAnswer(answer: Answer): Bytes {
  return encode({
    v: VERSION,
    genesis: answer.genesis,
    ops: answer.ops,
    wraps: answer.wraps,
    record: answer.record,
    name: answer.name,
  });
}

/** Throws `WireError`. */
export function decodeAnswer(bytes: Uint8Array): Answer {
  const f = fields(decode(bytes, 'answer', MAX_ANSWER_BYTES), 'answer');
  f.version('v', VERSION);
  const answer = {
    genesis: f.bytes('genesis', { min: 1, max: MAX_PART_BYTES }),
    ops: f.list('ops', MAX_ANSWER_OPS).map(part),
    wraps: f.list('wraps', MAX_ANSWER_WRAPS).map(part),
    record: f.bytes('record', { min: 1, max: MAX_PART_BYTES }),
    name: f.text('name', MAX_NAME_BYTES),
  };
  f.end();
  return answer;
}

/**
 * Seals an answer to a card: HPKE in PSK mode, so that knowing the card's public keys alone is not enough to pose as
 * somebody who holds it. As long as one of the buckets, ready to be an envelope's blob.
 */
export function sealAnswer(
  suite: CryptoSuite,
  card: SignedCard,
  sealed: { answer: Answer; coins: Bytes },
): Promise<Bytes> {
  const padded = pad(encodeAnswer(sealed.answer), WRAP_OVERHEAD[2]);
  return suite.wrap(card.card.sealingKey, padded, { ...bindingOf(card.id, card.card.secret), coins: sealed.coins });
}

/** Opens what was left at a card's topic. Throws `SealFault` or `WireError`. */
export async function openAnswer(
  suite: CryptoSuite,
  card: { readonly id: CardId; readonly sealingSeed: Seed; readonly secret: Bytes },
  sealed: Uint8Array,
): Promise<Answer> {
  const padded = await suite.unwrap(card.sealingSeed, 2, sealed, bindingOf(card.id, card.secret));
  return decodeAnswer(unpad(padded));
}

/** As `openAnswer`, but junk is an answer too: anyone who photographed the card can write to its topic. */
export async function tryOpenAnswer(
  ...[suite, card, sealed]: Parameters<typeof openAnswer>
): Promise<Answer | undefined> {
  return orJunkLater(() => openAnswer(suite, card, sealed));
}

function bindingOf(id: CardId, secret: Bytes): WrapOptions & { readonly psk: Bytes } {
  return { label: 'answer', associated: hex.decode(id)!, psk: secret };
}

function part(value: unknown): Bytes {
  return bytesOf(value, 'answer', { min: 1, max: MAX_PART_BYTES });
}
