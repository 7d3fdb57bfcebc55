// What this device keeps of a knock of its own: the keys it would be a member with, and what came of it.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { SpaceId } from '#core/charter/ids.ts';
import type { Seed } from '#core/crypto/suite.ts';
import { decodeSignedKnock, encodeSignedKnock, type KnockLetter, type SignedKnock } from '#core/knocks/knock-letter.ts';
import type { Millis, RelayAddress } from '#core/ports.ts';
import { decode, encode } from '#core/wire/cbor.ts';
import { fields, textField } from '#core/wire/fields.ts';
import { WireError } from '#core/wire/wire-error.ts';

export const KNOCKING_COLLECTION = 'knocking';

/** The row's id is the space. */
export interface Knocking {
  readonly space: SpaceId;
  readonly code: string;
  readonly knock: SignedKnock & { readonly letter: KnockLetter };
  /** Of the device that would come in, of its sealing key, and of where its mail comes. */
  readonly seed: Seed;
  readonly leafSeed: Seed;
  readonly madeAt: Millis;
  /** `withdrawing`: taken back, and the group is still to be told. */
  readonly state: 'knocking' | 'refused' | 'expired' | 'withdrawing';
  /** Relay nodes at which the letter lies: the knock, or that it is taken back. */
  readonly left: readonly RelayAddress[];
}

const MAX_ROW_BYTES = 100_000;

export function encodeKnocking({ code, knock, seed, leafSeed, madeAt, state, left }: Knocking): Bytes {
  return encode({ code, knock: encodeSignedKnock(knock), seed, leafSeed, madeAt, state, left: [...left] });
}

/** Throws `WireError`. */
export function decodeKnocking(space: SpaceId, bytes: Uint8Array): Knocking {
  const read = fields(decode(bytes, 'knocking row', MAX_ROW_BYTES), 'knocking row');
  const knock = decodeSignedKnock(read.bytes('knock', { max: MAX_ROW_BYTES }));
  const { letter } = knock;
  if (letter.is !== 'knock') throw new WireError('bad-field', 'knocking row');
  const knocking = {
    space,
    code: read.text('code', 5_000),
    knock: { ...knock, letter },
    seed: read.bytes('seed', 32) as Seed,
    leafSeed: read.bytes('leafSeed', 32) as Seed,
    madeAt: read.uint('madeAt') as Millis,
    state: read.oneOf('state', ['knocking', 'refused', 'expired', 'withdrawing']),
    left: read.list('left', 8).map((relay) => textField(relay, 'knocking row', 1_000) as RelayAddress),
  };
  read.end();
  return knocking;
}
