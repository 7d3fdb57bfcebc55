// Who this device is in a space, and the small facts it keeps about it, as one row.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import { bytesOfId } from '#core/charter/op.ts';
import type { Seed } from '#core/crypto/suite.ts';
import { decode, encode } from '#core/wire/cbor.ts';
import { fields } from '#core/wire/fields.ts';

/** What the space is to this person; a restart finds the space by this row. */
export interface SpaceIdentity {
  readonly space: SpaceId;
  readonly kind: 'self' | 'pair';
  readonly device: DeviceId;
  readonly seed: Seed;
  readonly inboxSecret: Bytes;
  /** Relay nodes where the pair began: the card's. */
  readonly relays: readonly string[];
  /** For whoever answered a card: its topic secret, under which mail waits for the inviter until they were heard. */
  readonly cardSecret: Bytes | undefined;
  readonly card: Bytes | undefined;
}

export const SPACE_COLLECTION = 'space';

export function encodeIdentity(identity: SpaceIdentity): Bytes {
  return encode({
    kind: identity.kind,
    device: bytesOfId(identity.device),
    seed: identity.seed,
    inbox: identity.inboxSecret,
    relays: identity.relays,
    cardSecret: identity.cardSecret ?? null,
    card: identity.card ?? null,
  });
}

/** Throws `WireError`. */
export function decodeIdentity(space: SpaceId, bytes: Uint8Array): SpaceIdentity {
  const read = fields(decode(bytes, 'space row', 20_000), 'space row');
  const optional = (name: string, max: number): Bytes | undefined =>
    read.value(name) === null ? undefined : read.bytes(name, { max });
  const identity: SpaceIdentity = {
    space,
    kind: read.oneOf('kind', ['self', 'pair']),
    device: read.id<DeviceId>('device', 32),
    seed: read.bytes('seed', 32) as Seed,
    inboxSecret: read.bytes('inbox', 32),
    relays: read.list('relays', 16).map(String),
    cardSecret: optional('cardSecret', 32),
    card: optional('card', 32),
  };
  read.end();
  return identity;
}
