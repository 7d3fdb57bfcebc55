// Decisions: new rules, endorsements, relays, and the group's card for other groups (charter/SPEC.md §3).

import type { Bytes } from '../bytes/bytes.ts';
import type { Signature } from '../crypto/suite.ts';
import { textField } from '../wire/fields.ts';
import { raw, readDeviceFrontier, spellDeviceFrontier, type BodyFormat, type DeviceCut } from './body-parts.ts';
import type { DeviceId, OpId } from './ids.ts';
import type { Admit, GrantRole, Revoke } from './member-body.ts';
import { readRules, spellRules, type Rules } from './rules.ts';

export interface Relays {
  readonly type: 'relays';
  readonly relays: readonly string[];
}

/** New rules. */
export interface CharterChange {
  readonly type: 'charter';
  readonly rules: Rules;
  /** How far chains stand of those who may no longer write where they wrote. */
  readonly frontier: readonly DeviceCut[];
}

/** A numbered, expiring card for other groups, signed by a key made for the outside. */
export interface GroupCard {
  readonly type: 'card';
  readonly number: number;
  /** Day, counted from 1970-01-01. */
  readonly expires: number;
  readonly key: DeviceId;
  readonly card: Bytes;
  /** By the key over number, expiry and card. */
  readonly signature: Signature;
}

/** What can be put to the vote. */
export type Proposable = CharterChange | Admit | GrantRole | Revoke | Relays | GroupCard;
export const PROPOSABLE = ['charter', 'grant', 'revoke', 'relays', 'card'] as const;

export interface Propose {
  readonly type: 'propose';
  readonly act: Proposable;
}

/** A signature under a proposal. With `counted` it completes the proposal: what is proposed is done by this op. */
export interface Endorse {
  readonly type: 'endorse';
  readonly proposal: OpId;
  /** The other endorsements that are counted, besides the proposal's own signature and this one. */
  readonly counted?: readonly OpId[];
}

const MAX_RELAYS = 8;
const MAX_RELAY_BYTES = 512;
const MAX_CARD_BYTES = 8_192;
const MAX_COUNTED = 512;

export const RELAYS: BodyFormat<Relays> = {
  read: (map) => ({
    type: 'relays',
    relays: map.list('relays', MAX_RELAYS).map((relay) => textField(relay, 'relays', MAX_RELAY_BYTES)),
  }),
  spell: (body) => ({ relays: body.relays }),
};

export const CHARTER: BodyFormat<CharterChange> = {
  read: (map) => ({ type: 'charter', rules: readRules(map.map('charter')), frontier: readDeviceFrontier(map) }),
  spell: ({ rules, frontier }) => ({ charter: spellRules(rules), frontier: spellDeviceFrontier(frontier) }),
};

export const CARD: BodyFormat<GroupCard> = {
  read: (map) => ({
    type: 'card',
    number: map.uint('number'),
    expires: map.uint('expires'),
    key: map.id('key', 32),
    card: map.bytes('card', { max: MAX_CARD_BYTES }),
    signature: map.bytes('signature', 64) as Signature,
  }),
  spell: ({ number, expires, key, card, signature }) => ({ number, expires, key: raw(key), card, signature }),
};

export const ENDORSE: BodyFormat<Endorse> = {
  read: (map) => {
    const counted = map.has('counted') ? { counted: map.ids<OpId>('counted', 32, { max: MAX_COUNTED }) } : {};
    return { type: 'endorse', proposal: map.id('proposal', 32), ...counted };
  },
  spell: ({ proposal, counted }) => ({
    proposal: raw(proposal),
    ...(counted === undefined ? {} : { counted: counted.map(raw) }),
  }),
};
