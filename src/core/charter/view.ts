// What a set of ops says: who is in, with which devices, keys and relays (charter/SPEC.md §6).

import type { Bytes } from '../bytes/bytes.ts';
import type { Charter } from './charter.ts';
import type { DeviceId, GrantId, Kid, OpId, PrincipalId, SpaceId } from './ids.ts';
import type { Cut, RotatedScope } from './op-body.ts';

/** A device as the charter has it. Ended devices stay listed: what they said before still stands. */
export interface DeviceFacts {
  readonly device: DeviceId;
  readonly binding: GrantId;
  readonly principal: PrincipalId;
  /** Bound, not ended, not frozen, its principal not gone. */
  readonly isLive: boolean;
  /** It said two different things under one number. */
  readonly isFrozen: boolean;
  /** The effective ends, and how far its chains stand by each. */
  readonly ends: readonly { readonly op: OpId; readonly frontier: readonly Cut[] }[];
}

export interface PrincipalFacts {
  readonly id: PrincipalId;
  /** Founders first, by their index; then by the order of the grants. */
  readonly index: number;
  readonly isLive: boolean;
  readonly devices: readonly DeviceFacts[];
  readonly recovery: DeviceId | undefined;
}

export interface RotationFacts {
  readonly op: OpId;
  readonly by: DeviceId;
  readonly root: Bytes;
  readonly scopes: readonly (RotatedScope & { readonly kid: Kid })[];
}

export interface CharterView {
  readonly kind: 'self' | 'pair';
  readonly space: SpaceId;
  /** Signed bytes of the card the pair began with. */
  readonly card: Bytes | undefined;
  readonly principals: readonly PrincipalFacts[];
  readonly devices: ReadonlyMap<DeviceId, DeviceFacts>;
  /** Standing rotations in order; the last one is the newest. */
  readonly rotations: readonly RotationFacts[];
  readonly relays: readonly string[];
  /** A standing op is of a kind or version this app does not know: read only. */
  readonly needsNewerVersion: boolean;
  /** The card was answered twice. */
  readonly isVoid: boolean;
}

/** `undefined` until the genesis is known. Cached for each charter value. */
export declare function viewOf(charter: Charter): CharterView | undefined;
