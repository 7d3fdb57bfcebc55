// What a message about knocking holds (SPEC.md §4): the door that was opened, who knocked, who was turned away or welcomed.

import { hex, type Bytes } from '../bytes/bytes.ts';
import type { DeviceId } from '../charter/ids.ts';
import type { Seed } from '../crypto/suite.ts';
import { decode, encode, type Encodable } from '../wire/cbor.ts';
import { fields, type Fields } from '../wire/fields.ts';
import { decodeDoor, encodeDoor, type Door } from './door.ts';
import { decodeSignedKnock, encodeSignedKnock, MAX_SIGNED_KNOCK_BYTES, type SignedKnock } from './knock-letter.ts';

export type KnockAct =
  /** From now on the group listens at this door and at no other. */
  | { readonly act: 'door'; readonly door: Door; readonly seed: Seed }
  /** A letter that lay at the door. */
  | { readonly act: 'came'; readonly knock: SignedKnock }
  /** Who knocked with this device was told that nobody lets them in. */
  | { readonly act: 'away'; readonly device: DeviceId }
  /** A welcome for this device lies at the relay nodes. */
  | { readonly act: 'welcomed'; readonly device: DeviceId };

const ACTS = ['door', 'came', 'away', 'welcomed'] as const;
const VERSION = 1;
const MAX_DOOR_BYTES = 2_000;
const MAX_BODY_BYTES = MAX_SIGNED_KNOCK_BYTES + 100;

export function encodeKnockAct(act: KnockAct): Bytes {
  return encode({ v: VERSION, act: act.act, ...spell(act) });
}

/** Throws `WireError` only. Nothing is said of signatures. */
export function decodeKnockAct(bytes: Uint8Array): KnockAct {
  const read = fields(decode(bytes, 'knock', MAX_BODY_BYTES), 'knock');
  read.version('v', VERSION);
  const act = takeAct(read.oneOf('act', ACTS), read);
  read.end();
  return act;
}

function takeAct(act: (typeof ACTS)[number], read: Fields): KnockAct {
  switch (act) {
    case 'door': {
      const door = decodeDoor(read.bytes('door', { max: MAX_DOOR_BYTES }));
      return { act, door, seed: read.bytes('seed', 32) as Seed };
    }
    case 'came':
      return { act, knock: decodeSignedKnock(read.bytes('letter', { max: MAX_SIGNED_KNOCK_BYTES })) };
    default:
      return { act, device: read.id<DeviceId>('device', 32) };
  }
}

function spell(act: KnockAct): Readonly<Record<string, Encodable>> {
  switch (act.act) {
    case 'door':
      return { door: encodeDoor(act.door), seed: act.seed };
    case 'came':
      return { letter: encodeSignedKnock(act.knock) };
    default:
      return { device: hex.decode(act.device)! };
  }
}
