// The checks of an op that need the crypto suite: signature, granted keys, embedded evidence (charter/SPEC.md §4.1).

import type { CryptoSuite } from '../crypto/suite.ts';
import type { SignedOp, VerifiedOp } from './op.ts';

/** `undefined` when anything is false. Never throws. */
export declare function verifyOp(signed: SignedOp, suite: CryptoSuite): Promise<VerifiedOp | undefined>;
/** Reads an op that was verified before it was sealed away. Throws `WireError`. */
export declare function readStoredOp(encoded: Uint8Array): VerifiedOp;
