// What a group shows the outside: by what name it is called, where it is reached, and by which keys its roles sign what they
// send to other groups (SPEC.md §1). It names no member.

import { hex, type Bytes } from '../bytes/bytes.ts';
import type { DeviceId } from '../charter/ids.ts';
import { cardBytes } from '../charter/proofs.ts';
import { roleIdOf, type RoleId } from '../charter/rules.ts';
import {
  SEALING_KEY_BYTES,
  type CryptoSuite,
  type SealingKey,
  type Signature,
  type SigningKey,
} from '../crypto/suite.ts';
import type { RelayAddress } from '../ports.ts';
import { decode, encode } from '../wire/cbor.ts';
import { fields, textField, tuple, uintOf, bytesOf } from '../wire/fields.ts';
import { MAX_NAME_BYTES } from '../wire/text.ts';
import { WireError } from '../wire/wire-error.ts';

/** A role as other groups see it. Its key is derived from the role's scope key, so that it changes when somebody loses the role. */
export interface OutsideRole {
  readonly id: RoleId;
  readonly label: string;
  readonly key: SigningKey;
}

export interface OutsideCard {
  readonly name: string;
  readonly roles: readonly OutsideRole[];
  /** Suite 2, made for this card; what is sent here is sealed to it. */
  readonly sealingKey: SealingKey;
  /** The topic at which mail for the group waits is derived from it, and mail is sealed under it too. */
  readonly secret: Bytes;
  readonly relays: readonly RelayAddress[];
  /** What somebody who wants to come in is asked; none: nobody may knock. */
  readonly questions: readonly string[];
}

/** A card as it travels between groups. */
export interface SignedOutsideCard {
  readonly card: OutsideCard;
  readonly bytes: Bytes;
  /** Of two cards with one key the one with the higher number holds. */
  readonly number: number;
  /** The last day on which it holds, counted from 1 January 1970. */
  readonly expires: number;
  /** The group's key for the outside. It stays; by it other groups know the group again. */
  readonly key: DeviceId;
  readonly signature: Signature;
}

const VERSION = 1;
const MAX_ROLES = 16;
const MAX_LABEL_BYTES = 128;
const MAX_RELAYS = 4;
const MAX_RELAY_BYTES = 200;
const MAX_QUESTIONS = 16;
const MAX_QUESTION_BYTES = 512;
const MAX_CARD_BYTES = 8_192;
export const MAX_SIGNED_CARD_BYTES = MAX_CARD_BYTES + 160;

export function encodeOutsideCard(card: OutsideCard): Bytes {
  const { name, sealingKey, secret, relays, questions } = card;
  const roles = card.roles.map(({ id, label, key }) => ({ id, label, key }));
  return encode({ v: VERSION, name, roles, seal: sealingKey, secret, relays: [...relays], ask: [...questions] });
}

/** Throws `WireError` only. */
export function decodeOutsideCard(bytes: Uint8Array): OutsideCard {
  const f = fields(decode(bytes, 'outside card', MAX_CARD_BYTES), 'outside card');
  f.version('v', VERSION);
  const roles = f.list('roles', MAX_ROLES).map(readRole);
  if (new Set(roles.map(({ id }) => id)).size !== roles.length) throw new WireError('bad-field', 'outside card');
  const sealingKey = f.bytes('seal', SEALING_KEY_BYTES[2]) as SealingKey;
  if (sealingKey[0] !== 2) throw new WireError('bad-field', 'outside card');
  const text = (value: unknown, max: number): string => textField(value, 'outside card', max);
  const card = {
    name: f.text('name', MAX_NAME_BYTES),
    roles,
    sealingKey,
    secret: f.bytes('secret', 32),
    relays: f.list('relays', MAX_RELAYS).map((relay) => text(relay, MAX_RELAY_BYTES) as RelayAddress),
    questions: f.list('ask', MAX_QUESTIONS).map((question) => text(question, MAX_QUESTION_BYTES)),
  };
  f.end();
  return card;
}

function readRole(value: unknown): OutsideRole {
  const f = fields(value, 'outside card');
  const role = {
    id: roleIdOf(f.value('id')),
    label: f.text('label', MAX_LABEL_BYTES),
    key: f.bytes('key', 32) as SigningKey,
  };
  f.end();
  return role;
}

/** CBOR [number, expires, key, card, signature]. */
export function encodeSignedCard(signed: SignedOutsideCard): Bytes {
  return encode([signed.number, signed.expires, hex.decode(signed.key)!, signed.bytes, signed.signature]);
}

/** Throws `WireError` only. The signature is checked by `isOutsideCardGenuine`. */
export function decodeSignedCard(bytes: Uint8Array): SignedOutsideCard {
  const name = 'signed outside card';
  const [number, expires, key, card, signature] = tuple(decode(bytes, name, MAX_SIGNED_CARD_BYTES), name, 5);
  const signed = bytesOf(card, name, { max: MAX_CARD_BYTES });
  return {
    card: decodeOutsideCard(signed),
    bytes: signed,
    number: uintOf(number, name),
    expires: uintOf(expires, name),
    key: hex.encode(bytesOf(key, name, 32)) as DeviceId,
    signature: bytesOf(signature, name, 64) as Signature,
  };
}

/** Whether the group's outside key signed it, and every key in it may sign. */
export async function isOutsideCardGenuine(suite: CryptoSuite, signed: SignedOutsideCard): Promise<boolean> {
  const { number, expires, bytes, signature } = signed;
  const key = hex.decode(signed.key) as SigningKey;
  if (![key, ...signed.card.roles.map((role) => role.key)].every((one) => suite.isAcceptableKey(one))) return false;
  return suite.verify('groupCard', cardBytes({ number, expires, card: bytes }), signature, key);
}
