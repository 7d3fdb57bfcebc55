// An invitation into a group as text, for links, QR codes and files (SPEC.md §9). Whoever has it may come in: it holds a
// one-time secret, and no key of anybody.

import { hex, type Bytes } from '../bytes/bytes.ts';
import { derive } from '../crypto/hash.ts';
import type { AeadKey, Seed } from '../crypto/suite.ts';
import type { RelayAddress } from '../ports.ts';
import { decode, encode } from '../wire/cbor.ts';
import { fields, textField } from '../wire/fields.ts';
import { readCode, reframeCode, spellCode, type CodeKind, type FrameProblem } from './code-text.ts';

export interface InvitationCode {
  /** The group's space id, lower-case hex: the charter that the welcome brings must begin with it. */
  readonly space: string;
  readonly secret: Bytes;
  /** Where the welcome lies, and where the group meets. */
  readonly relays: readonly RelayAddress[];
  /** What the one who invites calls the group; only shown, until the charter says it. */
  readonly groupName: string;
}

const VERSION = 1;
const MAX_RELAYS = 4;
const MAX_RELAY_ADDRESS_BYTES = 200;
/** A longer name is shortened in the code; the charter has all of it. */
export const MAX_SHOWN_NAME_BYTES = 64;
const MAX_BODY_BYTES = 1_000;
const KIND: CodeKind = { magic: 'ui', version: '1', label: 'invitationCode', maxBodyBytes: MAX_BODY_BYTES };

export function invitationCode(invitation: InvitationCode): string {
  return spellCode(KIND, encodeInvitation(invitation));
}

/** The invitation in a code, or in a link or a line of text that ends with one, or what is wrong. Never throws. */
export function decodeInvitationCode(text: string): InvitationCode | FrameProblem {
  return readCode(KIND, text, decodeInvitation);
}

/** The code with its length and checksum made right, for fuzzing what lies behind them. */
export function reframeInvitation(code: Uint8Array): Bytes {
  return reframeCode(KIND, code);
}

export function encodeInvitation({ space, secret, relays, groupName }: InvitationCode): Bytes {
  const id = hex.decode(space);
  if (id?.length !== 32) throw new Error('invitation: not a space id');
  return encode({ v: VERSION, space: id, secret, relays, name: groupName });
}

/** Throws `WireError` only. */
export function decodeInvitation(bytes: Uint8Array): InvitationCode {
  const read = fields(decode(bytes, 'invitation', MAX_BODY_BYTES), 'invitation');
  read.version('v', VERSION);
  const invitation = {
    space: read.id('space', 32),
    secret: read.bytes('secret', 32),
    relays: read
      .list('relays', MAX_RELAYS)
      .map((relay) => textField(relay, 'invitation', MAX_RELAY_ADDRESS_BYTES) as RelayAddress),
    groupName: read.text('name', MAX_SHOWN_NAME_BYTES),
  };
  read.end();
  return invitation;
}

type Secret = Pick<InvitationCode, 'space' | 'secret'>;

/** The private half of the topic at which the welcome lies. */
export function welcomeTopicSeed({ space, secret }: Secret): Seed {
  return derive(secret, hex.decode(space)!, 'welcomeTopic', new Uint8Array(0)) as Seed;
}

/** Seals the welcome. */
export function welcomeKey({ space, secret }: Secret): AeadKey {
  return derive(secret, hex.decode(space)!, 'welcomeSeal', new Uint8Array(0)) as AeadKey;
}
