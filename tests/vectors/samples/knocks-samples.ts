// Samples of src/core/knocks.
import { base64urlnopad, type Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import type { SealingKey, Seed, Signature } from '#core/crypto/suite.ts';
import { encodeRecord } from '#core/keys/device-record.ts';
import { doorCode, encodeDoor, reframeDoor, type Door } from '#core/knocks/door.ts';
import { encodeKnockAct, type KnockAct } from '#core/knocks/knock-body.ts';
import type { RelayAddress } from '#core/ports.ts';
import { encode } from '#core/wire/cbor.ts';
import { filler, fillerId, type StructureSamples } from './sample.ts';

const RELAY = 'wss://relay.example/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp' as RelayAddress;
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const signature = filler(64, 0x80) as Signature;
const space = fillerId<SpaceId>(32, 0x10);
const device = fillerId<DeviceId>(32, 0x40);
const sealingKey = Uint8Array.of(2, ...filler(32, 0x30)) as SealingKey;

const door: Door = {
  space,
  sealingKey,
  secret: filler(32, 3) as Bytes,
  relays: [RELAY],
  groupName: 'the garden 🌿',
  questions: ['Who do you know here?', 'What would you like to do?'],
  expires: 20_000,
};
const bare: Door = { ...door, relays: [], groupName: '', questions: [] };
const doorMap = { v: 1, space: filler(32), seal: sealingKey, secret: filler(32), relays: [], name: '', ask: [] };

const code = doorCode(door);
const codeBytes = base64urlnopad.decode(code)!;
const withByte = (at: number, value: number): Uint8Array => {
  const changed = codeBytes.slice();
  changed[at] = value;
  return utf8(base64urlnopad.encode(changed));
};

const recordBytes = encodeRecord({
  space,
  device,
  number: 0,
  sealingKey: Uint8Array.of(1, ...filler(1_216, 0x20)) as SealingKey,
  inboxSecret: filler(32, 0x60) as Bytes,
});
const record = encode([recordBytes, signature]);
const common = { v: 1, at: 1_700_000_000_000, space: filler(32, 0x10), device: filler(32, 0x40) };
const knockMap = {
  ...{ ...common, is: 'knock', proof: signature, record, name: 'Noor' },
  ...{ asked: [['Who do you know here?', 'Ana']], reply: filler(32, 0x70) },
};
const knock = encode([encode(knockMap), signature]);
const withdrawal = encode([encode({ ...common, is: 'withdraw' }), signature]);
const letterOf = (map: Parameters<typeof encode>[0]): Bytes => encode([encode(map), signature]);

const acts: Readonly<Record<string, KnockAct>> = {
  'a door opened': { act: 'door', door, seed: filler(32, 0x50) as Seed },
  'turned away': { act: 'away', device },
  'a welcome left': { act: 'welcomed', device },
};

export const knocksSamples: Readonly<Record<string, StructureSamples>> = {
  door: {
    spec: 'knocks/SPEC.md §1',
    accept: [
      { name: 'a door', bytes: encodeDoor(door) },
      { name: 'a bare door', bytes: encodeDoor(bare) },
    ],
    refuse: [
      { name: 'a sealing key of suite 1', bytes: encode({ ...doorMap, expires: 1, seal: filler(33, 1) }) },
      { name: 'three relays', bytes: encode({ ...doorMap, expires: 1, relays: ['a', 'b', 'c'] }) },
      { name: 'a name of 65 bytes', bytes: encode({ ...doorMap, expires: 1, name: 'n'.repeat(65) }) },
      { name: 'a question of 513 bytes', bytes: encode({ ...doorMap, expires: 1, ask: ['q'.repeat(513)] }) },
    ],
  },
  'door-code': {
    spec: 'knocks/SPEC.md §1',
    accept: [
      { name: 'the bare code', bytes: utf8(code) },
      { name: 'in a link', bytes: utf8(`https://relay.example/#/join/${code}`) },
    ],
    refuse: [
      { name: 'cut', bytes: utf8(code.slice(0, -5)) },
      { name: 'one letter changed', bytes: withByte(20, codeBytes[20]! ^ 1) },
      { name: 'another magic', bytes: utf8(base64urlnopad.encode(Uint8Array.of(0x75, 0x69, ...codeBytes.slice(2)))) },
      { name: 'of version 2', bytes: reframeDoor(withByte(2, 0x32)) },
      { name: 'a body that is none', bytes: reframeDoor(withByte(6, 0xff)) },
    ],
  },
  'signed-knock': {
    spec: 'knocks/SPEC.md §2',
    accept: [
      { name: 'a knock', bytes: knock },
      { name: 'a withdrawal', bytes: withdrawal },
    ],
    refuse: [
      { name: 'of no kind', bytes: letterOf({ ...common, is: 'shout' }) },
      { name: 'a name of 201 bytes', bytes: letterOf({ ...knockMap, name: 'n'.repeat(201) }) },
      { name: 'an answer of 2,001 bytes', bytes: letterOf({ ...knockMap, asked: [['q', 'a'.repeat(2_001)]] }) },
      { name: 'an answer without a question', bytes: letterOf({ ...knockMap, asked: [['a']] }) },
      { name: 'a withdrawal with a name', bytes: letterOf({ ...common, is: 'withdraw', name: 'x' }) },
    ],
  },
  'body-knock': {
    spec: 'knocks/SPEC.md §4',
    accept: [
      ...Object.entries(acts).map(([name, act]) => ({ name, bytes: encodeKnockAct(act) })),
      { name: 'a letter that came', bytes: encode({ v: 1, act: 'came', letter: knock }) },
      { name: 'a withdrawal that came', bytes: encode({ v: 1, act: 'came', letter: withdrawal }) },
    ],
    refuse: [
      { name: 'an act nobody knows', bytes: encode({ v: 1, act: 'kick' }) },
      { name: 'a seed of 31 bytes', bytes: encode({ v: 1, act: 'door', door: encodeDoor(door), seed: filler(31) }) },
      { name: 'a door that is none', bytes: encode({ v: 1, act: 'door', door: filler(9), seed: filler(32) }) },
    ],
  },
};
