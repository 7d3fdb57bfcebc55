// The code by which a person's existing device takes in another of theirs: shown for minutes, used once (SPEC.md §7).

import { hex, type Bytes } from '../bytes/bytes.ts';
import type { Brand } from '../bytes/brand.ts';
import { derive, hash } from '../crypto/hash.ts';
import { SEALING_KEY_BYTES, type SealingKey, type Seed } from '../crypto/suite.ts';
import type { Millis, RelayAddress } from '../ports.ts';
import { decode, encode } from '../wire/cbor.ts';
import { fields, textField } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';
import { bodyOfCode, readCode, reframeCode, spellCode, type CodeKind, type FrameProblem } from './code-text.ts';

/** Hash of what a code holds, lower-case hex. */
export type DeviceCodeId = Brand<string, 'DeviceCodeId'>;

/** What the existing device offers. Nothing in it opens anything; a copy of it lets somebody ask, in sight. */
export interface DeviceCode {
  readonly id: DeviceCodeId;
  /** The self space the new device is to join, as raw id: what it gets must come from there. */
  readonly space: Bytes;
  /** Suite 2, so that it fits a QR code; made for this code. The request is sealed to it. */
  readonly sealingKey: SealingKey;
  /** The request is sealed under it too, and its topic is derived from it. */
  readonly secret: Bytes;
  /** Where the two meet. */
  readonly relays: readonly RelayAddress[];
  /** Advice to the new device; the other one forgets the code on time whatever it says. */
  readonly until: Millis;
}

const VERSION = 1;
const MAX_RELAYS = 4;
const MAX_RELAY_ADDRESS_BYTES = 200;
const MAX_DEVICE_CODE_BYTES = 1_200;
const KIND: CodeKind = { magic: 'ud', version: '1', label: 'deviceCode', maxBodyBytes: MAX_DEVICE_CODE_BYTES };

export function makeDeviceCode(offer: Omit<DeviceCode, 'id'>): DeviceCode {
  return decodeDeviceOffer(encodeDeviceOffer(offer)); // what nobody would accept must not be shown
}

export function deviceCodeText(code: DeviceCode): string {
  return spellCode(KIND, encodeDeviceOffer(code));
}

/** The code in a text, or what is wrong with it. Never throws. */
export function decodeDeviceCode(text: string): DeviceCode | FrameProblem {
  return readCode(KIND, text, decodeDeviceOffer);
}

/** Whether a text is a code for a device, whole or not: to say so where another code is asked for. */
export function looksLikeDeviceCode(text: string): boolean {
  return /(?:^|[^A-Za-z0-9_-])dWQ/u.test(text) && bodyOfCode(KIND, text) !== 'foreign';
}

export function reframeDeviceCode(code: Uint8Array): Bytes {
  return reframeCode(KIND, code);
}

/** The private half of the topic at which the request waits; both ends know the secret. */
export function deviceCodeTopicSeed({ secret, id }: Pick<DeviceCode, 'secret' | 'id'>): Seed {
  return derive(secret, hex.decode(id)!, 'deviceCodeTopic', new Uint8Array(0)) as Seed;
}

export function encodeDeviceOffer(code: Omit<DeviceCode, 'id'>): Bytes {
  return encode({
    v: VERSION,
    space: code.space,
    seal: code.sealingKey,
    secret: code.secret,
    relays: code.relays,
    until: code.until,
  });
}

/** Throws `WireError`. */
export function decodeDeviceOffer(bytes: Uint8Array): DeviceCode {
  const f = fields(decode(bytes, 'device code', MAX_DEVICE_CODE_BYTES), 'device code');
  f.version('v', VERSION);
  const sealingKey = f.bytes('seal', SEALING_KEY_BYTES[2]) as SealingKey;
  if (sealingKey[0] !== 2) throw new WireError('bad-field', 'device code');
  const code = {
    id: hex.encode(hash('deviceCode', bytes)) as DeviceCodeId,
    space: f.bytes('space', 32),
    sealingKey,
    secret: f.bytes('secret', 32),
    relays: f
      .list('relays', MAX_RELAYS)
      .map((relay) => textField(relay, 'device code', MAX_RELAY_ADDRESS_BYTES) as RelayAddress),
    until: f.uint('until') as Millis,
  };
  f.end();
  return code;
}
