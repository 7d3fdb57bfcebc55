// How a space begins: one person's own, two people's, or a group's (charter/SPEC.md §3).

import type { Bytes } from '../bytes/bytes.ts';
import type { Signature } from '../crypto/suite.ts';
import { encode, type Encodable } from '../wire/cbor.ts';
import { fields, type Fields } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';
import { raw, readRecovery, spellRecovery, type BodyFormat } from './body-parts.ts';
import type { DeviceId } from './ids.ts';
import { readRules, roleIdOf, roleOf, spellRules, type RoleId, type Rules } from './rules.ts';

/** A founding device, and the recovery key of its owner where there is one yet. */
export interface Founder {
  readonly device: DeviceId;
  readonly recovery: DeviceId | undefined;
}

/** One person's own devices. */
export interface SelfGenesis {
  readonly type: 'genesis';
  readonly kind: 'self';
  readonly founders: readonly [Founder];
}

/**
 * Two people: founder 0 is the signing key of the card that was answered, founder 1 the answerer's device, which signs.
 * The card's own signature is its maker's consent.
 */
export interface PairGenesis {
  readonly type: 'genesis';
  readonly kind: 'pair';
  readonly founders: readonly [Founder, Founder];
  readonly card: Bytes;
  readonly consent: Signature;
}

/** A founder of a group, with the roles they begin with. */
export interface GroupFounder extends Founder {
  readonly roles: readonly RoleId[];
  /** By the device over what is founded (`foundingBytes`). Founder 0 signs the genesis itself and has none. */
  readonly consent: Signature | undefined;
}

/** Many people. Founder 0 signs; the others consent. */
export interface GroupGenesis {
  readonly type: 'genesis';
  readonly kind: 'group';
  readonly name: string;
  readonly rules: Rules;
  readonly founders: readonly GroupFounder[];
}

export type Genesis = SelfGenesis | PairGenesis | GroupGenesis;

const MAX_CARD_BYTES = 2_048;
export const MAX_NAME_BYTES = 256;
/** Index bytes of grants leave room for sixteen founders with up to seven roles each (`foundingRole`). */
export const MAX_FOUNDERS = 16;
export const MAX_FOUNDING_ROLES = 7;

export const GENESIS: BodyFormat<Genesis> = { read: readGenesis, spell: spellGenesis };

/** What a founder who does not sign the genesis agrees to: all of it but the consents. */
export function foundingBytes({ name, rules, founders }: Pick<GroupGenesis, 'name' | 'rules' | 'founders'>): Bytes {
  const bare = founders.map((founder) => ({ ...founder, consent: undefined }));
  return encode([name, spellRules(rules), bare.map(spellGroupFounder)]);
}

function readGenesis(map: Fields): Genesis {
  const kind = map.oneOf('kind', ['self', 'pair', 'group']);
  if (kind === 'group') return readGroup(map);
  const founders = map.list('founders', 2).map(readFounder);
  const [first, second] = founders;
  if (kind === 'self') {
    if (first === undefined || second !== undefined) throw new WireError('bad-field', 'genesis');
    return { type: 'genesis', kind, founders: [first] };
  }
  // A card's maker names a recovery key when replacing the card's key, not before.
  if (first === undefined || second === undefined || first.recovery !== undefined || first.device === second.device) {
    throw new WireError('bad-field', 'genesis');
  }
  const card = map.bytes('card', { max: MAX_CARD_BYTES });
  return { type: 'genesis', kind, founders: [first, second], card, consent: map.bytes('consent', 64) as Signature };
}

function readGroup(map: Fields): GroupGenesis {
  const name = map.text('name', MAX_NAME_BYTES);
  const rules = readRules(map.map('charter'));
  const founders = map.list('founders', MAX_FOUNDERS).map(readGroupFounder);
  const keys = founders.flatMap(({ device, recovery }) => (recovery === undefined ? [device] : [device, recovery]));
  const isWhole =
    founders.length > 0 &&
    new Set(keys).size === keys.length &&
    founders.every(({ consent }, index) => (consent === undefined) === (index === 0)) &&
    founders.every(({ roles }) => new Set(roles).size === roles.length) &&
    founders.every(({ roles }) => roles.every((role) => roleOf(rules, role) !== undefined));
  if (!isWhole) throw new WireError('bad-field', 'genesis');
  return { type: 'genesis', kind: 'group', name, rules, founders };
}

function readFounder(value: unknown): Founder {
  const map = fields(value, 'founder');
  const founder = { device: map.id<DeviceId>('device', 32), recovery: readRecovery(map) };
  map.end();
  return founder;
}

function readGroupFounder(value: unknown): GroupFounder {
  const map = fields(value, 'founder');
  const founder = {
    device: map.id<DeviceId>('device', 32),
    recovery: readRecovery(map),
    roles: map.list('roles', MAX_FOUNDING_ROLES).map(roleIdOf),
    consent: map.has('consent') ? (map.bytes('consent', 64) as Signature) : undefined,
  };
  map.end();
  return founder;
}

function spellGenesis(body: Genesis): Encodable {
  if (body.kind === 'group') {
    const founders = body.founders.map(spellGroupFounder);
    return { kind: body.kind, name: body.name, charter: spellRules(body.rules), founders };
  }
  const founders = body.founders.map((founder) => ({
    device: raw(founder.device),
    ...spellRecovery(founder.recovery),
  }));
  if (body.kind === 'self') return { kind: body.kind, founders };
  return { kind: body.kind, founders, card: body.card, consent: body.consent };
}

function spellGroupFounder({ device, recovery, roles, consent }: GroupFounder): Encodable {
  const agreed = consent === undefined ? {} : { consent };
  return { device: raw(device), ...spellRecovery(recovery), roles: [...roles], ...agreed };
}
