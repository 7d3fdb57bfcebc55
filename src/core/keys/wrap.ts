// A set of secrets sealed for one device (keys/SPEC.md §5).

import type { Bytes } from '../bytes/bytes.ts';
import type { CryptoSuite, SealingKey, SealingSuite, Seed } from '../crypto/suite.ts';
import type { Random } from '../ports.ts';
import type { DeviceId, OpId, SealingKeyId, SpaceId } from '../charter/ids.ts';
import type { ScopeKey } from './scope-key.ts';

/** What a device gets: keys of all scopes it may read, and the secret by which devices of the space find each other. */
export interface WrapSecrets {
  readonly keys: readonly ScopeKey[];
  readonly rendezvous: Bytes;
}

export interface Wrap {
  readonly space: SpaceId;
  readonly device: DeviceId;
  readonly sealingKey: SealingKeyId;
  /** Place among the wraps of its rotation and the way to the root; absent in a `share`. */
  readonly place: { readonly index: number; readonly path: readonly Bytes[] } | undefined;
  readonly sealed: Bytes;
}

export interface WrapRecipient {
  readonly device: DeviceId;
  readonly sealingKey: SealingKey;
}

/** A private sealing key: its seed, and the suite its public half was made for. */
export interface OpenerKey {
  readonly seed: Seed;
  readonly suite: SealingSuite;
}

export type WrapProblem =
  /** Sealed for a key this device does not hold (any more). */
  | 'other-key'
  /** Does not open, or does not hold what its author committed to: worth a complaint. */
  | 'wrong';

/** The seam at which MLS or BeeKEM could replace wraps. */
export interface KeyAgreement {
  seal(
    space: SpaceId,
    recipients: readonly WrapRecipient[],
    secrets: WrapSecrets,
  ): Promise<{ readonly wraps: readonly Wrap[]; readonly root: Bytes }>;
  open(wrap: Wrap, key: OpenerKey): Promise<WrapSecrets | undefined>;
}

export declare function wrapAgreement(random: Random, suite: CryptoSuite): KeyAgreement;
export declare function encodeWrap(wrap: Wrap): Bytes;
/** Throws `WireError`. */
export declare function decodeWrap(encoded: Uint8Array): Wrap;
/** Whether a wrap is the one its rotation's root commits to. */
export declare function belongsTo(wrap: Wrap, root: Uint8Array): boolean;
/** Names the rotation a complaint is about. */
export interface Complaint {
  readonly space: SpaceId;
  readonly rotation: OpId;
  readonly device: DeviceId;
}
