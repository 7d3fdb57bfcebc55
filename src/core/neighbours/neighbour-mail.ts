// How a letter reaches another group: sealed to the key on its card, at the topic of its card and day (SPEC.md §3).

import { hex, type Bytes } from '../bytes/bytes.ts';
import { orJunkLater } from '../crypto/or-junk.ts';
import { derive } from '../crypto/hash.ts';
import { WRAP_OVERHEAD, type CryptoSuite, type Seed, type WrapOptions } from '../crypto/suite.ts';
import { pad, unpad } from '../wire/padding.ts';
import { decodeSignedLetter, encodeSignedLetter, type SignedLetter } from './order.ts';
import type { SignedOutsideCard } from './outside-card.ts';

/** What of a card mail needs: the key it is sealed to stands for the card, and the secret for having seen it. */
type Box = Pick<SignedOutsideCard, 'key' | 'number'> & { readonly card: Pick<SignedOutsideCard['card'], 'secret'> };

/** The private half of the topic at which letters to a card wait on a day: whoever has the card may leave one. */
export function neighbourTopicSeed({ card, key }: Box, day: number): Seed {
  const context = new Uint8Array(4);
  new DataView(context.buffer).setUint32(0, day);
  return derive(card.secret, hex.decode(key)!, 'neighbourTopic', context) as Seed;
}

/** As long as one of the buckets, ready to be an envelope's blob. `coins`: 64 random bytes. */
export function sealLetter(
  suite: CryptoSuite,
  to: SignedOutsideCard,
  sealed: { readonly letter: SignedLetter; readonly coins: Bytes },
): Promise<Bytes> {
  const padded = pad(encodeSignedLetter(sealed.letter), WRAP_OVERHEAD[2]);
  return suite.wrap(to.card.sealingKey, padded, { ...bindingOf(to), coins: sealed.coins });
}

/** `undefined` for junk: anyone who has the card can write to its topic. `seed` is that of the card's sealing key. */
export async function tryOpenLetter(
  suite: CryptoSuite,
  box: Box & { readonly seed: Seed },
  sealed: Uint8Array,
): Promise<SignedLetter | undefined> {
  return orJunkLater(async () => decodeSignedLetter(unpad(await suite.unwrap(box.seed, 2, sealed, bindingOf(box)))));
}

function bindingOf({ key, number, card }: Box): WrapOptions {
  const associated = new Uint8Array(40);
  associated.set(hex.decode(key)!);
  new DataView(associated.buffer).setBigUint64(32, BigInt(number));
  return { label: 'neighbourMail', associated, psk: card.secret };
}
