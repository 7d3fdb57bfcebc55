// Samples of src/core/sync and src/core/chat.
import { concat } from '#core/bytes/bytes.ts';
import { encodeHeader, messageIdOf } from '#core/charter/header.ts';
import { HeaderPattern } from '#core/charter/header-pattern.ts';
import type { DeviceId, Incarnation, Kid, MessageId, OpId, Scope } from '#core/charter/ids.ts';
import { encodeChatBody } from '#core/chat/body.ts';
import type { OpenBody } from '#core/chain/message.ts';
import { hash } from '#core/crypto/hash.ts';
import type { Signature } from '#core/crypto/suite.ts';
import type { Millis } from '#core/ports.ts';
import { encodeChannelMessage, type ChannelMessage } from '#core/sync/channel-messages.ts';
import { encodeHeld, type Held } from '#core/sync/held.ts';
import { encodeOpenFrame } from '#core/sync/link-frames.ts';
import { encodeOpenRun, type OpenMessage } from '#core/sync/open-run.ts';
import { emptyParcel, encodeParcel, type Parcel } from '#core/sync/parcel.ts';
import { encode, type Encodable } from '#core/wire/cbor.ts';
import { sampleHeader } from './charter-samples.ts';
import { channelChats } from './group-samples.ts';
import { filler, fillerId, type StructureSamples } from './sample.ts';

const device = fillerId<DeviceId>(32, 0x20);
const incarnation = fillerId<Incarnation>(8, 0x50);
const everyone = 'everyone' as Scope;
const target = fillerId<MessageId>(32, 0x60);
const at = 1_700_000_000_000 as Millis;

const held: Held = {
  heads: [fillerId<OpId>(32, 1), fillerId<OpId>(32, 2)],
  chains: [
    {
      chain: { device, scope: everyone, incarnation },
      spans: [
        { from: 0, to: 5 },
        { from: 7, to: 8 },
      ],
    },
    { chain: { device, scope: 'stewards' as Scope, incarnation }, spans: [{ from: 0, to: 1 }] },
  ],
  records: [{ device, number: 3 }],
  lacks: [fillerId<Kid>(16, 4)],
};
const heldWith = (chain: unknown): Uint8Array =>
  encode({ v: 1, held: { heads: [], chains: [chain], records: [], lacks: [] } } as never);

const parcel: Parcel = {
  ops: [filler(60)],
  records: [filler(50, 1)],
  wraps: [filler(40, 2)],
  frames: [filler(30, 3)],
  runs: [],
};
const messages: readonly (readonly [string, ChannelMessage])[] = [
  ['what is held', { is: 'have', n: 1, whole: true, held }],
  [
    'what is wanted',
    { is: 'want', want: { request: 2, ops: true, heads: held.heads, records: held.records, chains: held.chains } },
  ],
  ['an answer', { is: 'give', request: 2, last: true, parcel }],
  ['something new', { is: 'push', parcel }],
  ['something not kept', { is: 'fleeting', payload: filler(20) }],
  ['a question for all', { is: 'ask' }],
  ['a sign of life', { is: 'ping', n: 1 }],
  ['goodbye', { is: 'bye' }],
];

const bytes = encodeHeader(sampleHeader);
const openMessage = {
  message: { id: target, header: sampleHeader, bytes, signature: filler(64) as Signature, sealed: undefined },
  open: { salt: filler(32), body: filler(40) },
} satisfies OpenMessage;

const unsigned = {
  ...openMessage,
  message: { ...openMessage.message, id: messageIdOf(bytes), signature: undefined },
} satisfies OpenMessage;

/** The one after another, with nothing new in it but two that it cites. */
function after({ message }: OpenMessage): OpenMessage & { readonly open: OpenBody } {
  const open = { salt: filler(32, 9), body: filler(30, 5) };
  const next = new HeaderPattern(message.bytes).next(message.id, message.header, {
    lamport: message.header.lamport + 3,
    seen: concat(filler(32, 1), filler(32, 2)),
    bodyHash: hash('body', open.salt, open.body),
    bodyLength: open.body.length,
  });
  const signature = filler(64) as Signature;
  return { message: { ...next, id: messageIdOf(next.bytes), signature, sealed: undefined }, open };
}

const follower = after(unsigned);
const third = after(follower);
const bare = ({ message }: OpenMessage): OpenMessage => ({
  message: { ...message, signature: undefined },
  open: undefined,
});
const spelledOut = [bytes, unsigned.open.salt, unsigned.open.body];
const spelledOutToo = [follower.message.bytes, follower.open.salt, follower.open.body];
const shorter: Encodable[] = [3, concat(filler(32, 1), filler(32, 2)), follower.open.salt, follower.open.body];
const shorterRun = ({ messages }: { messages: Encodable }): Uint8Array =>
  encode({ v: 2, messages, signature: filler(64) });

const beat = {
  v: 1,
  device: filler(32),
  peer: '12D3KooWEyoppNCUx8Yx',
  relays: ['wss://a.example/x'],
  policy: 'direct',
  greet: false,
};

export const syncSamples: Readonly<Record<string, StructureSamples>> = {
  held: {
    spec: 'sync/SPEC.md §4',
    accept: [
      { name: 'heads, chains, records, lacks', bytes: encodeHeld(held) },
      { name: 'nothing', bytes: encodeHeld({ heads: [], chains: [], records: [], lacks: [] }) },
    ],
    refuse: [
      { name: 'spans that touch', bytes: heldWith([filler(32), filler(8), 0, 5, 5, 6]) },
      { name: 'an empty span', bytes: heldWith([filler(32), filler(8), 4, 4]) },
      { name: 'spans out of order', bytes: heldWith([filler(32), filler(8), 4, 5, 0, 1]) },
      { name: 'half a span', bytes: heldWith([filler(32), filler(8), 4]) },
      { name: 'everyone named', bytes: heldWith([filler(32), filler(8), 0, 1, 'everyone']) },
      { name: 'a number beyond 40 bits', bytes: heldWith([filler(32), filler(8), 0, 2 ** 40 + 1]) },
    ],
  },
  'link-frame': {
    spec: 'sync/SPEC.md §3',
    accept: [
      { name: 'hello', bytes: encodeOpenFrame({ is: 'hello', nonce: filler(32), echo: undefined }) },
      { name: 'hello, theirs known', bytes: encodeOpenFrame({ is: 'hello', nonce: filler(32), echo: filler(32, 1) }) },
      {
        name: 'a proof',
        bytes: encodeOpenFrame({ is: 'prove', proof: { tag: filler(32), sealed: filler(140) }, seen: false }),
      },
    ],
    refuse: [
      { name: 'kind 2', bytes: Uint8Array.of(2, ...filler(30)) },
      { name: 'sealed, and nothing in it', bytes: Uint8Array.of(1, ...filler(16)) },
      { name: 'version 2', bytes: Uint8Array.of(0, ...encode({ v: 2, t: 'hello', nonce: filler(32) })) },
      { name: 'a word nobody knows', bytes: Uint8Array.of(0, ...encode({ v: 1, t: 'howdy', nonce: filler(32) })) },
      { name: 'a nonce of 31 bytes', bytes: Uint8Array.of(0, ...encode({ v: 1, t: 'hello', nonce: filler(31) })) },
    ],
  },
  proven: {
    spec: 'sync/SPEC.md §2',
    accept: [{ name: 'device and signature', bytes: encode([filler(32), filler(64)]) }],
    refuse: [
      { name: 'a key of 33 bytes', bytes: encode([filler(33), filler(64)]) },
      { name: 'a signature of 63 bytes', bytes: encode([filler(32), filler(63)]) },
    ],
  },
  'channel-message': {
    spec: 'sync/SPEC.md §4',
    accept: messages.map(([name, message]) => ({ name, bytes: encodeChannelMessage(message) })),
    refuse: [
      { name: 'a word nobody knows', bytes: encode({ t: 'howdy' }) },
      { name: 'a ping without a number', bytes: encode({ t: 'ping' }) },
      { name: 'a goodbye with more to say', bytes: encode({ t: 'bye', n: 1 }) },
      { name: 'something not kept that is too long', bytes: encode({ t: 'fleeting', payload: filler(16_385) }) },
    ],
  },
  'open-run': {
    spec: 'sync/SPEC.md §6',
    accept: [
      { name: 'one message', bytes: encodeOpenRun([openMessage]) },
      {
        name: 'two, the first destroyed',
        bytes: encodeOpenRun([
          { message: { ...openMessage.message, signature: undefined }, open: undefined },
          openMessage,
        ]),
      },
    ],
    refuse: [
      { name: 'no message', bytes: encode({ v: 1, messages: [], signature: filler(64) }) },
      {
        name: 'a body without its salt',
        bytes: encode({ v: 1, messages: [[bytes, filler(40)]], signature: filler(64) }),
      },
      { name: 'no header inside', bytes: encode({ v: 1, messages: [[filler(9)]], signature: filler(64) }) },
    ],
  },
  'open-run, version 2': {
    spec: 'sync/SPEC.md §6',
    accept: [
      { name: 'two, the second tells what is new', bytes: encodeOpenRun([unsigned, follower]) },
      { name: 'the third is spelled out: its body is gone', bytes: encodeOpenRun([unsigned, bare(follower), third]) },
    ],
    refuse: [
      { name: 'nothing before what leaves something out', bytes: shorterRun({ messages: [shorter] }) },
      { name: 'no later than the one before', bytes: shorterRun({ messages: [spelledOut, [0, ...shorter.slice(1)]] }) },
      { name: 'half an id', bytes: shorterRun({ messages: [spelledOut, [1, filler(16), ...shorter.slice(2)]] }) },
      {
        name: 'ids out of order',
        bytes: shorterRun({ messages: [spelledOut, [1, new Uint8Array(64), ...shorter.slice(2)]] }),
      },
      { name: 'spelled out in vain', bytes: shorterRun({ messages: [spelledOut, spelledOutToo] }) },
      { name: 'nothing is left out', bytes: shorterRun({ messages: [spelledOut] }) },
    ],
  },
  parcel: {
    spec: 'sync/SPEC.md §5',
    accept: [
      { name: 'one part of four kinds', bytes: encodeParcel(parcel) },
      { name: 'a run', bytes: encodeParcel({ ...emptyParcel, runs: [filler(70)] }) },
      { name: 'nothing', bytes: encodeParcel(emptyParcel) },
    ],
    refuse: [
      { name: 'a kind of part that is empty', bytes: encode({ v: 1, ops: [] }) },
      { name: 'a part of no bytes', bytes: encode({ v: 1, ops: [filler(0)] }) },
      { name: 'a kind of part nobody knows', bytes: encode({ v: 1, gifts: [filler(1)] }) },
      { name: '65 records', bytes: encode({ v: 1, records: Array.from({ length: 65 }, () => filler(1)) }) },
    ],
  },
  beat: {
    spec: 'sync/SPEC.md §8',
    accept: [
      { name: 'at one relay', bytes: encode(beat) },
      {
        name: 'a greeting, at none, through relays only',
        bytes: encode({ ...beat, relays: [], policy: 'relays', greet: true }),
      },
    ],
    refuse: [
      { name: 'five relays', bytes: encode({ ...beat, relays: ['a', 'b', 'c', 'd', 'e'] }) },
      { name: 'a relay address of 301 bytes', bytes: encode({ ...beat, relays: ['x'.repeat(301)] }) },
      { name: 'a peer id of 129 bytes', bytes: encode({ ...beat, peer: 'x'.repeat(129) }) },
      { name: 'a policy nobody knows', bytes: encode({ ...beat, policy: 'onion' }) },
    ],
  },
  'body-chat': {
    spec: 'chat/SPEC.md §1',
    accept: [
      { name: 'a text', bytes: encodeChatBody({ kind: 'chat', text: 'Hello\nyou 🌿', at, replyTo: undefined }) },
      { name: 'a reply', bytes: encodeChatBody({ kind: 'chat', text: 'yes', at, replyTo: target }) },
      ...channelChats,
    ],
    refuse: [
      { name: 'a text of 16,001 bytes', bytes: encode({ v: 1, text: 'x'.repeat(16_001), at: 0 }) },
      { name: 'a reply to nothing', bytes: encode({ v: 1, text: 'x', at: 0, reply: filler(31) }) },
    ],
  },
  'body-edit': {
    spec: 'chat/SPEC.md §1',
    accept: [{ name: 'a new text', bytes: encodeChatBody({ kind: 'edit', target, text: 'better', at }) }],
  },
  'body-delete': {
    spec: 'chat/SPEC.md §1',
    accept: [{ name: 'a message', bytes: encodeChatBody({ kind: 'delete', target }) }],
  },
  'body-profile': {
    spec: 'chat/SPEC.md §1',
    accept: [{ name: 'a name', bytes: encodeChatBody({ kind: 'profile', name: 'Zoë 🌿' }) }],
    refuse: [{ name: 'a name of 201 bytes', bytes: encode({ v: 1, name: 'x'.repeat(201) }) }],
  },
};
