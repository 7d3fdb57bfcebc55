// Samples of src/core/wire.
import { encode } from '#core/wire/cbor.ts';
import { encodeEnvelope, type Topic } from '#core/wire/envelope.ts';
import { encodeFragment, MAX_FRAGMENTS } from '#core/wire/fragments.ts';
import { pad } from '#core/wire/padding.ts';
import { filler, fillerId, type Sample, type StructureSamples } from './sample.ts';

const hex = (name: string, text: string): Sample => ({
  name,
  bytes: Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex')),
});

const cbor: StructureSamples = {
  spec: 'wire/SPEC.md §1',
  accept: [
    {
      name: 'a map with every type',
      bytes: encode({ n: null, t: true, f: false, i: -1, l: [0], s: 'ä', b: filler(3) }),
    },
    { name: 'largest whole number', bytes: encode(Number.MAX_SAFE_INTEGER) },
    { name: 'smallest whole number', bytes: encode(Number.MIN_SAFE_INTEGER) },
    { name: 'lengths at the edge of a byte', bytes: encode([filler(23), filler(24), filler(255), filler(256)]) },
    { name: 'keys in order of length, then bytes', bytes: encode({ b: 1, aa: 2, a: 3 }) },
    { name: 'empty list', bytes: encode([]) },
    { name: 'names that objects inherit', bytes: encode({ constructor: 1, toString: 2, hasOwnProperty: 3 }) },
    { name: 'sixteen lists deep', bytes: hex('', `${'81'.repeat(15)}80`).bytes },
  ],
  refuse: [
    hex('map keys out of order', 'a2 6162 01 6161 02'),
    hex('a map key twice', 'a2 6161 01 6161 02'),
    hex('a key that is a number', 'a1 01 01'),
    hex('a key that is a byte string', 'a1 4161 01'),
    hex('__proto__ as key', 'a1 695f5f70726f746f5f5f a0'),
    hex('the empty key', 'a1 60 01'),
    hex('/ as key', 'a1 612f 01'),
    hex('a float', 'fb 3ff0000000000000'),
    hex('a short float', 'f9 3c00'),
    hex('NaN', 'f9 7e00'),
    hex('undefined', 'f7'),
    hex('a simple value', 'e0'),
    hex('tag 42, a CID', 'd82a 58250001711220 0000000000000000000000000000000000000000000000000000000000000000'),
    hex('tag 2, a big number', 'c2 49 010000000000000000'),
    hex('a number beyond 53 bits', '1b 0020000000000000'),
    hex('a negative number beyond 53 bits', '3b 001fffffffffffff'),
    hex('64 bits of ones', '1b ffffffffffffffff'),
    hex('a number in a longer form', '18 17'),
    hex('a number in a much longer form', '1b 0000000000000001'),
    hex('a length in a longer form', '58 01 00'),
    hex('an indefinite list', '9f 01 ff'),
    hex('an indefinite byte string', '5f 4101 ff'),
    hex('reserved head', '1c'),
    hex('a list that promises 2^32 items', '9a ffffffff'),
    hex('a list that promises 2^53 items', '9b 001fffffffffffff'),
    hex('a byte string longer than what is there', '5a 7fffffff 00'),
    hex('a map with a key and no value', 'a1 6161'),
    hex('text that is not UTF-8', '61 ff'),
    hex('an overlong spelling in UTF-8', '62 c080'),
    hex('a lone surrogate in UTF-8', '63 eda080'),
    hex('text that begins with a byte order mark', '64 efbbbf61'),
    hex('seventeen lists deep', `${'81'.repeat(16)}80`),
    hex('two items', '01 01'),
  ],
};

const blob512 = filler(512, 7);
const topic = fillerId<Topic>(32, 1);

const envelope: StructureSamples = {
  spec: 'mailbox/SPEC.md §2',
  accept: [
    {
      name: 'smallest bucket',
      bytes: encodeEnvelope({ topic, expiryDay: 20_000, blob: blob512, signature: filler(64, 9) }),
    },
    {
      name: 'last day there is',
      bytes: encodeEnvelope({ topic, expiryDay: 0xffff_ffff, blob: filler(2_048), signature: filler(64) }),
    },
  ],
  refuse: [
    { name: 'version 0', bytes: Uint8Array.of(0, ...filler(32), ...filler(4), ...blob512, ...filler(64)) },
    { name: 'version 2', bytes: Uint8Array.of(2, ...filler(32), ...filler(4), ...blob512, ...filler(64)) },
    { name: 'a blob between two buckets', bytes: Uint8Array.of(1, ...filler(36), ...filler(600), ...filler(64)) },
    { name: 'no blob', bytes: Uint8Array.of(1, ...filler(36), ...filler(64)) },
  ],
};

const fragmentHead = (index: number, count: number): number[] => [
  1,
  ...filler(32, 3),
  index >> 8,
  index & 255,
  count >> 8,
  count & 255,
];

const fragment: StructureSamples = {
  spec: 'wire/SPEC.md §4',
  accept: [
    { name: 'first of two', bytes: encodeFragment({ whole: filler(32), index: 0, count: 2, piece: filler(40) }) },
    { name: 'the only one, empty', bytes: encodeFragment({ whole: filler(32), index: 0, count: 1, piece: filler(0) }) },
    {
      name: 'last of the most',
      bytes: encodeFragment({ whole: filler(32), index: MAX_FRAGMENTS - 1, count: MAX_FRAGMENTS, piece: filler(1) }),
    },
  ],
  refuse: [
    { name: 'version 0', bytes: Uint8Array.of(0, ...fragmentHead(0, 1).slice(1), 1) },
    { name: 'version 2', bytes: Uint8Array.of(2, ...fragmentHead(0, 1).slice(1), 1) },
    { name: 'of no pieces', bytes: Uint8Array.of(...fragmentHead(0, 0), 1) },
    { name: 'index beyond the count', bytes: Uint8Array.of(...fragmentHead(2, 2), 1) },
    { name: 'more pieces than allowed', bytes: Uint8Array.of(...fragmentHead(0, MAX_FRAGMENTS + 1), 1) },
    { name: 'head cut', bytes: Uint8Array.of(...fragmentHead(0, 1).slice(0, -1)) },
  ],
};

const padding: StructureSamples = {
  spec: 'wire/SPEC.md §3',
  accept: [
    { name: 'three bytes under a seal of 40', bytes: pad(filler(3, 1), 40) },
    { name: 'nothing', bytes: pad(filler(0), 40) },
    { name: 'content that ends like padding', bytes: pad(Uint8Array.of(1, 0x80, 0, 0), 40) },
    { name: 'the smallest bucket full', bytes: pad(filler(471, 1), 40) },
  ],
  refuse: [
    { name: 'no mark', bytes: new Uint8Array(472) },
    { name: 'something behind the mark', bytes: Uint8Array.of(1, 0x80, 0, 2) },
    { name: 'another mark', bytes: Uint8Array.of(1, 0x81, 0, 0) },
  ],
};

export const wireSamples: Readonly<Record<string, StructureSamples>> = { cbor, envelope, fragment, padding };
