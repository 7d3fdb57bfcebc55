// What a new device asks of the one that shows a device code, and the number by which a person sees that the request is
// the one of the device in their hand (SPEC.md §7).

import { hex, type Bytes } from '../bytes/bytes.ts';
import { orJunkLater } from '../crypto/or-junk.ts';
import { derive } from '../crypto/hash.ts';
import { SEALING_KEY_BYTES, WRAP_OVERHEAD, type CryptoSuite, type SealingKey, type Seed } from '../crypto/suite.ts';
import { decode, encode } from '../wire/cbor.ts';
import { fields } from '../wire/fields.ts';
import { maxPaddedContent, pad, unpad } from '../wire/padding.ts';
import { MAX_NAME_BYTES } from '../wire/text.ts';
import { WireError } from '../wire/wire-error.ts';
import type { DeviceCode } from './device-code.ts';

/** The parts are opaque here: charter and keys define them. */
export interface DeviceRequest {
  /** The new device's key in the self space. */
  readonly device: Bytes;
  /** By that key over self space ‖ membership: it wants to be bound there. */
  readonly proof: Bytes;
  /** Its signed record in the self space. */
  readonly record: Bytes;
  /** Suite 1: what is meant for this device alone is sealed to it. */
  readonly sealingKey: SealingKey;
  /** How the person calls it. Sanitise before showing. */
  readonly name: string;
}

const VERSION = 1;
const MAX_RECORD_BYTES = 2_048;
const MAX_REQUEST_BYTES = maxPaddedContent(WRAP_OVERHEAD[2]);
const NUMBER_DIGITS = 8;

export function encodeDeviceRequest(request: DeviceRequest): Bytes {
  const { device, proof, record, sealingKey, name } = request;
  return encode({ v: VERSION, device, proof, record, seal: sealingKey, name });
}

/** Throws `WireError`. */
export function decodeDeviceRequest(bytes: Uint8Array): DeviceRequest {
  const f = fields(decode(bytes, 'device request', MAX_REQUEST_BYTES), 'device request');
  f.version('v', VERSION);
  const request = {
    device: f.bytes('device', 32),
    proof: f.bytes('proof', 64),
    record: f.bytes('record', { min: 1, max: MAX_RECORD_BYTES }),
    sealingKey: f.bytes('seal', SEALING_KEY_BYTES[1]) as SealingKey,
    name: f.text('name', MAX_NAME_BYTES),
  };
  f.end();
  if (request.sealingKey[0] !== 1) throw new WireError('bad-field', 'device request');
  return request;
}

/** HPKE in PSK mode, as an answer to a card: knowing the code's public key alone is not enough. */
export function sealDeviceRequest(
  suite: CryptoSuite,
  code: DeviceCode,
  sealed: { readonly request: DeviceRequest; readonly coins: Bytes },
): Promise<Bytes> {
  const padded = pad(encodeDeviceRequest(sealed.request), WRAP_OVERHEAD[2]);
  return suite.wrap(code.sealingKey, padded, { ...bindingOf(code), coins: sealed.coins });
}

/** What was left at a code's topic; `undefined` for junk: whoever saw the code can write there. */
export async function tryOpenDeviceRequest(
  suite: CryptoSuite,
  code: DeviceCode,
  sealed: { readonly blob: Uint8Array; readonly seed: Seed },
): Promise<DeviceRequest | undefined> {
  return orJunkLater(async () =>
    decodeDeviceRequest(unpad(await suite.unwrap(sealed.seed, 2, sealed.blob, bindingOf(code)))),
  );
}

/** Eight digits, equal at both ends only if the request arrived as it was made. */
export function deviceNumber(code: Pick<DeviceCode, 'id' | 'secret'>, request: DeviceRequest): string {
  const digest = derive(code.secret, hex.decode(code.id)!, 'deviceNumber', encodeDeviceRequest(request), 8);
  const value = new DataView(digest.buffer, digest.byteOffset).getBigUint64(0) % 10n ** BigInt(NUMBER_DIGITS);
  const digits = String(value).padStart(NUMBER_DIGITS, '0');
  return `${digits.slice(0, 4)} ${digits.slice(4)}`;
}

function bindingOf(code: DeviceCode) {
  return { label: 'deviceRequest', associated: hex.decode(code.id)!, psk: code.secret } as const;
}
