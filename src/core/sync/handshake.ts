// Two devices prove to each other, for one space at a time, that they are live devices of it (SPEC.md §2). A stranger
// sees random bytes: the space is named by a MAC under its rendezvous secret, and the device's key travels sealed.

import { concat, equal, hex, type Bytes } from '../bytes/bytes.ts';
import { orJunkLater } from '../crypto/or-junk.ts';
import { derive } from '../crypto/hash.ts';
import { type AeadKey, type CryptoSuite, type Seed, type Signature, type SigningKey } from '../crypto/suite.ts';
import type { PeerId, Random } from '../ports.ts';
import { decode, encode } from '../wire/cbor.ts';
import { fields } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';

export const NONCE_BYTES = 32;
const AEAD_NONCE_BYTES = 24;
const TAG_BYTES = 32;
const CHANNEL_BYTES = 8;
const MAX_PROOF_BYTES = 400;

/** Both ends of a link as one of them sees it. */
export interface Ends {
  readonly own: { readonly peer: PeerId; readonly nonce: Bytes };
  readonly remote: { readonly peer: PeerId; readonly nonce: Bytes };
}

/** What proving takes: `rendezvous` is the space's rendezvous secret, `space` the 32 bytes of its id. */
export interface ProvenSpace {
  readonly space: Bytes;
  readonly rendezvous: Bytes;
}

/** A proof as it travels: the MAC names the space to whoever knows it, the rest is sealed. */
export interface Proof {
  readonly tag: Bytes;
  readonly sealed: Bytes;
}

/** Where frames of a space go on a proven link, and what seals them in each direction. */
export interface ChannelKeys {
  /** 16 hex digits; the same at both ends. */
  readonly channel: string;
  readonly send: AeadKey;
  readonly receive: AeadKey;
}

/** sender's peer, receiver's peer, sender's nonce, receiver's nonce. */
function transcript(from: Ends['own'], to: Ends['own']): Bytes {
  return encode([from.peer, to.peer, from.nonce, to.nonce]);
}

export async function makeProof(
  suite: CryptoSuite,
  random: Random,
  by: ProvenSpace & { readonly ends: Ends; readonly device: SigningKey; readonly seed: Seed },
): Promise<Proof> {
  const said = transcript(by.ends.own, by.ends.remote);
  const signature = await suite.sign('syncProof', concat(by.space, said), by.seed);
  const nonce = random.bytes(AEAD_NONCE_BYTES);
  const key = derive(by.rendezvous, by.space, 'syncProofKey', said) as AeadKey;
  const sealed = suite.seal(key, nonce, encode([by.device, signature]), new Uint8Array());
  return { tag: derive(by.rendezvous, by.space, 'syncTag', said), sealed: concat(nonce, sealed) };
}

/** The tag under which the other end would prove this space. */
export function expectedTag(by: ProvenSpace, ends: Ends): Bytes {
  return derive(by.rendezvous, by.space, 'syncTag', transcript(ends.remote, ends.own));
}

/** The device that made a proof, or `undefined` where it proves nothing. Whether it is live is the caller's question. */
export async function checkProof(
  suite: CryptoSuite,
  proof: Proof,
  by: ProvenSpace & { readonly ends: Ends },
): Promise<SigningKey | undefined> {
  const said = transcript(by.ends.remote, by.ends.own);
  if (!equal(proof.tag, derive(by.rendezvous, by.space, 'syncTag', said))) return undefined;
  const key = derive(by.rendezvous, by.space, 'syncProofKey', said) as AeadKey;
  return orJunkLater(async () => {
    const nonce = proof.sealed.subarray(0, AEAD_NONCE_BYTES);
    const opened = suite.open(key, nonce, proof.sealed.subarray(AEAD_NONCE_BYTES), new Uint8Array());
    const { device, signature } = decodeProven(opened);
    if (!suite.isAcceptableKey(device)) return undefined;
    return (await suite.verify('syncProof', concat(by.space, said), signature, device)) ? device : undefined;
  });
}

/** [device key, signature]: what a proof seals. */
export function decodeProven(bytes: Uint8Array): { readonly device: SigningKey; readonly signature: Signature } {
  const value = decode(bytes, 'proof', MAX_PROOF_BYTES);
  if (!Array.isArray(value) || value.length !== 2) throw new WireError('bad-field', 'proof');
  const read = fields({ device: value[0] as unknown, signature: value[1] as unknown }, 'proof');
  return { device: read.bytes('device', 32) as SigningKey, signature: read.bytes('signature', 64) as Signature };
}

/** Keys for the frames of a proven space on this link: fresh with the nonces, one for each direction. */
export function channelKeys(by: ProvenSpace, ends: Ends): ChannelKeys {
  const out = transcript(ends.own, ends.remote);
  const back = transcript(ends.remote, ends.own);
  const both = hex.encode(out) < hex.encode(back) ? concat(out, back) : concat(back, out);
  return {
    channel: hex.encode(derive(by.rendezvous, by.space, 'syncChannel', both, CHANNEL_BYTES)),
    send: derive(by.rendezvous, by.space, 'syncFrame', out) as AeadKey,
    receive: derive(by.rendezvous, by.space, 'syncFrame', back) as AeadKey,
  };
}

export { AEAD_NONCE_BYTES, CHANNEL_BYTES, TAG_BYTES };
