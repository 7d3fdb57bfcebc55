// Scope keys and what is derived from them (keys/SPEC.md §2, §3).

import type { Brand } from '../bytes/brand.ts';
import { concat, utf8, type Bytes } from '../bytes/bytes.ts';
import { derive, hash } from '../crypto/hash.ts';
import type { Label } from '../crypto/labels.ts';
import type { AeadKey, Seed } from '../crypto/suite.ts';
import type { DeviceId, Incarnation, Kid, Scope, SpaceId } from '../charter/ids.ts';
import { bytesOfId } from '../charter/op.ts';
import { kidOf } from '../charter/view.ts';

/** 32 secret bytes that every reader of a scope holds. */
export type ScopeSecret = Brand<Bytes, 'ScopeSecret'>;
export const SCOPE_SECRET_BYTES = 32;

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

/** What a rotation publishes of a secret: everybody can check that they got the same one. */
export function commitmentOf(space: SpaceId, secret: ScopeSecret): Bytes {
  return hash('scopeKey', bytesOfId(space), secret);
}

export function scopeKeyOf(space: SpaceId, scope: Scope, secret: ScopeSecret): ScopeKey {
  return { kid: kidOf(commitmentOf(space, secret)), scope, secret };
}

/** Seals headers. */
export function headerKeyOf(space: SpaceId, key: ScopeKey): AeadKey {
  return fromScope('headerKey', space, key) as AeadKey;
}

/** Seals bodies that stay readable as long as the scope key is kept: documents, tasks. One for each chain. */
export function documentKeyOf(space: SpaceId, key: ScopeKey, chain: ChainName): AeadKey {
  return fromScope('documentKey', space, key, chainBytes(chain)) as AeadKey;
}

/** Where the ratchet of one chain begins. Forget it once the ratchet has started, or used keys could be made anew. */
export function chatChainKeyOf(space: SpaceId, key: ScopeKey, chain: ChainName): Bytes {
  const root = fromScope('chatRoot', space, key);
  return derive(root, bytesOfId(space), 'chatChain', chainBytes(chain));
}

/** Seeds the signing key of a group's topics; with the day in their derivation (mailbox/SPEC.md). */
export function topicSeedOf(space: SpaceId, key: ScopeKey, day: number): Seed {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, day);
  return fromScope('topicKey', space, key, bytes) as Seed;
}

/** Seals the charter log and its lineage for newcomers. */
export function charterKeyOf(space: SpaceId, key: ScopeKey): AeadKey {
  return fromScope('charterKey', space, key) as AeadKey;
}

/** Signs what a role says to other groups: whoever holds the role has it, and after a rotation it is another one. */
export function roleSigningSeedOf(space: SpaceId, key: ScopeKey): Seed {
  return fromScope('roleSigningKey', space, key) as Seed;
}

/** Salt: the space. Context: what varies, of fixed length, then the scope's name. */
function fromScope(label: Label, space: SpaceId, key: ScopeKey, context: Uint8Array = new Uint8Array()): Bytes {
  return derive(key.secret, bytesOfId(space), label, concat(context, utf8(key.scope)));
}

/** The scope is named by the caller already. */
function chainBytes({ device, incarnation }: ChainName): Bytes {
  return concat(bytesOfId(device), bytesOfId(incarnation));
}
