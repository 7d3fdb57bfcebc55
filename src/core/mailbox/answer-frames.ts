// What a custodian says to an app, byte by byte (SPEC.md §4.2).

import { concat, hex, type Bytes } from '../bytes/bytes.ts';
import type { SigningKey } from '../crypto/suite.ts';
import { decodeEnvelope, topicBytes, type Envelope, type Topic } from '../wire/envelope.ts';
import { WireError } from '../wire/wire-error.ts';
import { splitFrame, splitViews, joinFrame, FRAME_OVERHEAD, readU32, split, u32 } from './frame-layout.ts';
import { ANSWER_BYTES, MAX_BEAT_BYTES } from './limits.ts';

/** `done`, or why not. The order is the number on the wire. */
export const OUTCOMES = ['done', 'not-signed', 'wrong-day', 'topic-full', 'relay-full', 'too-many'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export type MailboxAnswer =
  | {
      readonly is: 'welcome';
      readonly number: number;
      readonly relayKey: SigningKey;
      readonly challenge: Bytes;
      readonly day: number;
      /** By the relay key over nonce ‖ challenge ‖ day. */
      readonly signature: Bytes;
    }
  | { readonly is: 'outcome'; readonly number: number; readonly outcome: Outcome }
  /** Four cells, whatever is in them: `real` bytes of the stream, then filler. */
  | {
      readonly is: 'cells';
      readonly number: number;
      readonly day: number;
      readonly more: boolean;
      readonly real: Bytes;
    }
  /** Envelopes of subscribed topics as they come; `number` counts the pushes of this link from 1. */
  | { readonly is: 'mail'; readonly number: number; readonly encoded: Bytes; readonly envelope: Envelope }
  | { readonly is: 'beat'; readonly number: number; readonly topic: Topic; readonly beat: Bytes }
  /** `pushed`: how many `mail` frames this link has been sent, so that a lost one shows. */
  | { readonly is: 'pong'; readonly number: number; readonly day: number; readonly pushed: number };

const KIND = { welcome: 129, outcome: 130, cells: 131, mail: 132, beat: 133, pong: 134 } as const;
const CELLS_HEAD_BYTES = 4 + 1 + 4;
/** How many bytes of a topic's stream one answer can carry. */
export const ANSWER_ROOM = ANSWER_BYTES - FRAME_OVERHEAD - CELLS_HEAD_BYTES;

export function encodeMailboxAnswer(answer: MailboxAnswer): Bytes {
  return joinFrame(KIND[answer.is], answer.number, ...bodyOf(answer));
}

function bodyOf(answer: MailboxAnswer): readonly Uint8Array[] {
  switch (answer.is) {
    case 'welcome':
      return [answer.relayKey, answer.challenge, u32(answer.day), answer.signature];
    case 'outcome':
      return [Uint8Array.of(OUTCOMES.indexOf(answer.outcome))];
    case 'cells': {
      const filler = new Uint8Array(ANSWER_ROOM - answer.real.length);
      return [u32(answer.day), Uint8Array.of(answer.more ? 1 : 0), u32(answer.real.length), answer.real, filler];
    }
    case 'mail':
      return [answer.encoded];
    case 'beat':
      return [topicBytes(answer.topic), answer.beat];
    case 'pong':
      return [u32(answer.day), u32(answer.pushed)];
  }
}

/** Throws `WireError`. Signatures are not checked here. */
export function decodeMailboxAnswer(frame: Uint8Array): MailboxAnswer {
  const { kind, number, body } = splitFrame(frame);
  switch (kind) {
    case KIND.welcome: {
      const [relayKey, challenge, day, signature] = split(body, 'mailbox-welcome', [32, 32, 4, 64]);
      return { is: 'welcome', number, relayKey: relayKey as SigningKey, challenge, day: readU32(day, 0), signature };
    }
    case KIND.outcome: {
      const outcome = OUTCOMES[split(body, 'mailbox-outcome', [1])[0][0]!];
      if (outcome === undefined) throw new WireError('unknown-kind', 'mailbox-outcome');
      return { is: 'outcome', number, outcome };
    }
    case KIND.cells:
      return decodeCells(number, body);
    case KIND.mail:
      return { is: 'mail', number, encoded: body.slice() as Bytes, envelope: decodeEnvelope(body) };
    case KIND.beat: {
      if (body.length > 32 + MAX_BEAT_BYTES) throw new WireError('too-long', 'mailbox-beat');
      if (body.length <= 32) throw new WireError('truncated', 'mailbox-beat');
      const [topic, beat] = split(body, 'mailbox-beat', [32, body.length - 32]);
      return { is: 'beat', number, topic: hex.encode(topic) as Topic, beat };
    }
    case KIND.pong: {
      const [day, pushed] = split(body, 'mailbox-pong', [4, 4]);
      return { is: 'pong', number, day: readU32(day, 0), pushed: readU32(pushed, 0) };
    }
    default:
      throw new WireError('unknown-kind', 'mailbox-frame');
  }
}

function decodeCells(number: number, body: Uint8Array): MailboxAnswer {
  const [day, more, length, content] = splitViews(body, 'mailbox-cells', [4, 1, 4, ANSWER_ROOM]);
  const used = readU32(length, 0);
  if (used > ANSWER_ROOM || more[0]! > 1) throw new WireError('bad-field', 'mailbox-cells');
  // One spelling for each answer: filler is zero, and only a full answer says that there is more.
  if (!isFiller(content, used)) throw new WireError('not-canonical', 'mailbox-cells');
  if (more[0] === 1 && used < ANSWER_ROOM) throw new WireError('not-canonical', 'mailbox-cells');
  const real = new Uint8Array(content.subarray(0, used));
  return { is: 'cells', number, day: readU32(day, 0), more: more[0] === 1, real };
}

/** Plain loops, four bytes at a time where they lie so: it runs over 32 KiB of every answer. */
function isFiller(content: Uint8Array, from: number): boolean {
  const isZero = (bytes: Uint8Array | Uint32Array): boolean => {
    for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false;
    return true;
  };
  const start = Math.min(content.length, from + ((4 - ((content.byteOffset + from) % 4)) % 4));
  const words = (content.length - start) >> 2;
  return (
    isZero(content.subarray(from, start)) &&
    isZero(new Uint32Array(content.buffer, content.byteOffset + start, words)) &&
    isZero(content.subarray(start + 4 * words))
  );
}

/** nonce ‖ challenge ‖ day: what the relay node signs in its welcome. */
export function welcomeBytes(nonce: Uint8Array, challenge: Uint8Array, day: number): Bytes {
  return concat(nonce, challenge, u32(day));
}
