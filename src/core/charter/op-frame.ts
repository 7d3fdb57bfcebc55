// What every op has, whatever it changes (charter/SPEC.md §2).

import type { DeviceId, GrantId, OpId, SpaceId } from './ids.ts';
import type { OpBody } from './op-body.ts';

export interface Op {
  /** Absent in the genesis, whose id *is* the space. */
  readonly space: SpaceId | undefined;
  /** Heads of the log as its author knew it; ascending, 1 to 8, none in the genesis. */
  readonly prev: readonly OpId[];
  /** The previous op of the same device. */
  readonly own: OpId | undefined;
  /** The charter whose rules its author acted under. Absent in the genesis. */
  readonly under: OpId | undefined;
  /** Membership, binding of the signing device, then the role grants used. Empty in the genesis. */
  readonly auth: readonly GrantId[];
  /** Who signs: a device, or a recovery key. */
  readonly device: DeviceId;
  /** Ops this device signed before. */
  readonly seq: number;
  readonly body: OpBody;
}

export const OP_VERSION = 1;
/** Signatures are Ed25519. */
export const SUITE = 1;
export const MAX_PREV = 8;
/** A membership, a binding and more roles than anybody needs for one act. */
export const MAX_AUTH = 32;
