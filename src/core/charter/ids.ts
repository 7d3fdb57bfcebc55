// Names of the things a charter speaks of: lower-case hex in memory, byte strings on the wire.

import type { Brand } from '../bytes/brand.ts';

/** Hash of a space's genesis op; 32 bytes. */
export type SpaceId = Brand<string, 'SpaceId'>;
/** Hash of an op's signed bytes; 32 bytes. */
export type OpId = Brand<string, 'OpId'>;
/** Ed25519 public key of a device or recovery key in one space; 32 bytes. */
export type DeviceId = Brand<string, 'DeviceId'>;
/**
 * Op id ‖ index byte; 33 bytes. Index 0 … 127 memberships, devices, roles and invitations, 128 … 255 the recovery key
 * of index - 128.
 */
export type GrantId = Brand<string, 'GrantId'>;
/** A person in one space: the grant that made them a member. */
export type PrincipalId = GrantId;
/** Hash of a message's header bytes; 32 bytes. */
export type MessageId = Brand<string, 'MessageId'>;
/** 8 random bytes drawn at each unlock and for each space. */
export type Incarnation = Brand<string, 'Incarnation'>;
/** A set of readers: `everyone`, or a role. */
export type Scope = Brand<string, 'Scope'>;
/** Names a scope key; the first 16 bytes of its commitment. */
export type Kid = Brand<string, 'Kid'>;
/** Hash of a sealing key; 32 bytes. Rotations name their recipients by it. */
export type SealingKeyId = Brand<string, 'SealingKeyId'>;

export const EVERYONE = 'everyone' as Scope;
/** Ed25519 public key that an invitation's one-time secret gives; 32 bytes. */
export type InvitationKey = Brand<string, 'InvitationKey'>;
