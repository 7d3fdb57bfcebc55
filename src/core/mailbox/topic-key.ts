// Who may write to a topic and collect from it: whoever can derive its private key. Envelopes are signed, proofs of
// reading made, and ids given here (SPEC.md §2 and §3).

import type { Brand } from '../bytes/brand.ts';
import { concat, hex, type Bytes } from '../bytes/bytes.ts';
import { hash } from '../crypto/hash.ts';
import type { CryptoSuite, Seed, SigningKey } from '../crypto/suite.ts';
import { decodeEnvelope, encodeEnvelope, signedEnvelopeBytes, signedPartOf, topicBytes } from '../wire/envelope.ts';
import type { Envelope, Topic } from '../wire/envelope.ts';

/** The hash of an envelope's signed bytes, lower-case hex. The signature has no part in it: some are randomised. */
export type EnvelopeId = Brand<string, 'EnvelopeId'>;

/** A topic with the private key it is the public half of. */
export interface TopicKey {
  readonly topic: Topic;
  readonly seed: Seed;
}

/** The part of the crypto suite that mailboxes use: a relay node has no other. */
export type TopicCrypto = Pick<CryptoSuite, 'signingKeyOf' | 'sign' | 'verify'>;

/** What a relay said of itself on a link; proofs of reading are bound to it. */
export interface Challenge {
  readonly relayKey: SigningKey;
  readonly challenge: Bytes;
}

/** A fortnight of topics for some dozens of contacts. */
const REMEMBERED_KEYS = 1_024;

/** By the seed's text; lives no longer than the suite of an unlocked session, which can derive every seed anew. */
const remembered = new WeakMap<TopicCrypto, Map<string, Promise<TopicKey>>>();

/** The same topics are asked for with each look at a relay node, so they are computed once. */
export function topicKeyOf(suite: TopicCrypto, seed: Seed): Promise<TopicKey> {
  let keys = remembered.get(suite);
  if (keys === undefined) remembered.set(suite, (keys = new Map()));
  const name = hex.encode(seed);
  let key = keys.get(name);
  if (key === undefined) {
    key = makeTopicKey(suite, seed);
    if (keys.size >= REMEMBERED_KEYS) keys.delete(keys.keys().next().value!);
    keys.set(name, key);
  }
  return key;
}

async function makeTopicKey(suite: TopicCrypto, seed: Seed): Promise<TopicKey> {
  return { topic: hex.encode(await suite.signingKeyOf(seed)) as Topic, seed };
}

/** Signs a blob, which must be exactly as long as a bucket, for its topic. */
export async function makeEnvelope(
  suite: TopicCrypto,
  key: TopicKey,
  content: { readonly blob: Bytes; readonly expiryDay: number },
): Promise<Envelope> {
  const unsigned = { topic: key.topic, expiryDay: content.expiryDay, blob: content.blob };
  const signature = await suite.sign('envelope', signedEnvelopeBytes(unsigned), key.seed);
  const envelope = { ...unsigned, signature };
  decodeEnvelope(encodeEnvelope(envelope)); // what no custodian would take must not leave this device either
  return envelope;
}

/** The id of encoded envelope bytes. */
export function envelopeIdOf(encoded: Uint8Array): EnvelopeId {
  return hex.encode(hash('envelope', signedPartOf(encoded))) as EnvelopeId;
}

/** Whether the topic's key signed these encoded bytes. `envelope` is what they decode to. */
export function isSignedByTopic(suite: TopicCrypto, encoded: Uint8Array, envelope: Envelope): Promise<boolean> {
  return suite.verify('envelope', signedPartOf(encoded), envelope.signature, topicBytes(envelope.topic) as SigningKey);
}

function proofBytes(to: Challenge, topic: Topic): Bytes {
  return concat(to.challenge, to.relayKey, topicBytes(topic));
}

/** Proof that its maker may read a topic, good on one link to one relay only. */
export function proveReading(suite: TopicCrypto, key: TopicKey, to: Challenge): Promise<Bytes> {
  return suite.sign('mailboxRead', proofBytes(to, key.topic), key.seed);
}

export function mayRead(
  suite: TopicCrypto,
  topic: Topic,
  proof: { signature: Bytes; to: Challenge },
): Promise<boolean> {
  return suite.verify('mailboxRead', proofBytes(proof.to, topic), proof.signature, topicBytes(topic) as SigningKey);
}

/** A signed beat as it goes to the relay node. The relay passes it on only when the topic's key made it. */
export interface SignedBeat {
  readonly topic: Topic;
  readonly beat: Bytes;
  readonly signature: Bytes;
}

export async function signBeat(suite: TopicCrypto, key: TopicKey, beat: Bytes): Promise<SignedBeat> {
  const signature = await suite.sign('mailboxBeat', concat(topicBytes(key.topic), beat), key.seed);
  return { topic: key.topic, beat, signature };
}

export function isBeatSignedByTopic(suite: TopicCrypto, { topic, beat, signature }: SignedBeat): Promise<boolean> {
  const key = topicBytes(topic);
  return suite.verify('mailboxBeat', concat(key, beat), signature, key as SigningKey);
}
