// The contact card: what one person hands another so that a space for the two can begin (SPEC.md §1).

import type { Brand } from '../bytes/brand.ts';
import { hex, type Bytes } from '../bytes/bytes.ts';
import { derive, hash } from '../crypto/hash.ts';
import { SEALING_KEY_BYTES, type CryptoSuite, type Seed, type Signature } from '../crypto/suite.ts';
import type { SealingKey, SigningKey } from '../crypto/suite.ts';
import type { RelayAddress } from '../ports.ts';
import { decode, encode } from '../wire/cbor.ts';
import { bytesOf, fields, textField, tuple } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';

/** Hash of a card's signed bytes, lower-case hex. */
export type CardId = Brand<string, 'CardId'>;

/** Made for one contact and replaced at once when it is answered. Holds no name: whoever photographs it learns none. */
export interface Card {
  /** Founder 0 of the pair space to come. */
  readonly signingKey: SigningKey;
  /** Suite 2, so that the card fits a QR code; made for this card. */
  readonly sealingKey: SealingKey;
  /** The answer is sealed under it too, and its topic is derived from it. */
  readonly secret: Bytes;
  /** Where the answer is left: the inviter's relay nodes, at least one for anybody offline. */
  readonly relays: readonly RelayAddress[];
  /** The last day, counted since 1970 in UTC, on which the card may be answered. Advice, no rule of validity. */
  readonly expiryDay: number;
}

/** A card as it travels. `bytes` is what was signed and what the id is the hash of. */
export interface SignedCard {
  readonly id: CardId;
  readonly card: Card;
  readonly bytes: Bytes;
  readonly signature: Signature;
}

/** The private halves, which stay with the inviter until the card is used, withdrawn or long expired. */
export interface CardSecrets {
  readonly signingSeed: Seed;
  readonly sealingSeed: Seed;
  readonly secret: Bytes;
}

const VERSION = 1;
const MAX_CARD_RELAYS = 4;
/** An address with a name, a port and a peer id takes about 80. */
const MAX_RELAY_ADDRESS_BYTES = 200;
/** Four long addresses; what fits the largest QR code is less, and the usual card is 350. */
export const MAX_CARD_BYTES = 1_200;

export async function makeCard(
  suite: CryptoSuite,
  secrets: CardSecrets,
  offer: { readonly relays: readonly RelayAddress[]; readonly expiryDay: number },
): Promise<SignedCard> {
  const card: Card = {
    signingKey: await suite.signingKeyOf(secrets.signingSeed),
    sealingKey: await suite.sealingKeyOf(secrets.sealingSeed, 2),
    secret: secrets.secret,
    relays: offer.relays,
    expiryDay: offer.expiryDay,
  };
  const bytes = encodeCardBody(card);
  const signature = await suite.sign('card', bytes, secrets.signingSeed);
  const signed = { id: cardIdOf(bytes), card, bytes, signature };
  decodeCard(encodeCard(signed)); // what nobody would accept must not be handed out
  return signed;
}

/** CBOR [signed bytes, signature]. */
export function encodeCard(card: SignedCard): Bytes {
  return encode([card.bytes, card.signature]);
}

/** Throws `WireError`. The signature is checked by `isCardGenuine`. */
export function decodeCard(bytes: Uint8Array): SignedCard {
  const [body, signature] = tuple(decode(bytes, 'card', MAX_CARD_BYTES), 'card', 2);
  const signed = bytesOf(body, 'card', { max: MAX_CARD_BYTES });
  return {
    id: cardIdOf(signed),
    card: decodeCardBody(signed),
    bytes: signed,
    signature: bytesOf(signature, 'card', 64) as Signature,
  };
}

/** Whether the card's own key signed it and may be granted anything. */
export async function isCardGenuine(suite: CryptoSuite, signed: SignedCard): Promise<boolean> {
  const key = signed.card.signingKey;
  return suite.isAcceptableKey(key) && (await suite.verify('card', signed.bytes, signed.signature, key));
}

/** The private half of the topic at which answers to the card wait; both ends know the secret. */
export function cardTopicSeed(card: Pick<Card, 'secret'>, id: CardId): Seed {
  return derive(card.secret, hex.decode(id)!, 'cardTopic', new Uint8Array(0)) as Seed;
}

function cardIdOf(bytes: Uint8Array): CardId {
  return hex.encode(hash('card', bytes)) as CardId;
}

function encodeCardBody(card: Card): Bytes {
  return encode({
    v: VERSION,
    sign: card.signingKey,
    seal: card.sealingKey,
    secret: card.secret,
    relays: card.relays,
    until: card.expiryDay,
  });
}

function decodeCardBody(bytes: Uint8Array): Card {
  const f = fields(decode(bytes, 'card', MAX_CARD_BYTES), 'card');
  f.version('v', VERSION);
  const sealingKey = f.bytes('seal', SEALING_KEY_BYTES[2]) as SealingKey;
  if (sealingKey[0] !== 2) throw new WireError('bad-field', 'card');
  const card = {
    signingKey: f.bytes('sign', 32) as SigningKey,
    sealingKey,
    secret: f.bytes('secret', 32),
    relays: f
      .list('relays', MAX_CARD_RELAYS)
      .map((relay) => textField(relay, 'card', MAX_RELAY_ADDRESS_BYTES) as RelayAddress),
    expiryDay: f.uint('until', 0xffff_ffff),
  };
  f.end();
  return card;
}
