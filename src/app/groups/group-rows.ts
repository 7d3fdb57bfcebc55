// What this device keeps of groups beside the spaces themselves, one row each: what a newcomer was told, invitations made
// here with their secrets, invitations one waits with, how far mail was left, how far one has read.

import { concat, hex, type Bytes } from '#core/bytes/bytes.ts';
import type { MessageId, OpId, PrincipalId, Scope, SpaceId } from '#core/charter/ids.ts';
import { CHANNEL_ID_BYTES, type ChannelId } from '#core/chat/channel.ts';
import type { Millis, RelayAddress } from '#core/ports.ts';
import { chainKey, readHeld, spellHeld, type HeldChain } from '#core/sync/held.ts';
import type { ToldChannel, ToldName } from '#core/sync/welcome.ts';
import { decode, encode } from '#core/wire/cbor.ts';
import { bytesOf, fields, listOf, textField, tuple, uintOf } from '#core/wire/fields.ts';
import { readReadMark, spellReadMark, type ReadMark } from '../talk/read-mark.ts';

export { GROUP_COLLECTION, INVITATION_COLLECTION, READ_COLLECTION } from './group-collections.ts';

export const JOINING_COLLECTION = 'joining';

const MESSAGE_ID_BYTES = 32;
const MAX_ROW_BYTES = 1_000_000;
const MAX_TOLD = 10_000;

/** What this person was told or set about a group. */
export interface GroupRow {
  readonly madeAt: Millis;
  /** The name one gave oneself here. */
  readonly myName: string;
  /** By whoever invited; what members say themselves takes its place. */
  readonly names: readonly ToldName[];
  readonly channels: readonly ToldChannel[];
}

export function encodeGroupRow(row: GroupRow): Bytes {
  return encode({
    madeAt: row.madeAt,
    myName: row.myName,
    names: row.names.map(({ principal, name }) => [raw(principal), name]),
    channels: row.channels.map(({ id, name, scope }) => [raw(id), name, scope]),
  });
}

/** Throws `WireError`. */
export function decodeGroupRow(bytes: Uint8Array): GroupRow {
  const read = fields(decode(bytes, 'group row', MAX_ROW_BYTES), 'group row');
  const row = {
    madeAt: read.uint('madeAt') as Millis,
    myName: read.text('myName', 1_000),
    names: read.list('names', MAX_TOLD).map((item) => {
      const [principal, name] = tuple(item, 'group row', 2);
      return { principal: idOf<PrincipalId>(principal, 33), name: textField(name, 'group row', 1_000) };
    }),
    channels: read.list('channels', MAX_TOLD).map((item) => {
      const [id, name, scope] = tuple(item, 'group row', 3);
      return {
        id: idOf(id, 16),
        name: textField(name, 'group row', 1_000),
        scope: textField(scope, 'group row', 64) as Scope,
      };
    }),
  };
  read.end();
  return row;
}

/** What a group begins with here: read from the disk, or new. */
export interface GroupStart {
  readonly row: GroupRow;
  /** By channel, or `channel/message` for the thread that this message begins; so are the drafts. */
  readonly reads: ReadonlyMap<string, ReadMark>;
  readonly drafts: ReadonlyMap<string, string>;
  /** Where messages were said whose bodies are destroyed. */
  readonly gone: ReadonlyMap<MessageId, GonePlace>;
}

export interface GonePlace {
  readonly channel: ChannelId;
  readonly thread: MessageId | undefined;
}

/** An invitation made on this device, which alone has its secret; the row's id is the op. */
export interface OwnInvitation {
  readonly op: OpId;
  readonly space: SpaceId;
  readonly secret: Bytes;
  readonly left: ReadonlyMap<RelayAddress, LeftWelcome>;
}

/** What the welcome at a relay node says, and on which of its days it was left. */
export interface LeftWelcome {
  readonly says: string;
  readonly day: number;
  /** The newest of what was said that lies there. */
  readonly said?: { readonly at: Millis; readonly bytes: number; readonly mark: string };
}

export function encodeOwnInvitation({ space, secret, left }: OwnInvitation): Bytes {
  const spelled = [...left].map(([relay, { says, day, said }]) => {
    return [relay, says, day, ...(said === undefined ? [] : [[said.at, said.bytes, said.mark]])];
  });
  return encode({ space: raw(space), secret, left: spelled });
}

/** Throws `WireError`. */
export function decodeOwnInvitation(op: OpId, bytes: Uint8Array): OwnInvitation {
  const read = fields(decode(bytes, 'invitation row', 100_000), 'invitation row');
  const invitation = {
    op,
    space: read.id<SpaceId>('space', 32),
    secret: read.bytes('secret', 32),
    left: new Map(
      read.list('left', 64).map((item) => {
        const [relay, says, day, said] = listOf(item, 'invitation row', 4);
        const address = textField(relay, 'invitation row', 1_000) as RelayAddress;
        const left = { says: textField(says, 'invitation row', 200), day: uintOf(day, 'invitation row') };
        return [address, said === undefined ? left : { ...left, said: readSaid(said) }];
      }),
    ),
  };
  read.end();
  return invitation;
}

function readSaid(value: unknown): NonNullable<LeftWelcome['said']> {
  const [at, bytes, mark] = tuple(value, 'invitation row', 3);
  return {
    at: uintOf(at, 'invitation row') as Millis,
    bytes: uintOf(bytes, 'invitation row'),
    mark: textField(mark, 'invitation row', 64),
  };
}

/** An invitation of somebody else that one waits with; the row's id is the space. */
export interface Joining {
  readonly space: SpaceId;
  readonly code: string;
  readonly myName: string;
  readonly madeAt: Millis;
  readonly state: 'waiting' | 'used-up' | 'withdrawn';
}

export function encodeJoining({ code, myName, madeAt, state }: Joining): Bytes {
  return encode({ code, myName, madeAt, state });
}

/** Throws `WireError`. */
export function decodeJoining(space: SpaceId, bytes: Uint8Array): Joining {
  const read = fields(decode(bytes, 'joining row', 10_000), 'joining row');
  const joining = {
    space,
    code: read.text('code', 5_000),
    myName: read.text('myName', 1_000),
    madeAt: read.uint('madeAt') as Millis,
    state: read.oneOf('state', ['waiting', 'used-up', 'withdrawn']),
  };
  read.end();
  return joining;
}

/** What this device left of a group at one relay node. */
export interface Left {
  /** So many of its own ops. */
  opSeq: number;
  /** The number of its own record. */
  record: number;
  readonly chains: Map<string, HeldChain>;
  /** Names of wraps (`device/op`). */
  readonly wraps: Set<string>;
  /** Since when it has lain there at most, by our clock: what nobody confirmed by then is left again after a while. */
  since: Millis | undefined;
  /** Since the start, as if what lay there had been left then: when own ops were left last, up to which number, how often again. */
  ops: { at: Millis; upTo: number; rounds: number } | undefined;
}

export function nothingLeft(): Left {
  return { opSeq: 0, record: -1, chains: new Map(), wraps: new Set(), since: undefined, ops: undefined };
}

export function leftCollection(space: SpaceId): string {
  return `left:${space}`;
}

export function encodeLeft({ opSeq, record, chains, wraps, since }: Left): Bytes {
  const held = { heads: [], chains: [...chains.values()], records: [], lacks: [] };
  const row = { ops: opSeq, record: record + 1, held: spellHeld(held), wraps: [...wraps] };
  return encode(since === undefined ? row : { ...row, since });
}

/** Throws `WireError`. */
export function decodeLeft(bytes: Uint8Array): Left {
  const read = fields(decode(bytes, 'left row', MAX_ROW_BYTES), 'left row');
  const held = readHeld(read.value('held'));
  const left = {
    opSeq: read.uint('ops'),
    record: read.uint('record') - 1,
    chains: new Map(held.chains.map((chain) => [chainKey(chain.chain), chain])),
    wraps: new Set(listOf(read.value('wraps'), 'left row', MAX_TOLD).map((id) => textField(id, 'left row', 200))),
    since: read.has('since') ? (read.uint('since') as Millis) : undefined,
    ops: undefined,
  };
  read.end();
  return left;
}

/** Where destroyed messages were said: message → channel. */
export function goneCollection(space: SpaceId): string {
  return `gone:${space}`;
}

export function encodeGonePlace({ channel, thread }: GonePlace): Bytes {
  return thread === undefined ? raw(channel) : concat(raw(channel), raw(thread));
}

/** `undefined`: not such a row. */
export function decodeGonePlace(bytes: Bytes): GonePlace | undefined {
  const isInThread = bytes.length === CHANNEL_ID_BYTES + MESSAGE_ID_BYTES;
  if (!isInThread && bytes.length !== CHANNEL_ID_BYTES) return undefined;
  const channel = hex.encode(bytes.subarray(0, CHANNEL_ID_BYTES)) as ChannelId;
  return { channel, thread: isInThread ? (hex.encode(bytes.subarray(CHANNEL_ID_BYTES)) as MessageId) : undefined };
}

/** In `readRowId` and beside each other in a start: the channel, or a thread in it. */
export function talkKey(channel: ChannelId, thread?: MessageId): string {
  return thread === undefined ? channel : `${channel}/${thread}`;
}

export function readRowId(space: SpaceId, channel: ChannelId, thread?: MessageId): string {
  return `${space}/${talkKey(channel, thread)}`;
}

export function encodeReadMark(mark: ReadMark): Bytes {
  return encode(spellReadMark(mark));
}

/** Throws `WireError`. */
export function decodeReadMark(bytes: Uint8Array): ReadMark {
  return readReadMark(decode(bytes, 'read row', MAX_ROW_BYTES), 'read row');
}

function idOf<Id extends string = string>(value: unknown, length: number): Id {
  return hex.encode(bytesOf(value, 'group row', length)) as Id;
}

function raw(id: string): Bytes {
  const bytes = hex.decode(id);
  if (bytes === undefined) throw new Error('not an id');
  return bytes;
}
