// What a device publishes about itself outside the log, latest only (keys/SPEC.md §4).

import { compare, hex, type Bytes } from '../bytes/bytes.ts';
import { hash } from '../crypto/hash.ts';
import type { CryptoSuite, SealingKey, Seed, Signature, SigningKey } from '../crypto/suite.ts';
import { decode, encode } from '../wire/cbor.ts';
import { bytesOf, fields, tuple } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';
import type { DeviceId, SealingKeyId, SpaceId } from '../charter/ids.ts';
import { bytesOfId } from '../charter/op.ts';

export interface DeviceRecord {
  readonly space: SpaceId;
  readonly device: DeviceId;
  /** Counts up; a higher one replaces. */
  readonly number: number;
  readonly sealingKey: SealingKey;
  /** 32 bytes from which members derive the topics this device reads. */
  readonly inboxSecret: Bytes;
}

/** A record as it travels. Its signature may be anything. */
export interface SignedRecord {
  readonly record: DeviceRecord;
  readonly bytes: Bytes;
  readonly signature: Signature;
}

const VERSION = 1;
/** Suite byte ‖ X-Wing key, the longest of the two. */
const MAX_SEALING_KEY_BYTES = 1_217;
const MIN_SEALING_KEY_BYTES = 33;
const MAX_RECORD_BYTES = 1_536;
const MAX_SIGNED_RECORD_BYTES = MAX_RECORD_BYTES + 72;

export function sealingKeyIdOf(key: SealingKey): SealingKeyId {
  return hex.encode(hash('sealingKey', key)) as SealingKeyId;
}

export function encodeRecord(record: DeviceRecord): Bytes {
  return encode({
    v: VERSION,
    space: bytesOfId(record.space),
    device: bytesOfId(record.device),
    number: record.number,
    sealingKey: record.sealingKey,
    inboxSecret: record.inboxSecret,
  });
}

export async function signRecord(record: DeviceRecord, seed: Seed, suite: CryptoSuite): Promise<SignedRecord> {
  const bytes = encodeRecord(record);
  return { record, bytes, signature: await suite.sign('deviceRecord', bytes, seed) };
}

/** CBOR [bytes, signature]. */
export function encodeSignedRecord(signed: SignedRecord): Bytes {
  return encode([signed.bytes, signed.signature]);
}

/** Throws `WireError`. The signature is not checked here. */
export function decodeSignedRecord(encoded: Uint8Array): SignedRecord {
  const [outer, signature] = tuple(decode(encoded, 'signed record', MAX_SIGNED_RECORD_BYTES), 'signed record', 2);
  const bytes = bytesOf(outer, 'signed record', { max: MAX_RECORD_BYTES });
  return { record: decodeRecord(bytes), bytes, signature: bytesOf(signature, 'signed record', 64) as Signature };
}

function decodeRecord(bytes: Uint8Array): DeviceRecord {
  const map = fields(decode(bytes, 'record', MAX_RECORD_BYTES), 'record');
  map.version('v', VERSION);
  const record = {
    space: map.id<SpaceId>('space', 32),
    device: map.id<DeviceId>('device', 32),
    number: map.uint('number'),
    sealingKey: map.bytes('sealingKey', { min: MIN_SEALING_KEY_BYTES, max: MAX_SEALING_KEY_BYTES }) as SealingKey,
    inboxSecret: map.bytes('inboxSecret', 32),
  };
  map.end();
  if (!isSealingKey(record.sealingKey)) throw new WireError('bad-field', 'record');
  return record;
}

/** Suite byte and the length that belongs to it. Whether the key is any good shows when something is sealed to it. */
function isSealingKey(key: Uint8Array): boolean {
  return (
    (key[0] === 1 && key.length === MAX_SEALING_KEY_BYTES) || (key[0] === 2 && key.length === MIN_SEALING_KEY_BYTES)
  );
}

/** Whether the device itself signed it. Whether that device belongs to the space is the charter's to say. */
export function verifyRecord(signed: SignedRecord, suite: CryptoSuite): Promise<boolean> {
  const key = bytesOfId(signed.record.device) as SigningKey;
  return suite.verify('deviceRecord', signed.bytes, signed.signature, key);
}

/**
 * The one to keep of two records of one device: the higher number, then the greater bytes. Two with one number come
 * from a copy that ran twice; every member must still keep the same one.
 */
export function newerRecord(a: SignedRecord | undefined, b: SignedRecord): SignedRecord {
  if (a === undefined) return b;
  if (a.record.number !== b.record.number) return a.record.number > b.record.number ? a : b;
  return compare(a.bytes, b.bytes) >= 0 ? a : b;
}
