// Who this device is in a space, and the small facts it keeps about it, as one row.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import { bytesOfId } from '#core/charter/op.ts';
import type { SealingKey, Seed } from '#core/crypto/suite.ts';
import type { CardId } from '#core/identity/card.ts';
import { decode, encode } from '#core/wire/cbor.ts';
import { fields } from '#core/wire/fields.ts';

/** The card a pair began with, as far as it is still of use. */
export interface PairCard {
  readonly role: 'inviter' | 'answerer';
  readonly id: CardId;
  /** The card's signing key: founder 0. */
  readonly device: DeviceId;
  /** Hides mail for the inviter until they were heard. */
  readonly secret: Bytes;
  readonly sealingKey: SealingKey;
}

/** What the space is to this person; a restart finds the space by this row. */
export interface SpaceIdentity {
  readonly space: SpaceId;
  readonly kind: 'self' | 'pair' | 'group';
  readonly device: DeviceId;
  readonly seed: Seed;
  readonly inboxSecret: Bytes;
  /** Relay nodes where the space began: the card's, or the invitation's. */
  readonly relays: readonly string[];
  readonly card: PairCard | undefined;
}

export const SPACE_COLLECTION = 'space';

export function encodeIdentity(identity: SpaceIdentity): Bytes {
  const { card } = identity;
  return encode({
    kind: identity.kind,
    device: bytesOfId(identity.device),
    seed: identity.seed,
    inbox: identity.inboxSecret,
    relays: identity.relays,
    card:
      card === undefined
        ? null
        : {
            role: card.role,
            id: bytesOfId(card.id),
            device: bytesOfId(card.device),
            secret: card.secret,
            seal: card.sealingKey,
          },
  });
}

/** Throws `WireError`. */
export function decodeIdentity(space: SpaceId, bytes: Uint8Array): SpaceIdentity {
  const read = fields(decode(bytes, 'space row', 20_000), 'space row');
  const identity: SpaceIdentity = {
    space,
    kind: read.oneOf('kind', ['self', 'pair', 'group']),
    device: read.id<DeviceId>('device', 32),
    seed: read.bytes('seed', 32) as Seed,
    inboxSecret: read.bytes('inbox', 32),
    relays: read.list('relays', 16).map(String),
    card: read.value('card') === null ? undefined : readCard(read.value('card')),
  };
  read.end();
  return identity;
}

function readCard(value: unknown): PairCard {
  const read = fields(value, 'space row');
  return {
    role: read.oneOf('role', ['inviter', 'answerer']),
    id: read.id<CardId>('id', 32),
    device: read.id<DeviceId>('device', 32),
    secret: read.bytes('secret', 32),
    sealingKey: read.bytes('seal', { max: 2_000 }) as SealingKey,
  };
}
