// Samples of what takes people into groups: invitations, welcomes, channels.
import { base64urlnopad } from '#core/bytes/bytes.ts';
import type { MessageId, PrincipalId, Scope, SpaceId } from '#core/charter/ids.ts';
import { encodeChatBody } from '#core/chat/body.ts';
import { encodeChannelBody, type ChannelId } from '#core/chat/channel.ts';
import { encodePinBody } from '#core/chat/pin.ts';
import { encodeInvitation, invitationCode, reframeInvitation } from '#core/identity/invitation-code.ts';
import { scopeKeyOf, type ScopeSecret } from '#core/keys/scope-key.ts';
import type { Millis, RelayAddress } from '#core/ports.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import { encodeWelcome, type Welcome } from '#core/sync/welcome.ts';
import { encode } from '#core/wire/cbor.ts';
import { filler, fillerId, type StructureSamples } from './sample.ts';

const RELAY = 'wss://relay.example/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp' as RelayAddress;
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const space = fillerId<SpaceId>(32, 0x10);
/** Decoders of welcomes are registered for this space. */
const nowhere = '00'.repeat(32) as SpaceId;

const invitation = { space, secret: filler(32, 3), relays: [RELAY], groupName: 'the garden 🌿' };
const body = { v: 1, space: filler(32, 0x10), secret: filler(32, 3), relays: [RELAY], name: 'the garden' };
const code = invitationCode(invitation);
const codeBytes = base64urlnopad.decode(code)!;
const withByte = (at: number, value: number): Uint8Array => {
  const changed = codeBytes.slice();
  changed[at] = value;
  return utf8(base64urlnopad.encode(changed));
};

const welcome: Welcome = {
  parcel: { ...emptyParcel, ops: [filler(60)], records: [filler(50, 1)] },
  keys: [
    scopeKeyOf(nowhere, 'everyone' as Scope, filler(32, 5) as ScopeSecret),
    scopeKeyOf(nowhere, 'helper' as Scope, filler(32, 6) as ScopeSecret),
  ],
  rendezvous: filler(32, 7),
  names: [{ principal: fillerId<PrincipalId>(33, 0x20), name: 'Ana' }],
  channels: [{ id: fillerId(16, 0x30), name: 'plaza', scope: 'everyone' as Scope }],
};
const nothing = { parcel: emptyParcel, keys: [], rendezvous: undefined, names: [], channels: [] };
const spelled = { v: 1, keys: [], names: [], channels: [] };

const channel = fillerId<ChannelId>(16, 0x30);
const at = 1_700_000_000_000 as Millis;

export const groupSamples: Readonly<Record<string, StructureSamples>> = {
  invitation: {
    spec: 'identity/SPEC.md §9',
    accept: [
      { name: 'one relay', bytes: encodeInvitation(invitation) },
      { name: 'no relay and no name', bytes: encodeInvitation({ ...invitation, relays: [], groupName: '' }) },
    ],
    refuse: [
      { name: 'five relays', bytes: encode({ ...body, relays: [RELAY, RELAY, RELAY, RELAY, RELAY] }) },
      { name: 'a relay address of 201 bytes', bytes: encode({ ...body, relays: ['w'.repeat(201)] }) },
      { name: 'a secret of 31 bytes', bytes: encode({ ...body, secret: filler(31) }) },
      { name: 'a name of 65 bytes', bytes: encode({ ...body, name: 'n'.repeat(65) }) },
    ],
  },
  'invitation-code': {
    spec: 'identity/SPEC.md §9',
    accept: [
      { name: 'the bare code', bytes: utf8(code) },
      { name: 'in a link', bytes: utf8(`https://relay.example/#/i/${code}`) },
    ],
    refuse: [
      { name: 'cut', bytes: utf8(code.slice(0, -5)) },
      { name: 'one letter changed', bytes: withByte(20, codeBytes[20]! ^ 1) },
      { name: 'another magic', bytes: utf8(base64urlnopad.encode(Uint8Array.of(0x75, 0x73, ...codeBytes.slice(2)))) },
      { name: 'of version 2', bytes: reframeInvitation(withByte(2, 0x32)) },
      { name: 'a body that is none', bytes: reframeInvitation(withByte(6, 0xff)) },
    ],
  },
  welcome: {
    spec: 'sync/SPEC.md §9',
    accept: [
      { name: 'all of it', bytes: encodeWelcome(welcome) },
      { name: 'of an invitation that is over', bytes: encodeWelcome({ ...nothing, parcel: welcome.parcel }) },
      { name: 'names alone', bytes: encodeWelcome({ ...nothing, names: welcome.names }) },
      {
        name: 'with the newest messages',
        bytes: encodeWelcome({ ...welcome, heads: [{ id: fillerId<MessageId>(32, 0x60), lamport: 17 }] }),
      },
      {
        name: 'what was said alone',
        bytes: encodeWelcome({ ...nothing, keys: welcome.keys, parcel: { ...emptyParcel, runs: [filler(90, 8)] } }),
      },
    ],
    refuse: [
      { name: 'an empty parcel', bytes: encode({ ...spelled, parcel: { v: 1 } }) },
      { name: 'a key of 31 bytes', bytes: encode({ ...spelled, keys: [['everyone', filler(31)]] }) },
      { name: 'a key of no scope', bytes: encode({ ...spelled, keys: [['', filler(32)]] }) },
      { name: 'a name of 201 bytes', bytes: encode({ ...spelled, names: [[filler(33), 'n'.repeat(201)]] }) },
      { name: 'no newest messages', bytes: encode({ ...spelled, heads: [] }) },
      { name: 'a channel id of 15 bytes', bytes: encode({ ...spelled, channels: [[filler(15), 'x', 'everyone']] }) },
    ],
  },
  'body-channel': {
    spec: 'chat/SPEC.md §3',
    accept: [{ name: 'a channel', bytes: encodeChannelBody({ id: channel, name: 'plaza' }) }],
    refuse: [
      { name: 'an id of 15 bytes', bytes: encode({ v: 1, id: filler(15), name: 'plaza' }) },
      { name: 'a name of 201 bytes', bytes: encode({ v: 1, id: filler(16), name: 'n'.repeat(201) }) },
    ],
  },
  'body-pin': {
    spec: 'chat/SPEC.md §5',
    accept: [
      { name: 'a pin', bytes: encodePinBody({ target: fillerId<MessageId>(32, 0x60), pinned: true }) },
      { name: 'taken down', bytes: encodePinBody({ target: fillerId<MessageId>(32, 0x60), pinned: false }) },
    ],
    refuse: [
      { name: 'a target of 31 bytes', bytes: encode({ v: 1, target: filler(31), pinned: true }) },
      { name: 'a number instead of yes or no', bytes: encode({ v: 1, target: filler(32), pinned: 1 }) },
      { name: 'no word on which it is', bytes: encode({ v: 1, target: filler(32) }) },
    ],
  },
};

/** Chat bodies of groups, beside those of pairs. */
export const channelChats: StructureSamples['accept'] = [
  { name: 'in a channel', bytes: encodeChatBody({ kind: 'chat', text: 'hello all', at, replyTo: undefined, channel }) },
  {
    name: 'a reply in a channel',
    bytes: encodeChatBody({ kind: 'chat', text: 'yes', at, replyTo: fillerId<MessageId>(32, 0x60), channel }),
  },
  {
    name: 'in a thread of a channel',
    bytes: encodeChatBody({
      kind: 'chat',
      text: 'I can',
      at,
      replyTo: undefined,
      channel,
      thread: fillerId<MessageId>(32, 0x70),
    }),
  },
  {
    name: 'a reply in a thread',
    bytes: encodeChatBody({
      kind: 'chat',
      text: 'me too',
      at,
      replyTo: fillerId<MessageId>(32, 0x60),
      channel,
      thread: fillerId<MessageId>(32, 0x70),
    }),
  },
];
