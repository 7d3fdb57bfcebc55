// A device says where it can be met now (SPEC.md §8): signed, sealed for the members, never stored or acknowledged.

import { concat, hex, type Bytes } from '../bytes/bytes.ts';
import type { DeviceId, SpaceId } from '../charter/ids.ts';
import { bytesOfId } from '../charter/op.ts';
import { orJunkLater } from '../crypto/or-junk.ts';
import { derive } from '../crypto/hash.ts';
import type { AeadKey, CryptoSuite, Seed, SigningKey } from '../crypto/suite.ts';
import type { NetworkPolicy, PeerId, Random, RelayAddress } from '../ports.ts';
import { decode, encode } from '../wire/cbor.ts';
import { bytesOf, fields, textField, tuple } from '../wire/fields.ts';
import { pad, unpad } from '../wire/padding.ts';

export interface Beat {
  readonly device: DeviceId;
  readonly peer: PeerId;
  /** Where the peer holds a place to be called at. */
  readonly relays: readonly RelayAddress[];
  /** The road its person allows with this contact; the narrower of the two sides counts. */
  readonly policy: NetworkPolicy;
  /** It has just come and knows nobody: whoever hears this answers with a beat of their own. */
  readonly isGreeting: boolean;
}

const NONCE_BYTES = 24;
const OVERHEAD = NONCE_BYTES + 16;
const MAX_BEAT_CONTENT = 1_900;
const MAX_PEER_BYTES = 128;
const MAX_RELAYS = 4;
const MAX_RELAY_BYTES = 300;

export interface BeatSeal {
  readonly space: SpaceId;
  readonly rendezvous: Bytes;
}

function beatKey(by: BeatSeal): AeadKey {
  return derive(by.rendezvous, bytesOfId(by.space), 'beatSeal', new Uint8Array()) as AeadKey;
}

/** nonce ‖ sealed(padded [signed bytes, signature]). */
export async function sealBeat(
  suite: CryptoSuite,
  random: Random,
  by: BeatSeal & { readonly beat: Beat; readonly seed: Seed },
): Promise<Bytes> {
  const nonce = random.bytes(NONCE_BYTES);
  const padded = pad(await signBeat(suite, by), OVERHEAD);
  return concat(nonce, suite.seal(beatKey(by), nonce, padded, new Uint8Array()));
}

/** [signed bytes, signature], as it is sealed. */
export async function signBeat(
  suite: CryptoSuite,
  by: { readonly space: SpaceId; readonly beat: Beat; readonly seed: Seed },
): Promise<Bytes> {
  const { device, peer, relays, policy, isGreeting } = by.beat;
  const map = { v: 1, device: bytesOfId(device), peer, relays: relays.slice(0, MAX_RELAYS), policy, greet: isGreeting };
  const bytes = encode(map);
  return encode([bytes, await suite.sign('beat', concat(bytesOfId(by.space), bytes), by.seed)]);
}

/** A beat whose device signed it, or `undefined`. Whether the device is live is the caller's question. Never throws. */
export async function openBeat(suite: CryptoSuite, by: BeatSeal, sealed: Uint8Array): Promise<Beat | undefined> {
  return orJunkLater(async () => {
    const nonce = sealed.subarray(0, NONCE_BYTES);
    const plain = unpad(suite.open(beatKey(by), nonce, sealed.subarray(NONCE_BYTES), new Uint8Array()));
    return await readSignedBeat(suite, by.space, plain);
  });
}

/** The other half of `signBeat`; `undefined` where the device did not sign it. Throws `WireError` only. */
export async function readSignedBeat(suite: CryptoSuite, space: SpaceId, content: Bytes): Promise<Beat | undefined> {
  const [signed, signature] = tuple(decode(content, 'beat', MAX_BEAT_CONTENT), 'beat', 2);
  const bytes = bytesOf(signed, 'beat', { max: MAX_BEAT_CONTENT });
  const beat = decodeBeat(bytes);
  const key = bytesOfId(beat.device) as SigningKey;
  if (!suite.isAcceptableKey(key)) return undefined;
  const said = concat(bytesOfId(space), bytes);
  return (await suite.verify('beat', said, bytesOf(signature, 'beat', 64), key)) ? beat : undefined;
}

/** Throws `WireError` only. */
export function decodeBeat(bytes: Uint8Array): Beat {
  const read = fields(decode(bytes, 'beat', MAX_BEAT_CONTENT), 'beat');
  read.version('v', 1);
  const beat: Beat = {
    device: hex.encode(read.bytes('device', 32)) as DeviceId,
    peer: read.text('peer', MAX_PEER_BYTES) as PeerId,
    relays: read.list('relays', MAX_RELAYS).map((relay) => textField(relay, 'beat', MAX_RELAY_BYTES) as RelayAddress),
    policy: read.oneOf('policy', ['direct', 'relays']),
    isGreeting: read.bool('greet'),
  };
  read.end();
  return beat;
}
