// What a group's charter says: roles, the rights they carry, and the numbers it is governed by (charter/SPEC.md §3.1).

import type { Brand } from '../bytes/brand.ts';
import { fields, textField, type Fields } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';
import type { Encodable } from '../wire/cbor.ts';
import type { Scope } from './ids.ts';

/** A role's name in ops and in the scope of its readers: 1 to 32 of `a-z`, `0-9`, `-`; never `everyone`. */
export type RoleId = Brand<string, 'RoleId'>;

/**
 * The closed list of plain rights. An app that knows more writes ops of a newer version.
 *
 * About the group: `invite` make and withdraw invitations · `admit` make somebody a member without one · `revoke` end
 * memberships, roles and invitations of juniors · `charter` change the rules alone · `relays` · `card` publish the
 * group's card for other groups · `propose` put something to the vote · `vote` sign what is proposed.
 * About content, read by the rooms of chat, documents and tasks: `post`, `channels` make and rename them, `documents`,
 * `tasks`, `decisions` open polls, `reshare` give old messages to newcomers.
 */
export const PLAIN_RIGHTS = [
  'invite',
  'admit',
  'revoke',
  'charter',
  'relays',
  'card',
  'propose',
  'vote',
  'post',
  'channels',
  'documents',
  'tasks',
  'decisions',
  'reshare',
] as const;

export type PlainRight = (typeof PLAIN_RIGHTS)[number];
/** `grant:<role>`: give that role to members, and, together with `invite`, in invitations. */
export type Right = PlainRight | `grant:${string}`;

/** What membership alone may carry. Power over others always hangs on a role. */
export const MEMBER_RIGHTS = [
  'invite',
  'propose',
  'post',
  'channels',
  'documents',
  'tasks',
  'decisions',
  'reshare',
] as const satisfies readonly PlainRight[];
export type MemberRight = (typeof MEMBER_RIGHTS)[number];

export interface Role {
  readonly id: RoleId;
  readonly label: string;
  readonly can: readonly Right[];
  /** 0 to 9. A role grants only roles of its own level or below. */
  readonly level: number;
}

/** How many must sign: a majority, or a smaller fixed number. */
export type Threshold = 'majority' | number;

export interface Rules {
  readonly roles: readonly Role[];
  /** What every member may do without any role. */
  readonly members: readonly MemberRight[];
  readonly history: {
    /** Whether a member with the right may reshare old messages to newcomers. */
    readonly chat: 'none' | 'reshare';
    readonly docs: 'none' | 'checkpoint' | 'full';
    /** After so many days messages are shredded; 0 keeps them. */
    readonly retainDays: number;
  };
  readonly rotateDays: number;
  /** For admitting members (vouching), and for ending memberships, roles and invitations. All else: majority. */
  readonly quorum: { readonly admit: Threshold; readonly revoke: Threshold };
  readonly deviceCap: number;
  /** Whether members may learn each other's network addresses. */
  readonly addresses: 'direct' | 'hidden';
  /** What somebody who knocks is asked; none: nobody may knock. */
  readonly knock: readonly string[];
  /** After so many days without a sign of a steward the app offers a succession; 0: never. Advice, not rule. */
  readonly successionDays: number;
}

const MAX_ROLES = 32;
const MAX_RIGHTS = 64;
const MAX_LABEL_BYTES = 128;
const MAX_RIGHT_BYTES = 64;
const MAX_LEVEL = 9;
const MAX_DAYS = 3_650;
const MAX_ROTATE_DAYS = 365;
const MAX_THRESHOLD = 64;
/** As many as one principal may have in any space. */
const MAX_DEVICE_CAP = 250;
const MAX_QUESTIONS = 16;
const MAX_QUESTION_BYTES = 512;
const ROLE_ID = /^[a-z0-9-]{1,32}$/;

/** Throws `WireError`: also for rules that contradict themselves. */
export function readRules(map: Fields): Rules {
  const roles = map.list('roles', MAX_ROLES).map(readRole);
  const history = map.map('history');
  const quorum = map.map('quorum');
  const rules: Rules = {
    roles,
    members: rightsOf(map.list('members', MEMBER_RIGHTS.length)) as MemberRight[],
    history: {
      chat: history.oneOf('chat', ['none', 'reshare']),
      docs: history.oneOf('docs', ['none', 'checkpoint', 'full']),
      retainDays: history.uint('retainDays', MAX_DAYS),
    },
    rotateDays: map.uint('rotateDays', MAX_ROTATE_DAYS),
    quorum: { admit: thresholdOf(quorum.value('admit')), revoke: thresholdOf(quorum.value('revoke')) },
    deviceCap: map.uint('deviceCap', MAX_DEVICE_CAP),
    addresses: map.oneOf('addresses', ['direct', 'hidden']),
    knock: map.list('knock', MAX_QUESTIONS).map((question) => textField(question, 'rules', MAX_QUESTION_BYTES)),
    successionDays: map.uint('successionDays', MAX_DAYS),
  };
  history.end();
  quorum.end();
  map.end();
  if (!isSound(rules)) throw new WireError('bad-field', 'rules');
  return rules;
}

export function spellRules(rules: Rules): Encodable {
  return {
    roles: rules.roles.map(({ id, label, can, level }) => ({ id, label, can: [...can], level })),
    members: [...rules.members],
    history: { ...rules.history },
    rotateDays: rules.rotateDays,
    quorum: { admit: spellThreshold(rules.quorum.admit), revoke: spellThreshold(rules.quorum.revoke) },
    deviceCap: rules.deviceCap,
    addresses: rules.addresses,
    knock: [...rules.knock],
    successionDays: rules.successionDays,
  };
}

function readRole(value: unknown): Role {
  const map = fields(value, 'role');
  const role = {
    id: roleIdOf(map.value('id')),
    label: map.text('label', MAX_LABEL_BYTES),
    can: rightsOf(map.list('can', MAX_RIGHTS)),
    level: map.uint('level', MAX_LEVEL),
  };
  map.end();
  return role;
}

export function roleIdOf(value: unknown): RoleId {
  if (typeof value !== 'string' || !isRoleId(value)) throw new WireError('bad-field', 'role');
  return value;
}

export function isRoleId(text: string): text is RoleId {
  return ROLE_ID.test(text) && text !== 'everyone';
}

function rightsOf(values: readonly unknown[]): readonly Right[] {
  return values.map((value) => {
    const text = textField(value, 'right', MAX_RIGHT_BYTES);
    if (!isRight(text)) throw new WireError('unknown-kind', 'right');
    return text;
  });
}

function isRight(text: string): text is Right {
  return (PLAIN_RIGHTS as readonly string[]).includes(text) || (text.startsWith('grant:') && isRoleId(text.slice(6)));
}

/** On the wire 0 is a majority. */
function thresholdOf(value: unknown): Threshold {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > MAX_THRESHOLD) {
    throw new WireError('bad-field', 'rules');
  }
  return value === 0 ? 'majority' : value;
}

function spellThreshold(threshold: Threshold): number {
  return threshold === 'majority' ? 0 : threshold;
}

/** No role twice, no right twice, no role that grants what is unknown or above it, nothing of power for everybody. */
export function isSound(rules: Rules): boolean {
  const levels = new Map(rules.roles.map(({ id, level }) => [id as string, level]));
  const areRolesSound = rules.roles.every(({ can, level }) => {
    const granted = can.filter((right) => right.startsWith('grant:')).map((right) => levels.get(right.slice(6)));
    return isWithoutTwins(can) && granted.every((of) => of !== undefined && of <= level);
  });
  const areMembersSound = rules.members.every((right) => (MEMBER_RIGHTS as readonly string[]).includes(right));
  const hasNumbers = rules.rotateDays > 0 && rules.deviceCap > 0;
  return (
    levels.size === rules.roles.length &&
    areRolesSound &&
    areMembersSound &&
    isWithoutTwins(rules.members) &&
    hasNumbers
  );
}

function isWithoutTwins(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length;
}

export function roleOf(rules: Rules, id: RoleId): Role | undefined {
  return rules.roles.find((role) => role.id === id);
}

/** Roles that decide over others: those that may revoke, that vote, or that write the rules alone. */
export function isStewardRole(role: Role | undefined): boolean {
  return role !== undefined && (['revoke', 'vote', 'charter'] as const).some((right) => role.can.includes(right));
}

export function isVotingRole(role: Role | undefined): boolean {
  return role !== undefined && role.can.includes('vote');
}

const powers = new WeakMap<Rules, ReadonlySet<RoleId>>();

/** Roles with `revoke`, `vote` or `charter`, and those that can grant one of these, and so on. */
export function powerfulRoles(rules: Rules): ReadonlySet<RoleId> {
  const known = powers.get(rules);
  if (known !== undefined) return known;
  const powerful = new Set<RoleId>();
  for (let size = -1; size < powerful.size;) {
    size = powerful.size;
    for (const { id, can } of rules.roles) if (can.some((right) => isPower(right, powerful))) powerful.add(id);
  }
  powers.set(rules, powerful);
  return powerful;
}

/** A right over others, which no invitation gives: directly, or by granting a role that has it. */
export function isPower(right: Right, powerful: ReadonlySet<RoleId>): boolean {
  if (right.startsWith('grant:')) return powerful.has(right.slice(6) as RoleId);
  return right === 'revoke' || right === 'vote' || right === 'charter';
}

/** The readers of a role are a scope of its name. */
export function scopeOf(role: RoleId): Scope {
  return role as string as Scope;
}
