// Messages for the road: a single one live, or a run of one chain on catch-up, both under the scope's header key
// (chain/SPEC.md §4, §5).

import { hex, type Bytes } from '../bytes/bytes.ts';
import { SealFault, type AeadKey, type CryptoSuite, type Signature, type SigningKey } from '../crypto/suite.ts';
import type { Random } from '../ports.ts';
import { decode, encode } from '../wire/cbor.ts';
import { bytesOf, listOf, tuple } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';
import { isLinked } from '../charter/header.ts';
import { Recalled } from '../wire/item-reader.ts';
import type { Kid } from '../charter/ids.ts';
import { MAX_HEADER_BYTES } from '../charter/evidence-body.ts';
import { bytesOfId } from '../charter/op.ts';
import { MAX_SEALED_BODY_BYTES, messageOf, type Message } from './message.ts';

/** Messages in a run: one signature for so many, and little to send again when one is damaged. */
export const MAX_RUN = 500;
/** A run of several messages ends before it exceeds this. */
const MAX_RUN_BYTES = 1_048_576;
const MAX_FRAME_BYTES = MAX_RUN_BYTES + MAX_RUN * 64;

const VERSION = 1;
const NONCE_BYTES = 24;
/** What a message adds to a run besides header and body. */
const MESSAGE_OVERHEAD = 16;

/** Why a frame was not taken. */
export type RunProblem =
  | 'does-not-open'
  | 'malformed'
  | 'broken-links'
  | 'bad-signature'
  /** A member wrote it with a newer app: the space is read-only until this one is renewed. */
  | 'newer-version';
export type OpenedRun = { readonly messages: readonly Message[] } | { readonly problem: RunProblem };

/**
 * Seals consecutive messages of one chain and one kid, the last of which carries its signature. One message is a run
 * of one. Throws a plain `Error` for anything else: our mistake.
 */
export function sealRun(messages: readonly Message[], headerKey: AeadKey, random: Random, suite: CryptoSuite): Bytes {
  const last = messages.at(-1);
  if (last?.signature === undefined || messages.length > MAX_RUN || !isRun(messages)) throw new Error('not a run');
  const nonce = random.bytes(NONCE_BYTES);
  const kid = bytesOfId(last.header.kid);
  const headers = encodeRun({ headers: messages.map(({ bytes }) => bytes), signature: last.signature });
  const sealed = suite.seal(headerKey, nonce, headers, kid);
  return encodeFrame({ kid: last.header.kid, nonce, sealed, bodies: messages.map((message) => message.sealed) });
}

function isRun(messages: readonly Message[]): boolean {
  return messages.every((message, i) => {
    const previous = messages[i - 1];
    if (previous === undefined) return true;
    return message.header.kid === previous.header.kid && isLinked(previous.id, previous.header, message.header);
  });
}

/**
 * Cuts consecutive messages of one chain into runs that can be sealed: one kid each, a signed end, at most `maxBytes`
 * where a signature allows it. A tail without signature is left out.
 */
export function cutRuns(
  messages: readonly Message[],
  maxBytes: number = MAX_RUN_BYTES,
): readonly (readonly Message[])[] {
  const runs: (readonly Message[])[] = [];
  for (let from = 0; from < messages.length;) {
    const to = signedEnd(messages, from, maxBytes);
    if (to === undefined) break;
    runs.push(messages.slice(from, to));
    from = to;
  }
  return runs;
}

/** Where a run from `from` ends: after the last signature within the limit, else after the first one beyond it. */
function signedEnd(messages: readonly Message[], from: number, maxBytes: number): number | undefined {
  const { kid } = messages[from]!.header;
  let end: number | undefined;
  let size = 0;
  for (let i = from; i < messages.length && i < from + MAX_RUN && messages[i]!.header.kid === kid; i++) {
    const message = messages[i]!;
    size += message.bytes.length + (message.sealed?.length ?? 0) + MESSAGE_OVERHEAD;
    if (size > MAX_RUN_BYTES && i > from) break;
    if (size > maxBytes && end !== undefined) break;
    if (message.signature !== undefined) end = i + 1;
    if (size > maxBytes && end !== undefined) break;
  }
  return end;
}

/** The key a frame is sealed under, so that its header key can be looked up. Throws `WireError`. */
export function frameKid(frame: Uint8Array): Kid {
  return decodeFrame(frame).kid;
}

/** What travels in the clear inside a parcel. */
export interface FrameParts {
  readonly kid: Kid;
  readonly nonce: Bytes;
  readonly sealed: Bytes;
  readonly bodies: readonly (Bytes | undefined)[];
}

export function encodeFrame({ kid, nonce, sealed, bodies }: FrameParts): Bytes {
  return encode([VERSION, bytesOfId(kid), nonce, sealed, bodies.map((body) => body ?? null)]);
}

/** Throws `WireError`. */
export function decodeFrame(frame: Uint8Array): FrameParts {
  const value = decode(frame, 'frame', MAX_FRAME_BYTES);
  if (Array.isArray(value) && value[0] !== VERSION) throw new WireError('unknown-version', 'frame');
  const [, kid, nonce, sealed, bodies] = tuple(value, 'frame', 5);
  return {
    kid: hex.encode(bytesOf(kid, 'frame', 16)) as Kid,
    nonce: bytesOf(nonce, 'frame', NONCE_BYTES),
    sealed: bytesOf(sealed, 'frame', { max: MAX_FRAME_BYTES }),
    bodies: listOf(bodies, 'frame', MAX_RUN).map((body) =>
      body === null ? undefined : bytesOf(body, 'frame', { max: MAX_SEALED_BODY_BYTES }),
    ),
  };
}

/** What a frame's first seal holds. */
export interface RunParts {
  readonly headers: readonly Bytes[];
  /** Over the last header. */
  readonly signature: Signature;
}

export function encodeRun({ headers, signature }: RunParts): Bytes {
  return encode([headers, signature]);
}

/** Throws `WireError`. */
export function decodeRun(bytes: Uint8Array): RunParts {
  const [list, signature] = tuple(decode(bytes, 'run', MAX_FRAME_BYTES), 'run', 2);
  const headers = listOf(list, 'run', MAX_RUN).map((header) => bytesOf(header, 'run', { max: MAX_HEADER_BYTES }));
  if (headers.length === 0) throw new WireError('bad-field', 'run');
  return { headers, signature: bytesOf(signature, 'run', 64) as Signature };
}

/** Opens a frame and proves every message in it by one signature. Never rejects, whatever the bytes. */
export async function openRun(frame: Uint8Array, headerKey: AeadKey, suite: CryptoSuite): Promise<OpenedRun> {
  const parts = tryParts(frame);
  const begun = 'problem' in parts ? parts : await beginRun(parts, headerKey, suite);
  if ('problem' in begun) return begun;
  return (await begun.isSigned) ? { messages: begun.messages } : { problem: 'bad-signature' };
}

function tryParts(frame: Uint8Array): FrameParts | { readonly problem: RunProblem } {
  try {
    return decodeFrame(frame);
  } catch (fault) {
    return { problem: problemOf(fault) };
  }
}

/**
 * As `openRun`, for whoever has something to do while the platform verifies. Until it has, nothing may come of it. `breathe`
 * is asked after each message: five hundred headers are more than a page has time for at once.
 */
export async function beginRun(
  frame: FrameParts,
  headerKey: AeadKey,
  suite: CryptoSuite,
  breathe?: () => Promise<void> | undefined,
): Promise<
  { readonly messages: readonly Message[]; readonly isSigned: Promise<boolean> } | { readonly problem: RunProblem }
> {
  const opened = await unseal(frame, { headerKey, suite, breathe });
  if ('problem' in opened) return opened;
  const { messages, signature } = opened;
  const last = messages.at(-1)!;
  const key = bytesOfId(last.header.device) as SigningKey;
  return { messages, isSigned: suite.verify('header', last.bytes, signature, key) };
}

type Unsealed =
  { readonly messages: readonly Message[]; readonly signature: Signature } | { readonly problem: RunProblem };

async function unseal(
  { kid, nonce, sealed, bodies }: FrameParts,
  {
    headerKey,
    suite,
    breathe,
  }: {
    readonly headerKey: AeadKey;
    readonly suite: CryptoSuite;
    readonly breathe: (() => Promise<void> | undefined) | undefined;
  },
): Promise<Unsealed> {
  try {
    const plain = suite.open(headerKey, nonce, sealed, bytesOfId(kid));
    const { headers, signature } = decodeRun(plain);
    if (headers.length !== bodies.length) return { problem: 'malformed' };
    const recalled = new Recalled();
    const messages: Message[] = [];
    for (const [i, header] of headers.entries()) {
      const isLast = i === headers.length - 1;
      messages.push(messageOf(header, { signature: isLast ? signature : undefined, sealed: bodies[i] }, recalled));
      const breath = breathe?.();
      if (breath !== undefined) await breath;
    }
    if (messages[0]!.header.kid !== kid || !isRun(messages)) return { problem: 'broken-links' };
    return { messages, signature };
  } catch (fault) {
    return { problem: problemOf(fault) };
  }
}

/** Throws what is a mistake of ours. */
function problemOf(fault: unknown): RunProblem {
  if (fault instanceof SealFault) return 'does-not-open';
  if (fault instanceof WireError) return fault.fault === 'unknown-version' ? 'newer-version' : 'malformed';
  throw fault;
}
