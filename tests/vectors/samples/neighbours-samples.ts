// Samples of src/core/neighbours.
import { base64urlnopad, utf8, type Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, MessageId } from '#core/charter/ids.ts';
import type { RoleId } from '#core/charter/rules.ts';
import type { SealingKey, Seed, Signature, SigningKey } from '#core/crypto/suite.ts';
import { outsideCardCode, reframeOutsideCardCode } from '#core/neighbours/card-code.ts';
import { encodeNeighbourAct, type NeighbourAct } from '#core/neighbours/neighbour-body.ts';
import { encodeLetter, encodeSignedLetter, type Letter, type OrderId } from '#core/neighbours/order.ts';
import { encodeOutsideCard, encodeSignedCard, type OutsideCard } from '#core/neighbours/outside-card.ts';
import type { Millis, RelayAddress } from '#core/ports.ts';
import { encode } from '#core/wire/cbor.ts';
import { filler, fillerId, type StructureSamples } from './sample.ts';

const at = 1_700_000_000_000 as Millis;
const role = 'kitchen' as RoleId;
const signature = filler(64, 0x80) as Signature;
const key = fillerId<DeviceId>(32, 0x10);
const sealingKey = Uint8Array.of(2, ...filler(32, 0x30)) as SealingKey;

const card: OutsideCard = {
  name: 'Harbour Kitchen 🍲',
  roles: [{ id: role, label: 'Kitchen', key: filler(32, 0x20) as SigningKey }],
  sealingKey,
  secret: filler(32, 0x50) as Bytes,
  relays: ['/dns4/relay.example/tcp/443/wss' as RelayAddress],
  questions: ['Who sent you?'],
};
const bare: OutsideCard = { ...card, name: '', roles: [], relays: [], questions: [] };
const signedCard = { card, bytes: encodeOutsideCard(card), number: 3, expires: 20_000, key, signature };

const code = outsideCardCode(signedCard)!;
const codeBytes = base64urlnopad.decode(code)!;
const withByte = (at: number, value: number): Bytes => {
  const changed = codeBytes.slice();
  changed[at] = value;
  return utf8(base64urlnopad.encode(changed));
};

const common = { from: key, to: fillerId<DeviceId>(32, 0x40), role, order: fillerId<OrderId>(16, 0x60), at };
const letters: Readonly<Record<string, Letter>> = {
  'an order': { is: 'order', ...common, title: '200 meals', text: 'At the north gate', due: 20_003 },
  'an order without a day': { is: 'order', ...common, title: '200 meals', text: '', due: undefined },
  'a report': { is: 'report', ...common, number: 2, state: 'split', parts: { all: 3, done: 1 }, note: 'On it' },
};
const signed = (letter: Letter) => ({ letter, bytes: encodeLetter(letter), signature, card: signedCard });
const [order] = Object.values(letters);

const acts: Readonly<Record<string, NeighbourAct>> = {
  approved: { act: 'approve', at, card: signedCard, name: 'Harbour', roles: [role] },
  'approved no more': { act: 'approve', at, card: signedCard, name: 'Harbour', roles: [] },
  'a newer card': { act: 'card', at, card: signedCard },
  'a letter that came': { act: 'came', at, letter: signed(order!), day: 20_000 },
  'a letter that went': { act: 'went', at, letter: signed(order!), task: undefined },
  'what belongs to a card': {
    ...{ act: 'keep', at, card: signedCard },
    ...{ outside: filler(32, 0x90) as Seed, sealing: filler(32, 0xa0) as Seed },
  },
  'a letter for a task': { act: 'went', at, letter: signed(order!), task: fillerId<MessageId>(32, 0x70) },
};

const cardMap = { v: 1, name: 'x', roles: [], seal: sealingKey, secret: filler(32), relays: [], ask: [] };
const roleMap = { id: 'kitchen', label: 'x', key: filler(32) };
const orderMap = {
  v: 1,
  is: 'order',
  from: filler(32),
  to: filler(32),
  role: 'a',
  order: filler(16),
  at: 0,
  title: '',
  text: '',
};
const reportMap = {
  ...{ v: 1, is: 'report', from: filler(32), to: filler(32), role: 'a', order: filler(16), at: 0 },
  ...{ number: 0, state: 'done', all: 1, done: 1, note: '' },
};
const spec = (section: number) => `neighbours/SPEC.md §${section}`;
const spelled = <T>(values: Readonly<Record<string, T>>, spell: (value: T) => Bytes) =>
  Object.entries(values).map(([name, value]) => ({ name, bytes: spell(value) }));

export const neighboursSamples: Readonly<Record<string, StructureSamples>> = {
  'outside-card': {
    spec: spec(1),
    accept: spelled({ 'a card': card, 'a bare card': bare }, encodeOutsideCard),
    refuse: [
      { name: 'a role twice', bytes: encode({ ...cardMap, roles: [roleMap, roleMap] }) },
      { name: 'a role of everyone', bytes: encode({ ...cardMap, roles: [{ ...roleMap, id: 'everyone' }] }) },
      { name: 'a sealing key of suite 1', bytes: encode({ ...cardMap, seal: Uint8Array.of(1, ...filler(32)) }) },
      { name: 'five relays', bytes: encode({ ...cardMap, relays: ['a', 'b', 'c', 'd', 'e'] }) },
    ],
  },
  'outside-card-code': {
    spec: spec(1),
    accept: [
      { name: 'the bare code', bytes: utf8(code) },
      { name: 'in a link', bytes: utf8(`https://relay.example/#/join/${code}`) },
    ],
    refuse: [
      { name: 'cut', bytes: utf8(code.slice(0, -5)) },
      { name: 'one letter changed', bytes: withByte(20, codeBytes[20]! ^ 1) },
      { name: 'the magic of an invitation', bytes: withByte(1, 0x69) },
      { name: 'of version 2', bytes: reframeOutsideCardCode(withByte(2, 0x32)) },
      { name: 'a body that is none', bytes: reframeOutsideCardCode(withByte(6, 0xff)) },
    ],
  },
  'signed-outside-card': {
    spec: spec(1),
    accept: [{ name: 'a card', bytes: encodeSignedCard(signedCard) }],
    refuse: [{ name: 'not of five parts', bytes: encode([3, 20_000, filler(32), encodeOutsideCard(card)]) }],
  },
  letter: {
    spec: spec(2),
    accept: spelled(letters, encodeLetter),
    refuse: [
      { name: 'a letter of no kind', bytes: encode({ ...orderMap, is: 'song' }) },
      { name: 'a title too long', bytes: encode({ ...orderMap, title: 'x'.repeat(501) }) },
      { name: 'a text too long', bytes: encode({ ...orderMap, text: 'x'.repeat(8_001) }) },
      { name: 'more done than there is', bytes: encode({ ...reportMap, done: 2 }) },
      { name: 'a state nobody knows', bytes: encode({ ...reportMap, state: 'lost' }) },
    ],
  },
  'signed-letter': {
    spec: spec(2),
    accept: spelled(letters, (letter) => encodeSignedLetter(signed(letter))),
  },
  'body-neighbour': {
    spec: spec(4),
    accept: spelled(acts, encodeNeighbourAct),
    refuse: [
      { name: 'an act nobody knows', bytes: encode({ v: 1, act: 'sue', at: 0 }) },
      {
        name: 'a role approved twice',
        bytes: encode({
          v: 1,
          act: 'approve',
          at: 0,
          card: encodeSignedCard(signedCard),
          name: 'x',
          roles: ['a', 'a'],
        }),
      },
    ],
  },
};
