// A channel of a group (SPEC.md §3): made, or named anew, by a message of kind `channel` in the scope of its readers.

import { hex, type Bytes } from '../bytes/bytes.ts';
import type { Brand } from '../bytes/brand.ts';
import { decode, encode } from '../wire/cbor.ts';
import { fields } from '../wire/fields.ts';
import { MAX_NAME_BYTES } from '../wire/text.ts';

/** 16 random bytes, lower-case hex. */
export type ChannelId = Brand<string, 'ChannelId'>;
export const CHANNEL_ID_BYTES = 16;

export interface ChannelBody {
  readonly id: ChannelId;
  readonly name: string;
}

const VERSION = 1;
const MAX_BODY_BYTES = MAX_NAME_BYTES + 100;

export function encodeChannelBody({ id, name }: ChannelBody): Bytes {
  const bytes = hex.decode(id);
  if (bytes?.length !== CHANNEL_ID_BYTES) throw new Error('channel: not an id');
  return encode({ v: VERSION, id: bytes, name });
}

/** Throws `WireError` only. */
export function decodeChannelBody(bytes: Uint8Array): ChannelBody {
  const read = fields(decode(bytes, 'channel', MAX_BODY_BYTES), 'channel');
  read.version('v', VERSION);
  const body = { id: read.id<ChannelId>('id', CHANNEL_ID_BYTES), name: read.text('name', MAX_NAME_BYTES) };
  read.end();
  return body;
}
