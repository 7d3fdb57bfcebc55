// Writes ops: the geneses of self and pair spaces, and everything after them (charter/SPEC.md §3).

import type { Bytes } from '../bytes/bytes.ts';
import type { CryptoSuite, Seed, Signature } from '../crypto/suite.ts';
import type { Charter } from './charter.ts';
import type { DeviceId, PrincipalId, SpaceId } from './ids.ts';
import type { DeviceAdd, OpBody } from './op-body.ts';
import type { VerifiedOp } from './op.ts';

/** Who signs, and with what. */
export interface Author {
  readonly device: DeviceId;
  readonly seed: Seed;
}

export declare function selfGenesis(
  author: Author,
  recovery: DeviceId | undefined,
  suite: CryptoSuite,
): Promise<VerifiedOp>;

/** `author` is the answerer's fresh device. `cardKey` signed `card` under the label `card`: that is `consent`. */
export declare function pairGenesis(
  author: Author,
  answered: {
    readonly cardKey: DeviceId;
    readonly card: Bytes;
    readonly consent: Signature;
    readonly recovery: DeviceId | undefined;
  },
  suite: CryptoSuite,
): Promise<VerifiedOp>;

/** The body that binds a fresh device to a principal. */
export declare function addDeviceBody(
  fresh: Author,
  binding: { readonly space: SpaceId; readonly principal: PrincipalId; readonly recovery?: DeviceId },
  suite: CryptoSuite,
): Promise<DeviceAdd>;

/**
 * Signs an op on top of all heads. Flush it to disk before it is sent: a second op with its number would look like a
 * forger's. Rejects with a plain `Error` when the author is bound nowhere in this charter.
 */
export declare function writeOp(
  charter: Charter,
  author: Author,
  body: Exclude<OpBody, { type: 'genesis' | 'unknown' }>,
  suite: CryptoSuite,
): Promise<VerifiedOp>;
