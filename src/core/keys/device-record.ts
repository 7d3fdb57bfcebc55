// What a device publishes about itself outside the log, latest only (keys/SPEC.md §4).

import type { Bytes } from '../bytes/bytes.ts';
import type { CryptoSuite, SealingKey, Seed, Signature } from '../crypto/suite.ts';
import type { DeviceId, SealingKeyId, SpaceId } from '../charter/ids.ts';

export interface DeviceRecord {
  readonly space: SpaceId;
  readonly device: DeviceId;
  /** Counts up; a higher one replaces. */
  readonly number: number;
  readonly sealingKey: SealingKey;
  /** 32 bytes from which members derive the topics this device reads. */
  readonly inboxSecret: Bytes;
}

export interface SignedRecord {
  readonly record: DeviceRecord;
  readonly bytes: Bytes;
  readonly signature: Signature;
}

export declare function sealingKeyIdOf(key: SealingKey): SealingKeyId;
export declare function signRecord(record: DeviceRecord, seed: Seed, suite: CryptoSuite): Promise<SignedRecord>;
export declare function encodeSignedRecord(signed: SignedRecord): Bytes;
/** Throws `WireError`. The signature is not checked here. */
export declare function decodeSignedRecord(encoded: Uint8Array): SignedRecord;
/** Whether the device itself signed it. Whether that device belongs to the space is the charter's to say. */
export declare function verifyRecord(signed: SignedRecord, suite: CryptoSuite): Promise<boolean>;
/** The one to keep of two records of one device: higher number, then (a copy that ran twice) the greater bytes. */
export declare function newerRecord(a: SignedRecord | undefined, b: SignedRecord): SignedRecord;
