// A set of secrets sealed for one device (keys/SPEC.md §5).

import { concat, type Bytes } from '../bytes/bytes.ts';
import { orJunkLater } from '../crypto/or-junk.ts';
import {
  COINS_BYTES,
  SealFault,
  type CryptoSuite,
  type SealingKey,
  type SealingSuite,
  type Seed,
} from '../crypto/suite.ts';
import type { Random } from '../ports.ts';
import { decode, encode, type Encodable } from '../wire/cbor.ts';
import { bytesOf, fields, listOf, tuple, uintOf } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';
import type { DeviceId, Scope, SealingKeyId, SpaceId } from '../charter/ids.ts';
import { MAX_RECIPIENTS } from '../charter/key-body.ts';
import { bytesOfId } from '../charter/op.ts';
import { sealingKeyIdOf } from './device-record.ts';
import { isUnderRoot, leafOf, merkleTree, type LeafPlace } from './merkle.ts';
import { scopeKeyOf, type ScopeKey, type ScopeSecret } from './scope-key.ts';

/** What a device gets: keys of all scopes it may read, and the secret by which devices of the space find each other. */
export interface WrapSecrets {
  readonly keys: readonly ScopeKey[];
  readonly rendezvous: Bytes;
}

export interface Wrap {
  readonly space: SpaceId;
  readonly device: DeviceId;
  readonly sealingKey: SealingKeyId;
  /** Its place under the root in a rotation; absent in a `share`. */
  readonly place: LeafPlace | undefined;
  /** HPKE encapsulation ‖ ciphertext. */
  readonly sealed: Bytes;
}

export interface WrapRecipient {
  readonly device: DeviceId;
  readonly sealingKey: SealingKey;
}

/** A private sealing key: its seed, and the suite its public half was made for. */
export interface OpenerKey {
  readonly seed: Seed;
  readonly suite: SealingSuite;
}

export interface SealedSecrets {
  readonly wraps: readonly Wrap[];
  readonly root: Bytes;
}

/** Nothing can be sealed to any of the recipients. */
export class NobodyLeft extends Error {}

/** The seam at which MLS or BeeKEM could replace wraps. */
export interface KeyAgreement {
  /**
   * Leaves out recipients whose sealing key nothing can be sealed to: keys come from others. Rejects with `NobodyLeft`
   * when there is nobody else. `secrets`: the same for all, or for each device its own.
   */
  seal(
    space: SpaceId,
    recipients: readonly WrapRecipient[],
    secrets: WrapSecrets | ((device: DeviceId) => WrapSecrets),
  ): Promise<SealedSecrets>;
  /** `undefined` when it does not open or holds nothing sensible. Never throws. */
  open(wrap: Wrap, key: OpenerKey): Promise<WrapSecrets | undefined>;
}

const VERSION = 1;
/** Wraps made at a time: the platform has threads of its own, and each step stays short for whoever is typing. */
const AT_A_TIME = 4;
const MAX_KEYS = 64;
const MAX_SCOPE_BYTES = 64;
const MAX_SEALED_BYTES = 16_384;
/** 512 leaves make a tree of 9 levels. */
const MAX_PATH = 9;
const MAX_WRAP_BYTES = MAX_SEALED_BYTES + 1_024;

/** Lets others go on between some wraps and the next: gives a promise when it is time, and nothing otherwise. */
export type Pause = () => Promise<void> | undefined;

/** Wraps by HPKE, one for each device. */
export function wrapAgreement(random: Random, suite: CryptoSuite, pause?: Pause): KeyAgreement {
  return {
    async seal(space, recipients, secrets) {
      const plainFor =
        typeof secrets === 'function'
          ? (device: DeviceId): Bytes => encodeWrapSecrets(secrets(device))
          : sameForAll(encodeWrapSecrets(secrets));
      const drafts: Omit<Wrap, 'place'>[] = [];
      for (let at = 0; at < recipients.length; at += AT_A_TIME) {
        const sealing = recipients.slice(at, at + AT_A_TIME).map(async ({ device, sealingKey }) => {
          const options = {
            label: 'wrap',
            associated: associatedOf(space, device),
            coins: random.bytes(COINS_BYTES),
          } as const;
          const sealed = await sealTo(sealingKey, plainFor(device), options, suite);
          return sealed === undefined ? [] : [{ space, device, sealingKey: sealingKeyIdOf(sealingKey), sealed }];
        });
        drafts.push(...(await Promise.all(sealing)).flat());
        const paused = pause?.();
        if (paused !== undefined) await paused;
      }
      if (drafts.length === 0) throw new NobodyLeft('no sealing key that anything can be sealed to');
      const { root, paths } = merkleTree(drafts.map(leafBytes));
      const wraps = drafts.map((draft, index) => {
        return { ...draft, place: { index, count: drafts.length, path: paths[index]! } };
      });
      return { wraps, root };
    },
    async open(wrap, { seed, suite: sealingSuite }) {
      const options = { label: 'wrap', associated: associatedOf(wrap.space, wrap.device) } as const;
      return orJunkLater(async () =>
        decodeWrapSecrets(await suite.unwrap(seed, sealingSuite, wrap.sealed, options), wrap.space),
      );
    },
  };
}

function sameForAll(plain: Bytes): () => Bytes {
  return () => plain;
}

type SealOptions = Parameters<CryptoSuite['wrap']>[2];

/** Who publishes a key that nothing can be sealed to gets nothing; the others are not held up. */
async function sealTo(
  key: SealingKey,
  plain: Bytes,
  options: SealOptions,
  suite: CryptoSuite,
): Promise<Bytes | undefined> {
  try {
    return await suite.wrap(key, plain, options);
  } catch (fault) {
    if (fault instanceof SealFault) return undefined;
    throw fault;
  }
}

/** A wrap sealed for one device and space opens for no other. */
function associatedOf(space: SpaceId, device: DeviceId): Bytes {
  return concat(bytesOfId(space), bytesOfId(device));
}

function leafBytes(wrap: Omit<Wrap, 'place'>): Bytes {
  return leafOf(concat(bytesOfId(wrap.device), bytesOfId(wrap.sealingKey), wrap.sealed));
}

/** Whether a wrap is the one its rotation's root commits to. A share never is. */
export function belongsTo(wrap: Wrap, root: Uint8Array): boolean {
  return wrap.place !== undefined && isUnderRoot(leafBytes(wrap), wrap.place, root);
}

export function encodeWrapSecrets({ keys, rendezvous }: WrapSecrets): Bytes {
  return encode([VERSION, rendezvous, keys.map(({ scope, secret }) => [scope, secret])]);
}

/** Throws `WireError`. */
export function decodeWrapSecrets(bytes: Uint8Array, space: SpaceId): WrapSecrets {
  const [version, rendezvous, keys] = tuple(decode(bytes, 'wrap secrets', MAX_SEALED_BYTES), 'wrap secrets', 3);
  if (version !== VERSION) throw new WireError('unknown-version', 'wrap secrets');
  const read = listOf(keys, 'wrap secrets', MAX_KEYS).map((item) => {
    const [scope, secret] = tuple(item, 'wrap secrets', 2);
    if (typeof scope !== 'string' || scope.length > MAX_SCOPE_BYTES) throw new WireError('bad-field', 'wrap secrets');
    return scopeKeyOf(space, scope as Scope, bytesOf(secret, 'wrap secrets', 32) as ScopeSecret);
  });
  return { keys: read, rendezvous: bytesOf(rendezvous, 'wrap secrets', 32) };
}

export function encodeWrap(wrap: Wrap): Bytes {
  const { place } = wrap;
  const map: Record<string, Encodable> = {
    v: VERSION,
    space: bytesOfId(wrap.space),
    device: bytesOfId(wrap.device),
    sealingKey: bytesOfId(wrap.sealingKey),
    sealed: wrap.sealed,
  };
  if (place !== undefined) map['place'] = [place.index, place.count, place.path];
  return encode(map);
}

/** Throws `WireError`. */
export function decodeWrap(encoded: Uint8Array): Wrap {
  const map = fields(decode(encoded, 'wrap', MAX_WRAP_BYTES), 'wrap');
  map.version('v', VERSION);
  const wrap = {
    space: map.id<SpaceId>('space', 32),
    device: map.id<DeviceId>('device', 32),
    sealingKey: map.id<SealingKeyId>('sealingKey', 32),
    sealed: map.bytes('sealed', { min: 1, max: MAX_SEALED_BYTES }),
    place: map.has('place') ? readPlace(map.value('place')) : undefined,
  };
  map.end();
  return wrap;
}

function readPlace(value: unknown): LeafPlace {
  const [index, count, path] = tuple(value, 'wrap', 3);
  return {
    index: uintOf(index, 'wrap', MAX_RECIPIENTS),
    count: uintOf(count, 'wrap', MAX_RECIPIENTS),
    path: listOf(path, 'wrap', MAX_PATH).map((node) => bytesOf(node, 'wrap', 32)),
  };
}
