// Samples of src/core/mailbox.
import type { Bytes } from '#core/bytes/bytes.ts';
import type { SigningKey } from '#core/crypto/suite.ts';
import { ANSWER_ROOM, encodeMailboxAnswer } from '#core/mailbox/answer-frames.ts';
import { withChecksum } from '#core/mailbox/frame-layout.ts';
import { MAX_BEAT_BYTES, MAX_STREAM_OFFSET } from '#core/mailbox/limits.ts';
import { encodeMailboxRequest } from '#core/mailbox/request-frames.ts';
import type { EnvelopeId } from '#core/mailbox/topic-key.ts';
import { decodeEnvelope, encodeEnvelope, type Topic } from '#core/wire/envelope.ts';
import { filler, fillerId, type StructureSamples } from './sample.ts';

const topic = fillerId<Topic>(32, 0x10);
const proof = filler(64, 0x20);
const encoded = encodeEnvelope({ topic, expiryDay: 20_014, blob: filler(512, 0x30), signature: filler(64, 0x40) });
const envelope = decodeEnvelope(encoded);

/** A frame with some bytes changed and its checksum made right again, so that the change itself is what is refused. */
function changed(frame: Bytes, change: (frame: Bytes) => void): Bytes {
  const copy = frame.slice();
  change(copy);
  return withChecksum(copy);
}

const hello = encodeMailboxRequest({ is: 'hello', number: 1, nonce: filler(32) });
const fetch = { is: 'fetch', number: 3, topic, after: undefined, offset: 0, proof } as const;
const welcome = encodeMailboxAnswer({
  is: 'welcome',
  number: 1,
  relayKey: filler(32, 1) as SigningKey,
  challenge: filler(32, 2),
  day: 20_000,
  signature: filler(64, 3),
});
const empty = encodeMailboxAnswer({ is: 'cells', number: 3, day: 20_000, more: false, real: filler(0) });
const publish = { is: 'publish', number: 0, topic, signature: filler(64), beat: filler(48) } as const;

export const mailboxSamples: Readonly<Record<string, StructureSamples>> = {
  'mailbox-request': {
    spec: 'mailbox/SPEC.md §4.1',
    accept: [
      { name: 'hello', bytes: hello },
      { name: 'deposit', bytes: encodeMailboxRequest({ is: 'deposit', number: 2, encoded, envelope }) },
      { name: 'fetch from the start', bytes: encodeMailboxRequest(fetch) },
      {
        name: 'fetch after an envelope, looking ahead',
        bytes: encodeMailboxRequest({ ...fetch, after: fillerId<EnvelopeId>(32, 9), offset: MAX_STREAM_OFFSET }),
      },
      { name: 'subscribe', bytes: encodeMailboxRequest({ is: 'subscribe', number: 4, topic, proof }) },
      { name: 'unsubscribe', bytes: encodeMailboxRequest({ is: 'unsubscribe', number: 5, topic }) },
      { name: 'publish', bytes: encodeMailboxRequest(publish) },
      { name: 'ping', bytes: encodeMailboxRequest({ is: 'ping', number: 0xffff_ffff }) },
    ],
    refuse: [
      { name: 'a flipped bit', bytes: Uint8Array.from(hello, (byte, at) => (at === 9 ? byte ^ 1 : byte)) },
      { name: 'an unknown kind', bytes: changed(hello, (frame) => (frame[0] = 99)) },
      { name: 'a kind that only answers have', bytes: welcome },
      { name: 'a ping with a body', bytes: changed(hello, (frame) => (frame[0] = 7)) },
      { name: 'a subscription as short as a hello', bytes: changed(hello, (frame) => (frame[0] = 4)) },
      {
        name: 'looking too far ahead',
        bytes: encodeMailboxRequest({ ...fetch, offset: MAX_STREAM_OFFSET + 1 }),
      },
      { name: 'an empty beat', bytes: encodeMailboxRequest({ ...publish, beat: filler(0) }) },
      { name: 'a beat too long', bytes: encodeMailboxRequest({ ...publish, beat: filler(MAX_BEAT_BYTES + 1) }) },
    ],
  },
  'mailbox-answer': {
    spec: 'mailbox/SPEC.md §4.2',
    accept: [
      { name: 'welcome', bytes: welcome },
      { name: 'done', bytes: encodeMailboxAnswer({ is: 'outcome', number: 2, outcome: 'done' }) },
      { name: 'too many', bytes: encodeMailboxAnswer({ is: 'outcome', number: 2, outcome: 'too-many' }) },
      { name: 'four cells of filler', bytes: empty },
      { name: 'mail', bytes: encodeMailboxAnswer({ is: 'mail', number: 1, encoded, envelope }) },
      { name: 'beat', bytes: encodeMailboxAnswer({ is: 'beat', number: 0, topic, beat: filler(48) }) },
      { name: 'pong', bytes: encodeMailboxAnswer({ is: 'pong', number: 6, day: 20_001, pushed: 3 }) },
    ],
    refuse: [
      { name: 'a kind that only requests have', bytes: hello },
      { name: 'an unknown outcome', bytes: outcomeNumber(6) },
      { name: 'filler that says something', bytes: changed(empty, (frame) => (frame[100] = 1)) },
      { name: 'more after an answer that is not full', bytes: changed(empty, (frame) => (frame[9] = 1)) },
      { name: 'more than yes or no', bytes: changed(empty, (frame) => (frame[9] = 2)) },
      {
        name: 'more real bytes than there is room for',
        bytes: changed(empty, (frame) => new DataView(frame.buffer).setUint32(10, ANSWER_ROOM + 1)),
      },
      { name: 'an empty beat', bytes: encodeMailboxAnswer({ is: 'beat', number: 0, topic, beat: filler(0) }) },
    ],
  },
};

function outcomeNumber(number: number): Bytes {
  const done = encodeMailboxAnswer({ is: 'outcome', number: 2, outcome: 'done' });
  return changed(done, (frame) => (frame[5] = number));
}
