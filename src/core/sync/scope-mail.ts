// Parcels as mail for all readers of a scope (SPEC.md §7.1): one envelope for everybody who holds the scope's key, at a
// topic that only they can derive. Keys and other things for one device go to that device's own topic (mail.ts).

import { concat, utf8, type Bytes } from '../bytes/bytes.ts';
import type { SpaceId } from '../charter/ids.ts';
import { bytesOfId } from '../charter/op.ts';
import { orJunk } from '../crypto/or-junk.ts';
import { derive } from '../crypto/hash.ts';
import type { AeadKey, CryptoSuite } from '../crypto/suite.ts';
import type { ScopeKey } from '../keys/scope-key.ts';
import type { Random } from '../ports.ts';
import { topicBytes, type Topic } from '../wire/envelope.ts';
import { pad, unpad } from '../wire/padding.ts';
import { MAX_MAIL_BYTES } from './mail.ts';
import { decodeParcel, encodeParcel, type Parcel } from './parcel.ts';

const NONCE_BYTES = 24;
const OVERHEAD = NONCE_BYTES + 16;

/** Which group and by which of its keys. */
export interface ScopeMail {
  readonly space: SpaceId;
  readonly key: ScopeKey;
}

function sealOf({ space, key }: ScopeMail): AeadKey {
  return derive(key.secret, bytesOfId(space), 'scopeMail', utf8(key.scope)) as AeadKey;
}

/** An envelope's blob: nonce ‖ sealed(padded parcel), bound to its topic. Throws `WireError` where it is too long. */
export function sealScopeMail(
  suite: CryptoSuite,
  random: Random,
  mail: ScopeMail & { readonly topic: Topic; readonly parcel: Parcel },
): Bytes {
  const nonce = random.bytes(NONCE_BYTES);
  return concat(
    nonce,
    suite.seal(sealOf(mail), nonce, pad(encodeParcel(mail.parcel), OVERHEAD), topicBytes(mail.topic)),
  );
}

/** `undefined` for what is not mail under this key. Never throws, whatever the bytes. */
export function openScopeMail(
  suite: CryptoSuite,
  mail: ScopeMail & { readonly topic: Topic; readonly blob: Uint8Array },
): Parcel | undefined {
  return orJunk(() => {
    const nonce = mail.blob.subarray(0, NONCE_BYTES);
    const plain = suite.open(sealOf(mail), nonce, mail.blob.subarray(NONCE_BYTES), topicBytes(mail.topic));
    return decodeParcel(unpad(plain), MAX_MAIL_BYTES);
  });
}
