// Parcels as mail: where they wait for one device, and the seal that hides them from the relay node (SPEC.md §7).

import { concat, type Bytes } from '../bytes/bytes.ts';
import type { SpaceId } from '../charter/ids.ts';
import { bytesOfId } from '../charter/op.ts';
import { orJunk } from '../crypto/or-junk.ts';
import { derive } from '../crypto/hash.ts';
import type { AeadKey, CryptoSuite, Seed } from '../crypto/suite.ts';
import type { Random } from '../ports.ts';
import { topicBytes, type Topic } from '../wire/envelope.ts';
import { maxPaddedContent, pad, unpad } from '../wire/padding.ts';
import { decodeParcel, encodeParcel, type Parcel } from './parcel.ts';

const NONCE_BYTES = 24;
const TAG_BYTES = 16;
const OVERHEAD = NONCE_BYTES + TAG_BYTES;
/** The largest parcel one envelope holds. */
export const MAX_MAIL_BYTES = maxPaddedContent(OVERHEAD);
/** What fits the class below: most mail is cut to this, so that one long message does not make all of it long. */
export const USUAL_MAIL_BYTES = 32_768 - OVERHEAD - 1;

/**
 * Mail of one principal for one device: the device's inbox secret and the sender's index among the principals. In groups
 * one route for all senders: `undefined`.
 */
export interface MailRoute {
  readonly space: SpaceId;
  readonly inboxSecret: Bytes;
  readonly sender: number | undefined;
}

/** Private half of the topic at which a route's mail of one day waits. */
export function inboxTopicSeed(route: MailRoute, day: number): Seed {
  return derive(route.inboxSecret, bytesOfId(route.space), 'inboxTopic', concat(senderByte(route), u32(day))) as Seed;
}

/** Where devices of a space meet on a day. */
export function rendezvousTopicSeed(space: SpaceId, rendezvous: Bytes, day: number): Seed {
  return derive(rendezvous, bytesOfId(space), 'rendezvousTopic', u32(day)) as Seed;
}

function mailKey(route: MailRoute): AeadKey {
  return derive(route.inboxSecret, bytesOfId(route.space), 'mailSeal', senderByte(route)) as AeadKey;
}

/** An envelope's blob: nonce ‖ sealed(padded parcel), bound to its topic. Throws `WireError` where it is too long. */
export function sealMail(
  suite: CryptoSuite,
  random: Random,
  mail: { readonly route: MailRoute; readonly topic: Topic; readonly parcel: Parcel },
): Bytes {
  const nonce = random.bytes(NONCE_BYTES);
  const padded = pad(encodeParcel(mail.parcel), OVERHEAD);
  return concat(nonce, suite.seal(mailKey(mail.route), nonce, padded, topicBytes(mail.topic)));
}

/** `undefined` for what is not mail of this route. Never throws, whatever the bytes. */
export function openMail(
  suite: CryptoSuite,
  mail: { readonly route: MailRoute; readonly topic: Topic; readonly blob: Uint8Array },
): Parcel | undefined {
  return orJunk(() => {
    const nonce = mail.blob.subarray(0, NONCE_BYTES);
    const sealed = mail.blob.subarray(NONCE_BYTES);
    return decodeParcel(unpad(suite.open(mailKey(mail.route), nonce, sealed, topicBytes(mail.topic))), MAX_MAIL_BYTES);
  });
}

function senderByte(route: MailRoute): Bytes {
  return route.sender === undefined ? new Uint8Array(0) : new Uint8Array([route.sender]);
}

function u32(value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
