// The signing key inside a relay node's peer id, so that a relay node cannot pass itself off as another one's mailbox.

import { base58btc } from 'multiformats/bases/base58';
import type { Bytes } from '../bytes/bytes.ts';
import type { SigningKey } from '../crypto/suite.ts';
import type { PeerId } from '../ports.ts';

/** Identity multihash (00 24) of a libp2p public key: type Ed25519 (08 01), 32 bytes (12 20). libp2p peer-ids spec. */
const ED25519_PREFIX = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];

/** The key of an Ed25519 peer id in base58; `undefined` for anything else, such as the names of a simulated world. */
export function relayKeyOf(peer: PeerId): SigningKey | undefined {
  let bytes: Uint8Array;
  try {
    bytes = base58btc.baseDecode(peer);
  } catch {
    return undefined;
  }
  if (bytes.length !== ED25519_PREFIX.length + 32) return undefined;
  if (ED25519_PREFIX.some((byte, at) => bytes[at] !== byte)) return undefined;
  return bytes.slice(ED25519_PREFIX.length) as Bytes as SigningKey;
}
