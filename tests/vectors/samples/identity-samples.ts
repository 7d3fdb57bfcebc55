// Samples of src/core/identity, made with the primitives that ship, so that signatures and seals in them are real.
import { base64urlnopad } from '#core/bytes/bytes.ts';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import type { Seed } from '#core/crypto/suite.ts';
import { encodeAnswer } from '#core/identity/answer.ts';
import { cardCode, reframe } from '#core/identity/card-code.ts';
import { encodeCard, makeCard } from '#core/identity/card.ts';
import type { RelayAddress } from '#core/ports.ts';
import { encode } from '#core/wire/cbor.ts';
import { filler, type StructureSamples } from './sample.ts';

const RELAY = 'wss://relay.example/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp' as RelayAddress;
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export async function identitySamples(): Promise<Readonly<Record<string, StructureSamples>>> {
  const suite = makeProductionSuite('noble');
  const secrets = { signingSeed: filler(32, 1) as Seed, sealingSeed: filler(32, 2) as Seed, secret: filler(32, 3) };
  const card = await makeCard(suite, secrets, { relays: [RELAY], expiryDay: 20_000 });
  const bare = await makeCard(suite, secrets, { relays: [], expiryDay: 0 });
  const body = {
    v: 1,
    sign: card.card.signingKey,
    seal: card.card.sealingKey,
    secret: card.card.secret,
    relays: [RELAY],
    until: 20_000,
  };
  const resigned = (change: object): Uint8Array => encode([encode({ ...body, ...change }), card.signature]);
  const code = cardCode(card);
  const codeBytes = base64urlnopad.decode(code)!;
  const withByte = (at: number, value: number): Uint8Array => {
    const changed = codeBytes.slice();
    changed[at] = value;
    return utf8(base64urlnopad.encode(changed));
  };
  return {
    card: {
      spec: 'identity/SPEC.md §1',
      accept: [
        { name: 'one relay', bytes: encodeCard(card) },
        { name: 'no relay, long expired', bytes: encodeCard(bare) },
      ],
      refuse: [
        { name: 'five relays', bytes: resigned({ relays: [RELAY, RELAY, RELAY, RELAY, RELAY] }) },
        { name: 'a relay address of 201 bytes', bytes: resigned({ relays: ['w'.repeat(201)] }) },
        { name: 'a sealing key of suite 1', bytes: resigned({ seal: Uint8Array.of(1, ...filler(32)) }) },
        { name: 'a sealing key without suite byte', bytes: resigned({ seal: filler(32) }) },
        { name: 'a day beyond 32 bits', bytes: resigned({ until: 0x1_0000_0000 }) },
        { name: 'a signature of 63 bytes', bytes: encode([card.bytes, filler(63)]) },
        { name: 'longer than any card', bytes: encode([filler(1_200), filler(64)]) },
      ],
    },
    'card-code': {
      spec: 'identity/SPEC.md §2',
      accept: [
        { name: 'the bare code', bytes: utf8(code) },
        { name: 'in a link', bytes: utf8(`https://relay.example/#/c/${code}`) },
        {
          name: 'wrapped by a mail program, with a full stop',
          bytes: utf8(`Hi! ${code.slice(0, 70)}\r\n ${code.slice(70)}.`),
        },
      ],
      refuse: [
        { name: 'a word that ends with the first letter', bytes: utf8('good') },
        { name: 'cut, and words behind it', bytes: utf8(`${code.slice(0, 200)} see you`) },
        { name: 'one letter', bytes: utf8('d') },
        { name: 'three letters missing', bytes: utf8(code.slice(0, -3)) },
        {
          name: 'a letter changed',
          bytes: utf8(code.slice(0, 100) + (code[100] === 'A' ? 'B' : 'A') + code.slice(101)),
        },
        { name: 'letters more', bytes: utf8(`${code}AAAA`) },
        { name: 'a letter outside the alphabet', bytes: utf8(`${code.slice(0, 100)}*${code.slice(101)}`) },
        { name: 'version byte changed on the way', bytes: withByte(2, 0x32) },
        { name: 'whole, of version 2', bytes: reframe(withByte(2, 0x32)) },
        { name: 'whole, with a body of version 2', bytes: reframe(utf8(codeWithBody(codeBytes, resigned({ v: 2 })))) },
        { name: 'somebody else’s link', bytes: utf8('https://example.org/#invite') },
        { name: 'longer than any code', bytes: utf8('dXMx'.repeat(1_001)) },
      ],
    },
    'card-answer': {
      spec: 'identity/SPEC.md §3',
      accept: [
        {
          name: 'genesis and one more op',
          bytes: encodeAnswer({
            genesis: filler(40),
            ops: [filler(30, 4)],
            wraps: [filler(50, 5)],
            record: filler(60, 6),
            name: 'Zoë 🌿',
          }),
        },
        {
          name: 'nothing optional, no name',
          bytes: encodeAnswer({ genesis: filler(1), ops: [], wraps: [], record: filler(1), name: '' }),
        },
      ],
      refuse: [
        {
          name: 'nine ops',
          bytes: encodeAnswer({
            genesis: filler(1),
            ops: Array.from({ length: 9 }, () => filler(1)),
            wraps: [],
            record: filler(1),
            name: '',
          }),
        },
        {
          name: 'a name of 201 bytes',
          bytes: encodeAnswer({ genesis: filler(1), ops: [], wraps: [], record: filler(1), name: 'x'.repeat(201) }),
        },
      ],
    },
  };
}

function codeWithBody(code: Uint8Array, body: Uint8Array): string {
  return base64urlnopad.encode(Uint8Array.of(...code.slice(0, 5), ...body, 0, 0, 0, 0));
}
