// Own cards as rows: what was offered, the private halves while they may be needed, what became of it.

import { hex, type Bytes } from '#core/bytes/bytes.ts';
import type { SpaceId } from '#core/charter/ids.ts';
import type { Seed } from '#core/crypto/suite.ts';
import { decodeCard, encodeCard, type CardSecrets, type SignedCard } from '#core/identity/card.ts';
import type { Millis } from '#core/ports.ts';
import { decode, encode } from '#core/wire/cbor.ts';
import { bytesOf, fields } from '#core/wire/fields.ts';

export interface OwnCard {
  readonly signed: SignedCard;
  /** Kept until the card has expired, so that a second answer can be told; then erased. */
  readonly secrets: CardSecrets | undefined;
  readonly myName: string;
  readonly madeAt: Millis;
  readonly expiresAt: Millis;
  readonly state: 'open' | 'used' | 'expired' | 'withdrawn' | 'void';
  /** The pair that the first answer made. */
  readonly space: SpaceId | undefined;
}

export const CARD_COLLECTION = 'card';

export function encodeOwnCard(card: OwnCard): Bytes {
  return encode({
    card: encodeCard(card.signed),
    signing: card.secrets?.signingSeed ?? null,
    sealing: card.secrets?.sealingSeed ?? null,
    myName: card.myName,
    madeAt: card.madeAt,
    expiresAt: card.expiresAt,
    state: card.state,
    space: card.space === undefined ? null : hex.decode(card.space)!,
  });
}

/** Throws `WireError`. */
export function decodeOwnCard(bytes: Uint8Array): OwnCard {
  const row = fields(decode(bytes, 'card row', 10_000), 'card row');
  const signed = decodeCard(row.bytes('card', { max: 5_000 }));
  const seed = (name: string): Seed | undefined => {
    const value = row.value(name);
    return value === null ? undefined : (bytesOf(value, 'card row', 32) as Seed);
  };
  const signingSeed = seed('signing');
  const sealingSeed = seed('sealing');
  const space = row.value('space');
  const card: OwnCard = {
    signed,
    secrets:
      signingSeed === undefined || sealingSeed === undefined
        ? undefined
        : { signingSeed, sealingSeed, secret: signed.card.secret },
    myName: row.text('myName', 1_000),
    madeAt: row.uint('madeAt') as Millis,
    expiresAt: row.uint('expiresAt') as Millis,
    state: row.oneOf('state', ['open', 'used', 'expired', 'withdrawn', 'void']),
    space: space === null ? undefined : (hex.encode(bytesOf(space, 'card row', 32)) as SpaceId),
  };
  row.end();
  return card;
}
