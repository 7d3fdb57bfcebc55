// What an app says to a custodian, byte by byte (SPEC.md §4.1).

import { concat, hex, type Bytes } from '../bytes/bytes.ts';
import { decodeEnvelope, topicBytes, type Envelope, type Topic } from '../wire/envelope.ts';
import { WireError } from '../wire/wire-error.ts';
import { splitFrame, joinFrame, readU32, split, u32 } from './frame-layout.ts';
import { MAX_BEAT_BYTES, MAX_STREAM_OFFSET } from './limits.ts';
import type { EnvelopeId } from './topic-key.ts';

export type MailboxRequest =
  /** First on every link. The nonce makes the relay node's answer fresh. */
  | { readonly is: 'hello'; readonly number: number; readonly nonce: Bytes }
  | { readonly is: 'deposit'; readonly number: number; readonly encoded: Bytes; readonly envelope: Envelope }
  /** Bytes from `offset` of the stream of records that follow `after` in a topic. */
  | {
      readonly is: 'fetch';
      readonly number: number;
      readonly topic: Topic;
      readonly after: EnvelopeId | undefined;
      readonly offset: number;
      readonly proof: Bytes;
    }
  | { readonly is: 'subscribe'; readonly number: number; readonly topic: Topic; readonly proof: Bytes }
  | { readonly is: 'unsubscribe'; readonly number: number; readonly topic: Topic }
  /** Not answered. The signature is the topic's, over topic ‖ beat. */
  | {
      readonly is: 'publish';
      readonly number: number;
      readonly topic: Topic;
      readonly signature: Bytes;
      readonly beat: Bytes;
    }
  | { readonly is: 'ping'; readonly number: number };

const KIND = { hello: 1, deposit: 2, fetch: 3, subscribe: 4, unsubscribe: 5, publish: 6, ping: 7 } as const;
const FROM_START = new Uint8Array(32);

export function encodeMailboxRequest(request: MailboxRequest): Bytes {
  return joinFrame(KIND[request.is], request.number, bodyOf(request));
}

function bodyOf(request: MailboxRequest): Uint8Array {
  switch (request.is) {
    case 'hello':
      return request.nonce;
    case 'deposit':
      return request.encoded;
    case 'fetch': {
      const after = request.after === undefined ? FROM_START : idBytes(request.after);
      return concat(topicBytes(request.topic), after, u32(request.offset), request.proof);
    }
    case 'subscribe':
      return concat(topicBytes(request.topic), request.proof);
    case 'unsubscribe':
      return topicBytes(request.topic);
    case 'publish':
      return concat(topicBytes(request.topic), request.signature, request.beat);
    case 'ping':
      return new Uint8Array();
  }
}

function idBytes(id: EnvelopeId): Bytes {
  const bytes = hex.decode(id);
  if (bytes?.length !== 32) throw new WireError('bad-field', 'envelope-id');
  return bytes;
}

function topicOf(bytes: Uint8Array): Topic {
  return hex.encode(bytes) as Topic;
}

/** Throws `WireError`. Signatures are not checked here. */
export function decodeMailboxRequest(frame: Uint8Array): MailboxRequest {
  const { kind, number, body } = splitFrame(frame);
  switch (kind) {
    case KIND.hello: {
      const [nonce] = split(body, 'mailbox-hello', [32]);
      return { is: 'hello', number, nonce };
    }
    case KIND.deposit:
      return { is: 'deposit', number, encoded: body.slice() as Bytes, envelope: decodeEnvelope(body) };
    case KIND.fetch: {
      const [topic, after, offset, proof] = split(body, 'mailbox-fetch', [32, 32, 4, 64]);
      const start = readU32(offset, 0);
      if (start > MAX_STREAM_OFFSET) throw new WireError('bad-field', 'mailbox-fetch');
      const isFromStart = after.every((byte) => byte === 0);
      const afterId = isFromStart ? undefined : (hex.encode(after) as EnvelopeId);
      return { is: 'fetch', number, topic: topicOf(topic), after: afterId, offset: start, proof };
    }
    case KIND.subscribe: {
      const [topic, proof] = split(body, 'mailbox-subscribe', [32, 64]);
      return { is: 'subscribe', number, topic: topicOf(topic), proof };
    }
    case KIND.unsubscribe: {
      const [topic] = split(body, 'mailbox-unsubscribe', [32]);
      return { is: 'unsubscribe', number, topic: topicOf(topic) };
    }
    case KIND.publish:
      return decodePublish(number, body);
    case KIND.ping:
      split(body, 'mailbox-ping', []);
      return { is: 'ping', number };
    default:
      throw new WireError('unknown-kind', 'mailbox-frame');
  }
}

function decodePublish(number: number, body: Uint8Array): MailboxRequest {
  if (body.length > 96 + MAX_BEAT_BYTES) throw new WireError('too-long', 'mailbox-publish');
  if (body.length <= 96) throw new WireError('truncated', 'mailbox-publish');
  const [topic, signature, beat] = split(body, 'mailbox-publish', [32, 64, body.length - 96]);
  return { is: 'publish', number, topic: topicOf(topic), signature, beat };
}
