// Calls one device of a group that may be looking for the others where they met before (SPEC.md §8.1): a beat and a
// secret of their own to meet by, sealed so that nobody else can read them, whoever else listens where they pass.

import { concat, hex, utf8, type Bytes } from '../bytes/bytes.ts';
import type { DeviceId, SealingKeyId, SpaceId } from '../charter/ids.ts';
import { bytesOfId } from '../charter/op.ts';
import { orJunkLater } from '../crypto/or-junk.ts';
import {
  COINS_BYTES,
  SealFault,
  WRAP_OVERHEAD,
  type CryptoSuite,
  type SealingKey,
  type SealingSuite,
  type Seed,
} from '../crypto/suite.ts';
import { sealingKeyIdOf } from '../keys/device-record.ts';
import type { OpenerKey } from '../keys/wrap.ts';
import type { Random, RelayAddress } from '../ports.ts';
import { pad, unpad } from '../wire/padding.ts';
import { readSignedBeat, signBeat, type Beat } from './beat.ts';

const ID_BYTES = 32;
const SECRET_BYTES = 32;
/** As many as leave the whole in one beat of a relay node. */
const MAX_RELAYS = 3;
const MAX_RELAYS_BYTES = 400;

export interface Beckoning {
  /** Takes the place of the rendezvous secret between the two, for one meeting. */
  readonly secret: Bytes;
  readonly beat: Beat;
}

/** Sealing key id ‖ wrap of (secret ‖ padded beat); `undefined` where nothing can be sealed to the key. */
export async function sealBeckoning(
  suite: CryptoSuite,
  random: Random,
  by: Beckoning & {
    readonly space: SpaceId;
    readonly seed: Seed;
    readonly to: { readonly device: DeviceId; readonly sealingKey: SealingKey };
  },
): Promise<Bytes | undefined> {
  const { space, seed, secret, to } = by;
  const beat = { ...by.beat, relays: fewRelays(by.beat.relays) };
  const signed = await signBeat(suite, { space, beat, seed });
  const overhead = ID_BYTES + SECRET_BYTES + WRAP_OVERHEAD[to.sealingKey[0] as SealingSuite];
  try {
    const plain = concat(secret, pad(signed, overhead));
    const coins = random.bytes(COINS_BYTES);
    const options = { label: 'beckon', associated: associatedOf(space, to.device), coins } as const;
    return concat(bytesOfId(sealingKeyIdOf(to.sealingKey)), await suite.wrap(to.sealingKey, plain, options));
  } catch (cause) {
    if (cause instanceof SealFault) return undefined;
    throw cause;
  }
}

/** `keyFor`: the own sealing key of that id. Whether the device that beckons is live is the caller's question. */
export async function openBeckoning(
  suite: CryptoSuite,
  by: {
    readonly space: SpaceId;
    readonly device: DeviceId;
    readonly keyFor: (id: SealingKeyId) => OpenerKey | undefined;
  },
  sealed: Uint8Array,
): Promise<Beckoning | undefined> {
  const key = by.keyFor(hex.encode(sealed.subarray(0, ID_BYTES)) as SealingKeyId);
  if (key === undefined) return undefined;
  return orJunkLater(async () => {
    const options = { label: 'beckon', associated: associatedOf(by.space, by.device) } as const;
    const plain = await suite.unwrap(key.seed, key.suite, sealed.subarray(ID_BYTES), options);
    if (plain.length <= SECRET_BYTES) return undefined;
    const beat = await readSignedBeat(suite, by.space, unpad(plain.subarray(SECRET_BYTES)));
    return beat === undefined ? undefined : { secret: plain.slice(0, SECRET_BYTES) as Bytes, beat };
  });
}

function fewRelays(relays: readonly RelayAddress[]): readonly RelayAddress[] {
  const few: RelayAddress[] = [];
  let room = MAX_RELAYS_BYTES;
  for (const relay of relays.slice(0, MAX_RELAYS)) {
    room -= utf8(relay).length;
    if (room >= 0) few.push(relay);
  }
  return few;
}

function associatedOf(space: SpaceId, device: DeviceId): Bytes {
  return concat(bytesOfId(space), bytesOfId(device));
}
