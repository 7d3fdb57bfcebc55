// What chat, edit, delete and profile messages hold (SPEC.md §1): one decoder for each kind, limits first.

import { hex, type Bytes } from '../bytes/bytes.ts';
import type { MessageId } from '../charter/ids.ts';
import type { Millis } from '../ports.ts';
import { decode, encode } from '../wire/cbor.ts';
import { fields, type Fields } from '../wire/fields.ts';
import { ItemReader } from '../wire/item-reader.ts';
import { fits, MAX_MESSAGE_BYTES, MAX_NAME_BYTES } from '../wire/text.ts';
import { WireError } from '../wire/wire-error.ts';
import { CHANNEL_ID_BYTES, type ChannelId } from './channel.ts';

/** Text and at most 200 bytes of other fields. */
const MAX_BODY_BYTES = MAX_MESSAGE_BYTES + 200;
const ID_BYTES = 32;
const VERSION = 1;

export type ChatKind = 'chat' | 'edit' | 'delete' | 'profile';

export type ChatBody =
  | {
      readonly kind: 'chat';
      readonly text: string;
      readonly at: Millis;
      readonly replyTo: MessageId | undefined;
      /** Where in a group it is said; absent between two. */
      readonly channel?: ChannelId | undefined;
      /** The message that begins the thread it is said in. */
      readonly thread?: MessageId | undefined;
    }
  | { readonly kind: 'edit'; readonly target: MessageId; readonly text: string; readonly at: Millis }
  | { readonly kind: 'delete'; readonly target: MessageId }
  | { readonly kind: 'profile'; readonly name: string };

/** What is said, as against what a group works with: documents, tasks, names, channels and decisions stay (SPEC §4). */
export const VANISHING: ReadonlySet<string> = new Set(['chat', 'edit', 'react', 'file', 'call']);

export function isChatKind(kind: string): kind is ChatKind {
  return kind === 'chat' || kind === 'edit' || kind === 'delete' || kind === 'profile';
}

/** The body's bytes. The kind itself stands in the signed header. */
export function encodeChatBody(body: ChatBody): Bytes {
  switch (body.kind) {
    case 'chat': {
      const reply = body.replyTo === undefined ? {} : { reply: idBytes(body.replyTo) };
      const channel = body.channel === undefined ? {} : { channel: channelBytes(body.channel) };
      const thread = body.thread === undefined ? {} : { thread: idBytes(body.thread) };
      return encode({ v: VERSION, text: body.text, at: body.at, ...reply, ...channel, ...thread });
    }
    case 'edit':
      return encode({ v: VERSION, target: idBytes(body.target), text: body.text, at: body.at });
    case 'delete':
      return encode({ v: VERSION, target: idBytes(body.target) });
    case 'profile':
      return encode({ v: VERSION, name: body.name });
  }
}

/** Throws `WireError` only. */
export function decodeChatBody(kind: ChatKind, bytes: Uint8Array): ChatBody {
  return (kind === 'chat' ? readChat(bytes) : undefined) ?? readAnyBody(kind, bytes);
}

/**
 * What nearly all bodies are, read item by item in canonical order: ten thousand stand between a person and their
 * conversation. `undefined` where it is anything else, and the general decoder says what.
 */
function readChat(bytes: Uint8Array): ChatBody | undefined {
  if (bytes.length > MAX_BODY_BYTES) return undefined;
  try {
    const read = new ItemReader(bytes, 'chat');
    const count = read.map(5);
    read.key('v');
    if (read.uint() !== VERSION) return undefined;
    read.key('at');
    const at = read.uint() as Millis;
    read.key('text');
    const text = read.text(MAX_MESSAGE_BYTES);
    const isReply = count === 5 || (count === 4 && read.eitherKey('reply', 'channel'));
    if (count === 5) read.key('reply');
    const replyTo = isReply ? read.id<MessageId>(ID_BYTES) : undefined;
    if (count === 5) read.key('channel');
    const isInChannel = count === 5 || (count === 4 && !isReply);
    const channel = isInChannel ? { channel: read.id<ChannelId>(CHANNEL_ID_BYTES) } : {};
    read.end();
    return count < 3 ? undefined : { kind: 'chat', text, at, replyTo, ...channel };
  } catch (cause) {
    if (cause instanceof WireError) return undefined;
    throw cause;
  }
}

/** Throws `WireError` only. */
export function readAnyBody(kind: ChatKind, bytes: Uint8Array): ChatBody {
  const read = fields(decode(bytes, kind, MAX_BODY_BYTES), kind);
  read.version('v', VERSION);
  const body = takeBody(kind, read);
  read.end();
  return body;
}

function takeBody(kind: ChatKind, read: Fields): ChatBody {
  switch (kind) {
    case 'chat': {
      const replyTo = read.has('reply') ? read.id<MessageId>('reply', ID_BYTES) : undefined;
      const channel = read.has('channel') ? { channel: read.id<ChannelId>('channel', CHANNEL_ID_BYTES) } : {};
      const thread = read.has('thread') ? { thread: read.id<MessageId>('thread', ID_BYTES) } : {};
      const text = read.text('text', MAX_MESSAGE_BYTES);
      return { kind, text, at: read.uint('at') as Millis, replyTo, ...channel, ...thread };
    }
    case 'edit': {
      const target = read.id<MessageId>('target', ID_BYTES);
      return { kind, target, text: read.text('text', MAX_MESSAGE_BYTES), at: read.uint('at') as Millis };
    }
    case 'delete':
      return { kind, target: read.id<MessageId>('target', ID_BYTES) };
    case 'profile':
      return { kind, name: read.text('name', MAX_NAME_BYTES) };
  }
}

/** Why a text cannot be sent, or `undefined` where it can. */
export function textProblem(text: string): 'empty' | 'too-long' | undefined {
  if (!fits(text, MAX_MESSAGE_BYTES)) return 'too-long';
  return text.trim() === '' ? 'empty' : undefined;
}

function channelBytes(id: ChannelId): Bytes {
  const bytes = hex.decode(id);
  if (bytes?.length !== CHANNEL_ID_BYTES) throw new Error('chat: not a channel');
  return bytes;
}

function idBytes(id: MessageId): Bytes {
  const bytes = hex.decode(id);
  if (bytes?.length !== ID_BYTES) throw new Error('chat: not a message id');
  return bytes;
}
