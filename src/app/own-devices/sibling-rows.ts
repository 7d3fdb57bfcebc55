// Rows about other devices of the same person, as far as a backup makes some: apart from the rest that own devices keep,
// which only they need.

import type { Bytes } from '#core/bytes/bytes.ts';
import { bytesOfId } from '#core/charter/op.ts';
import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import type { SealingKey } from '#core/crypto/suite.ts';
import type { Millis } from '#core/ports.ts';
import { encode } from '#core/wire/cbor.ts';

export const OWN_COLLECTION = 'own';

/** A device of the same person, as this one got to know it. */
export interface Sibling {
  readonly device: DeviceId;
  readonly name: string;
  readonly sealingKey: SealingKey | undefined;
  readonly addedAt: Millis;
  readonly lastSeen: Millis | undefined;
  readonly isKnown: boolean;
}

export function encodeSibling({ name, sealingKey, addedAt, lastSeen, isKnown }: Sibling): Bytes {
  return encode({ name, seal: sealingKey ?? null, addedAt, lastSeen: lastSeen ?? null, known: isKnown });
}

/** Rows by which a restored device knows the one the backup was made on, so that it can be ended. */
export function rowsOfFormer(
  former: { readonly device: DeviceId; readonly name: string; readonly at: Millis },
  places: readonly { readonly space: SpaceId; readonly device: DeviceId }[],
): readonly { readonly collection: string; readonly id: string; readonly value: Bytes }[] {
  const { device, name, at } = former;
  const sibling = { device, name, sealingKey: undefined, addedAt: at, lastSeen: at, isKnown: true };
  return [
    { collection: OWN_COLLECTION, id: `device:${device}`, value: encodeSibling(sibling) },
    ...places.map((place) => {
      return { collection: OWN_COLLECTION, id: `place:${device}|${place.space}`, value: bytesOfId(place.device) };
    }),
  ];
}
