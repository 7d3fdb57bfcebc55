// What a view says about every kind of space (charter/SPEC.md §4.5).

import type { Bytes } from '../bytes/bytes.ts';
import type { Cut } from './body-parts.ts';
import type { FallenFacts } from './fallen.ts';
import type { GroupFacts } from './group-facts.ts';
import type { DeviceId, GrantId, Kid, OpId, PrincipalId, SpaceId } from './ids.ts';
import type { RotatedScope } from './key-body.ts';

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
  readonly ends: readonly DeviceEndFacts[];
}

export interface DeviceEndFacts {
  readonly op: OpId;
  readonly by: DeviceId;
  readonly frontier: readonly Cut[];
}

export interface PrincipalFacts {
  readonly id: PrincipalId;
  /** Founders first, by their index; then by the order of the grants. */
  readonly index: number;
  /** False after leaving. */
  readonly isLive: boolean;
  readonly devices: readonly DeviceFacts[];
  readonly recovery: RecoveryFacts | undefined;
}

/** A key on paper that can add and end devices. */
export interface RecoveryFacts {
  readonly key: DeviceId;
  readonly binding: GrantId;
}

export interface RotationFacts {
  readonly op: OpId;
  readonly by: DeviceId;
  readonly root: Bytes;
  readonly scopes: readonly (RotatedScope & { readonly kid: Kid })[];
  /** Joins it lets in; absent where there are none. */
  readonly admits?: readonly OpId[];
}

export interface CharterView {
  readonly kind: 'self' | 'pair' | 'group';
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
  /** Whether an op stands. */
  readonly stands: (op: OpId) => boolean;
  /** Whether an op lies in the past of another, or is it. */
  readonly isBefore: (earlier: OpId, op: OpId) => boolean;
  /** What was granted in good faith and fell by acts that crossed with it. */
  readonly fallen: () => readonly FallenFacts[];
  /** Of a group only. */
  readonly group: GroupFacts | undefined;
}
