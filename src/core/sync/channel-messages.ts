// What two proven devices of a space say to each other on a link (SPEC.md §4), inside sealed frames.

import type { Bytes } from '../bytes/bytes.ts';
import type { OpId } from '../charter/ids.ts';
import { bytesOfId } from '../charter/op.ts';
import { decode, encode, type Encodable } from '../wire/cbor.ts';
import { fields, type Fields } from '../wire/fields.ts';
import {
  MAX_CHAINS,
  MAX_RECORDS,
  readChain,
  readHeld,
  readRecords,
  spellChain,
  spellHeld,
  spellRecords,
  type Held,
  type HeldChain,
  type HeldRecord,
} from './held.ts';
import { MAX_FRAME_BYTES } from './link-frames.ts';
import { readParcel, spellParcel, type Parcel } from './parcel.ts';

/** What a device asks for: ops that its heads do not have in their past, newer records, parts of chains. */
export interface Want {
  readonly request: number;
  readonly ops: boolean;
  readonly heads: readonly OpId[];
  readonly records: readonly HeldRecord[];
  readonly chains: readonly HeldChain[];
}

/**
 * `have` number `n`: all that is held when `whole`, else what changed. `ping` repeats the number of the last `have`, so
 * that a lost one is noticed; `ask` requests a whole one. `give` answers `want`; `last` ends the answer. `push` is live.
 */
export type ChannelMessage =
  | { readonly is: 'have'; readonly n: number; readonly whole: boolean; readonly held: Held }
  | { readonly is: 'ask' }
  | { readonly is: 'want'; readonly want: Want }
  | { readonly is: 'give'; readonly request: number; readonly last: boolean; readonly parcel: Parcel }
  | { readonly is: 'push'; readonly parcel: Parcel }
  | { readonly is: 'fleeting'; readonly payload: Bytes }
  | { readonly is: 'ping'; readonly n: number }
  | { readonly is: 'bye' };

const KINDS = ['have', 'ask', 'want', 'give', 'push', 'fleeting', 'ping', 'bye'] as const;
const MAX_NUMBER = 2 ** 40;
const MAX_FLEETING_BYTES = 16_384;

export function encodeChannelMessage(message: ChannelMessage): Bytes {
  return encode({ t: message.is, ...spell(message) });
}

function spell(message: ChannelMessage): Record<string, Encodable> {
  switch (message.is) {
    case 'have':
      return { n: message.n, whole: message.whole, held: spellHeld(message.held) };
    case 'want': {
      const { request, ops, heads, records, chains } = message.want;
      return {
        r: request,
        ops,
        heads: heads.map(bytesOfId),
        records: spellRecords(records),
        chains: chains.map(spellChain),
      };
    }
    case 'give':
      return { r: message.request, last: message.last, parcel: spellParcel(message.parcel) };
    case 'push':
      return { parcel: spellParcel(message.parcel) };
    case 'fleeting':
      return { payload: message.payload };
    case 'ping':
      return { n: message.n };
    case 'ask':
    case 'bye':
      return {};
  }
}

/** Throws `WireError` only. */
export function decodeChannelMessage(bytes: Uint8Array): ChannelMessage {
  const read = fields(decode(bytes, 'channel message', MAX_FRAME_BYTES), 'channel message');
  const kind = read.oneOf('t', KINDS);
  const message = take(kind, read);
  read.end();
  return message;
}

function take(kind: (typeof KINDS)[number], read: Fields): ChannelMessage {
  switch (kind) {
    case 'have':
      return { is: kind, n: read.uint('n', MAX_NUMBER), whole: read.bool('whole'), held: readHeld(read.value('held')) };
    case 'want':
      return { is: kind, want: takeWant(read) };
    case 'give': {
      const parcel = readParcel(read.value('parcel'));
      return { is: kind, request: read.uint('r', MAX_NUMBER), last: read.bool('last'), parcel };
    }
    case 'push':
      return { is: kind, parcel: readParcel(read.value('parcel')) };
    case 'fleeting':
      return { is: kind, payload: read.bytes('payload', { max: MAX_FLEETING_BYTES }) };
    case 'ping':
      return { is: kind, n: read.uint('n', MAX_NUMBER) };
    case 'ask':
    case 'bye':
      return { is: kind };
  }
}

function takeWant(read: Fields): Want {
  return {
    request: read.uint('r', MAX_NUMBER),
    ops: read.bool('ops'),
    heads: read.ids<OpId>('heads', 32, { max: 64 }),
    records: readRecords(read.list('records', MAX_RECORDS)),
    chains: read.list('chains', MAX_CHAINS).map(readChain),
  };
}
