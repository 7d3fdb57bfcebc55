// Samples of what a person's own devices show and tell each other (identity/SPEC.md §7, §8).
import { base64urlnopad } from '#core/bytes/bytes.ts';
import type { SealingKey } from '#core/crypto/suite.ts';
import { deviceCodeText, encodeDeviceOffer, makeDeviceCode, reframeDeviceCode } from '#core/identity/device-code.ts';
import { encodeDeviceRequest } from '#core/identity/device-request.ts';
import { encodeOwnMessage, encodeOwnSpace, type OwnMessage } from '#core/identity/own-message.ts';
import type { Millis, RelayAddress } from '#core/ports.ts';
import { decode, encode, type Encodable } from '#core/wire/cbor.ts';
import { filler, fillerId, type StructureSamples } from './sample.ts';

const RELAY = 'wss://relay.example/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp' as RelayAddress;
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const short = Uint8Array.of(2, ...filler(32, 5)) as SealingKey;
const long = Uint8Array.of(1, ...filler(1_216, 6)) as SealingKey;
const offer = {
  space: filler(32, 1),
  sealingKey: short,
  secret: filler(32, 2),
  relays: [RELAY],
  until: 1_800_000_000_000 as Millis,
};
const changed = (bytes: Uint8Array, change: Record<string, Encodable>): Uint8Array =>
  encode({ ...(decode(bytes, 'sample', 131_072) as Record<string, Encodable>), ...change });

const code = deviceCodeText(makeDeviceCode(offer));
const codeBytes = base64urlnopad.decode(code)!;
const withByte = (at: number, value: number): Uint8Array => {
  const bytes = codeBytes.slice();
  bytes[at] = value;
  return utf8(base64urlnopad.encode(bytes));
};

const request = {
  device: filler(32, 3),
  proof: filler(64, 4),
  record: filler(200, 5),
  sealingKey: long,
  name: 'Küche 🌿',
};
const asked = encodeDeviceRequest(request);

const forOne = { is: 'space', to: fillerId(32, 7), space: fillerId(32, 8), sealed: filler(1_200, 9) } as const;
const inContact = {
  ...{ space: fillerId(32, 8), channel: undefined, thread: undefined },
  before: undefined,
  ids: [fillerId(32, 23)],
};
const inChannel = { ...inContact, channel: fillerId(16, 24), ids: [fillerId(32, 25), fillerId(32, 26)] };
const inThread = { ...inChannel, thread: fillerId(32, 27) };
const before = { lamport: 7, id: fillerId(32, 28) };
const messages: readonly (readonly [string, OwnMessage])[] = [
  ['a device by its name', { is: 'device', name: 'Kitchen laptop', sealingKey: long }],
  ['a device without a name', { is: 'device', name: '', sealingKey: long }],
  ['a space for one device', { ...forOne, made: undefined, by: undefined }],
  ['a space for one device, naming both', { ...forOne, made: fillerId(32, 20), by: fillerId(32, 21) }],
  ['what was set about a contact', { is: 'facts', space: fillerId(32, 8), facts: filler(60, 10) }],
  ['settings', { is: 'settings', settings: filler(60, 11) }],
  ['a key on paper', { is: 'recovery', key: long, isOnPaper: true, sealed: undefined }],
  [
    'a key not on paper, with that of the self space',
    { is: 'recovery', key: long, isOnPaper: false, sealed: filler(1_180, 22) },
  ],
  ['what was read, in three places', { is: 'read', to: undefined, reads: [inContact, inChannel, inThread] }],
  ['what was read, for one device', { is: 'read', to: fillerId(32, 7), reads: [{ ...inThread, before, ids: [] }] }],
];
const first = encodeOwnMessage(messages[0]![1]);
const own = {
  identity: filler(300, 12),
  leaf: filler(150, 13),
  facts: filler(80, 14),
  ops: [filler(400, 15), filler(90, 16)],
  records: [filler(1_300, 17)],
  held: filler(50, 18),
  recovery: filler(1_168, 19),
};
const given = encodeOwnSpace(own);

export const ownDeviceSamples: Readonly<Record<string, StructureSamples>> = {
  'device-offer': {
    spec: 'identity/SPEC.md §7',
    accept: [
      { name: 'one relay', bytes: encodeDeviceOffer(offer) },
      { name: 'no relay', bytes: encodeDeviceOffer({ ...offer, relays: [] }) },
    ],
    refuse: [
      { name: 'version 2', bytes: changed(encodeDeviceOffer(offer), { v: 2 }) },
      { name: 'five relays', bytes: encodeDeviceOffer({ ...offer, relays: Array.from({ length: 5 }, () => RELAY) }) },
      {
        name: 'a sealing key of suite 1',
        bytes: changed(encodeDeviceOffer(offer), { seal: Uint8Array.of(1, ...filler(32)) }),
      },
      { name: 'a space of 31 bytes', bytes: changed(encodeDeviceOffer(offer), { space: filler(31) }) },
      { name: 'a field more', bytes: changed(encodeDeviceOffer(offer), { name: 'x' }) },
    ],
  },
  'device-code': {
    spec: 'identity/SPEC.md §7',
    accept: [
      { name: 'the bare code', bytes: utf8(code) },
      { name: 'in a link', bytes: utf8(`https://relay.example/#/device/${code}`) },
    ],
    refuse: [
      { name: 'a contact card', bytes: utf8(`dXMx${code.slice(4)}`) },
      { name: 'cut', bytes: utf8(code.slice(0, -9)) },
      { name: 'a letter changed', bytes: utf8(code.slice(0, 80) + (code[80] === 'A' ? 'B' : 'A') + code.slice(81)) },
      { name: 'whole, of version 2', bytes: reframeDeviceCode(withByte(2, 0x32)) },
      { name: 'the magic of a card, with a checksum that fits', bytes: reframeDeviceCode(withByte(1, 0x72)) },
      { name: 'longer than any code', bytes: utf8('dWQx'.repeat(1_001)) },
    ],
  },
  'device-request': {
    spec: 'identity/SPEC.md §7',
    accept: [
      { name: 'with a name', bytes: asked },
      { name: 'without a name', bytes: encodeDeviceRequest({ ...request, name: '' }) },
    ],
    refuse: [
      { name: 'version 2', bytes: changed(asked, { v: 2 }) },
      { name: 'a sealing key of suite 2', bytes: changed(asked, { seal: short }) },
      { name: 'a long key that says suite 2', bytes: changed(asked, { seal: Uint8Array.of(2, ...filler(1_216)) }) },
      { name: 'a name of 201 bytes', bytes: changed(asked, { name: 'x'.repeat(201) }) },
      { name: 'no record', bytes: changed(asked, { record: new Uint8Array(0) }) },
    ],
  },
  'own-message': {
    spec: 'identity/SPEC.md §8',
    accept: messages.map(([name, message]) => ({ name, bytes: encodeOwnMessage(message) })),
    refuse: [
      { name: 'version 2', bytes: changed(first, { v: 2 }) },
      { name: 'a kind of a newer app', bytes: changed(first, { is: 'feed' }) },
      { name: 'a field of another kind', bytes: changed(first, { space: filler(32) }) },
      { name: 'a sealing key of suite 2', bytes: changed(first, { seal: short }) },
      {
        name: 'a thread without its channel',
        bytes: encodeOwnMessage({ is: 'read', to: undefined, reads: [{ ...inThread, channel: undefined }] }),
      },
      {
        name: '65 places in which something was read',
        bytes: encodeOwnMessage({ is: 'read', to: undefined, reads: Array.from({ length: 65 }, () => inContact) }),
      },
      {
        name: '2,001 messages read',
        bytes: encodeOwnMessage({
          ...{ is: 'read', to: undefined },
          reads: [{ ...inContact, ids: Array.from({ length: 2_001 }, () => fillerId(32, 23)) }],
        }),
      },
    ],
  },
  'own-space': {
    spec: 'identity/SPEC.md §8',
    accept: [
      { name: 'with a recovery key', bytes: given },
      { name: 'without one', bytes: encodeOwnSpace({ ...own, recovery: undefined }) },
    ],
    refuse: [
      { name: 'version 2', bytes: changed(given, { v: 2 }) },
      { name: 'no identity', bytes: changed(given, { identity: new Uint8Array(0) }) },
      { name: '65 records', bytes: changed(given, { records: Array.from({ length: 65 }, () => filler(1)) }) },
      { name: 'an empty op', bytes: changed(given, { ops: [new Uint8Array(0)] }) },
    ],
  },
};
