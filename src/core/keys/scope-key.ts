// Scope keys and what is derived from them (keys/SPEC.md §2, §3).

import type { Brand } from '../bytes/brand.ts';
import type { Bytes } from '../bytes/bytes.ts';
import type { AeadKey } from '../crypto/suite.ts';
import type { DeviceId, Incarnation, Kid, Scope, SpaceId } from '../charter/ids.ts';

/** 32 secret bytes that every reader of a scope holds. */
export type ScopeSecret = Brand<Bytes, 'ScopeSecret'>;

export interface ScopeKey {
  readonly kid: Kid;
  readonly scope: Scope;
  readonly secret: ScopeSecret;
}

/** A chain: what one device said in one scope between two unlocks. */
export interface ChainName {
  readonly device: DeviceId;
  readonly scope: Scope;
  readonly incarnation: Incarnation;
}

/** What a rotation publishes of a secret. */
export declare function commitmentOf(space: SpaceId, secret: ScopeSecret): Bytes;
export declare function kidOf(commitment: Uint8Array): Kid;
export declare function scopeKeyOf(space: SpaceId, scope: Scope, secret: ScopeSecret): ScopeKey;
/** Seals headers. */
export declare function headerKeyOf(space: SpaceId, key: ScopeKey): AeadKey;
/** Seals bodies that stay readable as long as the scope key is kept: documents, tasks. One for each chain. */
export declare function documentKeyOf(space: SpaceId, key: ScopeKey, chain: ChainName): AeadKey;
/** Where the ratchet of one chain begins. */
export declare function chatChainKeyOf(space: SpaceId, key: ScopeKey, chain: ChainName): Bytes;
/** Seeds a signing key for topics of groups. */
export declare function topicSecretOf(space: SpaceId, key: ScopeKey): Bytes;
/** Seals the charter log and its lineage for newcomers. */
export declare function charterKeyOf(space: SpaceId, key: ScopeKey): AeadKey;
