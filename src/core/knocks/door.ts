// Where somebody without an invitation asks a group to be let in (SPEC.md §1): what the code of a link or QR holds. It says
// what the group calls itself and what it asks, where knocks are left and what they are sealed to; nothing of who is in.

import { hex, type Bytes } from '../bytes/bytes.ts';
import type { SpaceId } from '../charter/ids.ts';
import { SEALING_KEY_BYTES, type SealingKey } from '../crypto/suite.ts';
import { readCode, reframeCode, spellCode, type CodeKind, type FrameProblem } from '../identity/code-text.ts';
import type { RelayAddress } from '../ports.ts';
import { decode, encode } from '../wire/cbor.ts';
import { fields, textField } from '../wire/fields.ts';
import { shortened } from '../wire/text.ts';
import { WireError } from '../wire/wire-error.ts';

export interface Door {
  /** What who knocks signs that they want to be a member of. */
  readonly space: SpaceId;
  /** Suite 2, made for this door: a code must fit a picture. The secret makes up for it. */
  readonly sealingKey: SealingKey;
  /** Where knocks wait follows from it, and they are sealed under it too. */
  readonly secret: Bytes;
  readonly relays: readonly RelayAddress[];
  /** Only shown, until the charter says it. */
  readonly groupName: string;
  readonly questions: readonly string[];
  /** The last day on which it is listened at, counted from 1 January 1970. */
  readonly expires: number;
}

const VERSION = 1;
const MAX_RELAYS = 2;
const MAX_RELAY_BYTES = 200;
const MAX_NAME_BYTES = 64;
export const MAX_QUESTIONS = 16;
export const MAX_QUESTION_BYTES = 512;
/** All questions together, so that the code is still a picture that a camera reads. */
const ROOM_FOR_QUESTIONS = 1_000;
const MAX_DOOR_BYTES = 2_000;
const KIND: CodeKind = { magic: 'uk', version: '1', label: 'doorCode', maxBodyBytes: MAX_DOOR_BYTES };

/** A door with as much of its texts as a code has room for. */
export function fittingDoor(door: Door): Door {
  const questions = door.questions.slice(0, MAX_QUESTIONS);
  const room = Math.min(MAX_QUESTION_BYTES, Math.floor(ROOM_FOR_QUESTIONS / Math.max(1, questions.length)));
  return {
    ...door,
    groupName: shortened(door.groupName, MAX_NAME_BYTES),
    relays: door.relays.filter((relay) => relay.length <= MAX_RELAY_BYTES).slice(0, MAX_RELAYS),
    questions: questions.map((question) => shortened(question, room)),
  };
}

export function doorCode(door: Door): string {
  return spellCode(KIND, encodeDoor(door));
}

/** The door in a code, or in a link or a line of text that ends with one, or what is wrong. Never throws. */
export function decodeDoorCode(text: string): Door | FrameProblem {
  return readCode(KIND, text, decodeDoor);
}

/** The code with its length and checksum made right, for fuzzing what lies behind them. */
export function reframeDoor(code: Uint8Array): Bytes {
  return reframeCode(KIND, code);
}

export function encodeDoor({ space, sealingKey, secret, relays, groupName, questions, expires }: Door): Bytes {
  const id = hex.decode(space);
  if (id?.length !== 32) throw new Error('door: not a space id');
  const texts = { name: groupName, ask: [...questions] };
  return encode({ v: VERSION, space: id, seal: sealingKey, secret, relays: [...relays], ...texts, expires });
}

/** Throws `WireError` only. */
export function decodeDoor(bytes: Uint8Array): Door {
  const read = fields(decode(bytes, 'door', MAX_DOOR_BYTES), 'door');
  read.version('v', VERSION);
  const sealingKey = read.bytes('seal', SEALING_KEY_BYTES[2]) as SealingKey;
  if (sealingKey[0] !== 2) throw new WireError('bad-field', 'door');
  const text = (value: unknown, max: number): string => textField(value, 'door', max);
  const door = {
    space: read.id<SpaceId>('space', 32),
    sealingKey,
    secret: read.bytes('secret', 32),
    relays: read.list('relays', MAX_RELAYS).map((relay) => text(relay, MAX_RELAY_BYTES) as RelayAddress),
    groupName: read.text('name', MAX_NAME_BYTES),
    questions: read.list('ask', MAX_QUESTIONS).map((question) => text(question, MAX_QUESTION_BYTES)),
    expires: read.uint('expires'),
  };
  read.end();
  return door;
}
