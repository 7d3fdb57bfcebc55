// Frames on a link between two devices (SPEC.md §3): greeting and proofs in clear shapes that say nothing to a
// stranger, then everything else sealed for one space's channel.

import { concat, hex, type Bytes } from '../bytes/bytes.ts';
import { SealFault, type AeadKey, type CryptoSuite } from '../crypto/suite.ts';
import { decode, encode } from '../wire/cbor.ts';
import { fields } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';
import { AEAD_NONCE_BYTES, CHANNEL_BYTES, NONCE_BYTES, TAG_BYTES, type Proof } from './handshake.ts';

/** No frame is longer: half of what a WebRTC message may be, so that many fit a full send buffer. */
export const MAX_FRAME_BYTES = 128 * 1_024;

const VERSION = 1;
const OPEN = 0;
const SEALED = 1;
const COUNTER_BYTES = 8;
const HEAD_BYTES = 1 + CHANNEL_BYTES + COUNTER_BYTES;
const MAX_OPEN_BYTES = 600;
const MAX_SEALED_PROOF = 300;

/**
 * `hello` says our nonce and, once known, theirs (a nonce that was damaged on the way shows itself so). `prove` is for
 * one space; `seen` says that the other's proof for it was accepted, so that it need not be repeated.
 */
export type OpenFrame =
  | { readonly is: 'hello'; readonly nonce: Bytes; readonly echo: Bytes | undefined }
  | { readonly is: 'prove'; readonly proof: Proof; readonly seen: boolean };

export type LinkFrame = OpenFrame | { readonly is: 'sealed'; readonly channel: string; readonly frame: Uint8Array };

export function encodeOpenFrame(frame: OpenFrame): Bytes {
  const body =
    frame.is === 'hello'
      ? { v: VERSION, t: 'hello', nonce: frame.nonce, ...(frame.echo === undefined ? {} : { echo: frame.echo }) }
      : { v: VERSION, t: 'prove', tag: frame.proof.tag, sealed: frame.proof.sealed, seen: frame.seen };
  return concat(new Uint8Array([OPEN]), encode(body));
}

/** Throws `WireError` only. */
export function decodeLinkFrame(bytes: Uint8Array): LinkFrame {
  if (bytes.length > MAX_FRAME_BYTES) throw new WireError('too-long', 'link frame');
  if (bytes.length === 0) throw new WireError('truncated', 'link frame');
  if (bytes[0] === SEALED) {
    const channel = sealedChannel(bytes);
    if (channel === undefined) throw new WireError('truncated', 'link frame');
    return { is: 'sealed', channel, frame: bytes };
  }
  if (bytes[0] !== OPEN) throw new WireError('unknown-kind', 'link frame');
  const read = fields(decode(bytes.subarray(1), 'link frame', MAX_OPEN_BYTES), 'link frame');
  read.version('v', VERSION);
  const kind = read.oneOf('t', ['hello', 'prove']);
  const frame: OpenFrame =
    kind === 'hello'
      ? { is: 'hello', nonce: read.bytes('nonce', NONCE_BYTES), echo: optionalEcho(read) }
      : {
          is: 'prove',
          proof: { tag: read.bytes('tag', TAG_BYTES), sealed: read.bytes('sealed', { max: MAX_SEALED_PROOF }) },
          seen: read.bool('seen'),
        };
  read.end();
  return frame;
}

/** The channel that a frame is sealed for; `undefined` where it is none such. */
export function sealedChannel(bytes: Uint8Array): string | undefined {
  const isSealed = bytes.length <= MAX_FRAME_BYTES && bytes.length > HEAD_BYTES && bytes[0] === SEALED;
  return isSealed ? hex.encode(bytes.subarray(1, 1 + CHANNEL_BYTES)) : undefined;
}

function optionalEcho(read: ReturnType<typeof fields>): Bytes | undefined {
  return read.has('echo') ? read.bytes('echo', NONCE_BYTES) : undefined;
}

/** 0x01 ‖ channel ‖ counter ‖ sealed(content). The counter is the nonce: a sender never repeats it under one key. */
export function sealFrame(
  suite: CryptoSuite,
  at: { readonly channel: string; readonly key: AeadKey; readonly counter: number },
  content: Uint8Array,
): Bytes {
  const head = new Uint8Array(HEAD_BYTES);
  head[0] = SEALED;
  head.set(hex.decode(at.channel)!, 1);
  new DataView(head.buffer).setBigUint64(1 + CHANNEL_BYTES, BigInt(at.counter));
  return concat(head, suite.seal(at.key, nonceOf(head), content, head));
}

/** The content of a sealed frame, or `undefined` where it does not open: damaged, or not from the other end. */
export function openFrame(suite: CryptoSuite, key: AeadKey, frame: Uint8Array): Bytes | undefined {
  const head = frame.subarray(0, HEAD_BYTES);
  try {
    return suite.open(key, nonceOf(head), frame.subarray(HEAD_BYTES), head);
  } catch (cause) {
    if (cause instanceof SealFault) return undefined;
    throw cause;
  }
}

function nonceOf(head: Uint8Array): Bytes {
  const nonce = new Uint8Array(AEAD_NONCE_BYTES);
  nonce.set(head.subarray(1 + CHANNEL_BYTES, HEAD_BYTES));
  return nonce;
}
