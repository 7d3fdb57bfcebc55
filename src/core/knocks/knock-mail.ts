// How a knock reaches a group and how the group answers (SPEC.md §3): sealed to the key of the door; back to the key of
// who knocked.

import { concat, hex, type Bytes } from '../bytes/bytes.ts';
import type { SpaceId } from '../charter/ids.ts';
import { derive } from '../crypto/hash.ts';
import { orJunkLater } from '../crypto/or-junk.ts';
import { WRAP_OVERHEAD, type CryptoSuite, type Seed, type WrapOptions } from '../crypto/suite.ts';
import { decodeWelcome, encodeWelcome, type Welcome } from '../sync/welcome.ts';
import { pad, unpad } from '../wire/padding.ts';
import type { Door } from './door.ts';
import { decodeSignedKnock, encodeSignedKnock, type KnockLetter, type SignedKnock } from './knock-letter.ts';

/** Knocks of one week wait together: fewer topics to read than one a day, and none that names the group for months. */
export const WEEK_DAYS = 7;

/** The private half of the topic at which knocks of a relay node's day wait: whoever has the code may leave one. */
export function doorTopicSeed({ secret, space }: Pick<Door, 'secret' | 'space'>, day: number): Seed {
  const week = new Uint8Array(4);
  new DataView(week.buffer).setUint32(0, Math.floor(day / WEEK_DAYS));
  return derive(secret, raw(space), 'doorTopic', week) as Seed;
}

/** As long as one of the buckets, ready to be an envelope's blob. `coins`: 64 random bytes. */
export function sealKnock(
  suite: CryptoSuite,
  door: Door,
  sealed: { readonly knock: SignedKnock; readonly coins: Bytes },
): Promise<Bytes> {
  const padded = pad(encodeSignedKnock(sealed.knock), WRAP_OVERHEAD[2]);
  return suite.wrap(door.sealingKey, padded, { ...doorBinding(door), coins: sealed.coins });
}

/** `undefined` for junk: anyone who has the code can write to its topic. `seed` is that of the door's sealing key. */
export async function tryOpenKnock(
  suite: CryptoSuite,
  at: { readonly door: Door; readonly seed: Seed },
  blob: Uint8Array,
): Promise<SignedKnock | undefined> {
  return orJunkLater(async () => decodeSignedKnock(unpad(await suite.unwrap(at.seed, 2, blob, doorBinding(at.door)))));
}

type Knocker = Pick<KnockLetter, 'space' | 'device' | 'reply'>;

/** The private half of the topic at which the answer waits. */
export function replyTopicSeed({ space, device, reply }: Knocker): Seed {
  return derive(reply, raw(space), 'knockTopic', raw(device)) as Seed;
}

/** An envelope's blob: a piece of a welcome, or one without keys and ops, which says that nobody will let them in. */
export function sealReply(
  suite: CryptoSuite,
  to: KnockLetter,
  sealed: { readonly piece: Welcome; readonly coins: Bytes },
): Promise<Bytes> {
  const padded = pad(encodeWelcome(sealed.piece), WRAP_OVERHEAD[1]);
  return suite.wrap(to.record.record.sealingKey, padded, { ...replyBinding(to), coins: sealed.coins });
}

/** `undefined` for what nobody who read the knock sealed. */
export async function tryOpenReply(
  suite: CryptoSuite,
  by: { readonly knocker: Knocker; readonly seed: Seed },
  blob: Uint8Array,
): Promise<Welcome | undefined> {
  const { knocker, seed } = by;
  return orJunkLater(async () => {
    return decodeWelcome(unpad(await suite.unwrap(seed, 1, blob, replyBinding(knocker))), knocker.space);
  });
}

function doorBinding({ space, secret }: Door): WrapOptions {
  return { label: 'doorMail', associated: raw(space), psk: secret };
}

function replyBinding({ space, device, reply }: Knocker): WrapOptions {
  return { label: 'knockReply', associated: concat(raw(space), raw(device)), psk: reply };
}

function raw(id: SpaceId | string): Bytes {
  return hex.decode(id)!;
}
