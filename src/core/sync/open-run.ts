// Messages of one chain with their bodies open, for a proven device of the same scope (SPEC.md §6): what heals a gap or
// brings a restored device up to date although the keys of the bodies were erased long ago. Nothing but the links and
// one signature makes them genuine; nothing but the link's seal hides them.

import { equal, type Bytes } from '../bytes/bytes.ts';
import { ItemReader, Recalled } from '../wire/item-reader.ts';
import { decodeHeader, isLinked, messageIdOf, type Header } from '../charter/header.ts';
import { MAX_HEADER_BYTES } from '../charter/evidence-body.ts';
import { bytesOfId } from '../charter/op.ts';
import type { Message, OpenBody } from '../chain/message.ts';
import { hash } from '../crypto/hash.ts';
import type { CryptoSuite, Signature, SigningKey } from '../crypto/suite.ts';
import { encode, readKept } from '../wire/cbor.ts';
import { bytesOf, fields, listOf, tuple } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';
import type { HeldChain } from './held.ts';

export interface OpenMessage {
  readonly message: Message;
  /** `undefined`: destroyed by its author. */
  readonly open: OpenBody | undefined;
}

/** Messages in one run: one signature proves them all, and one event handles them. */
export const MAX_OPEN_RUN = 200;
const MAX_RUN_BYTES = 260_000;
const SALT_BYTES = 32;

/** Consecutive messages of one chain, the last of which carries its signature. */
export function encodeOpenRun(messages: readonly OpenMessage[]): Bytes {
  const signature = messages.at(-1)?.message.signature;
  if (signature === undefined) throw new Error('a run ends with a signed message');
  const spelled = messages.map(({ message, open }) =>
    open === undefined ? [message.bytes] : [message.bytes, open.salt, open.body],
  );
  return encode({ v: 1, messages: spelled, signature });
}

/** Throws `WireError` only; proves nothing. The messages are parts of `bytes`, which must not change any more. */
export function decodeOpenRun(bytes: Uint8Array): OpenMessage[] {
  const read = fields(readKept(bytes, 'open run', MAX_RUN_BYTES), 'open run');
  read.version('v', 1);
  const list = read.list('messages', MAX_OPEN_RUN);
  const signature = read.bytes('signature', 64) as Signature;
  read.end();
  if (list.length === 0) throw new WireError('bad-field', 'open run');
  const recalled = new Recalled();
  return list.map((item, i) => readOpenMessage(item, i === list.length - 1 ? signature : undefined, recalled));
}

function readOpenMessage(item: unknown, signature: Signature | undefined, recalled: Recalled): OpenMessage {
  const parts = listOf(item, 'open run', 3);
  const bytes = bytesOf(parts[0], 'open run', { max: MAX_HEADER_BYTES });
  const header = decodeHeader(bytes, recalled);
  const message: Message = { id: messageIdOf(bytes), header, bytes, signature, sealed: undefined };
  if (parts.length === 1) return { message, open: undefined };
  const [, salt, body] = tuple(item, 'open run', 3);
  const open = {
    salt: bytesOf(salt, 'open run', SALT_BYTES),
    body: bytesOf(body, 'open run', { max: MAX_RUN_BYTES }),
  };
  return { message, open };
}

/** Of what a run says it is, without a look at more than its beginning. Throws `WireError` only; proves nothing. */
export function spanOfRun(bytes: Uint8Array): HeldChain {
  const read = new ItemReader(bytes, 'open run');
  if (read.map(3) !== 3) throw new WireError('bad-field', 'open run');
  read.key('v');
  if (read.uint() !== 1) throw new WireError('unknown-version', 'open run');
  read.key('messages');
  const count = read.list(MAX_OPEN_RUN);
  if (count === 0 || read.list(3) === 0) throw new WireError('bad-field', 'open run');
  const { device, scope, incarnation, seq } = decodeHeader(read.viewUpTo(MAX_HEADER_BYTES));
  return { chain: { device, scope, incarnation }, spans: [{ from: seq, to: seq + count }] };
}

/** Whether a run's links and bodies are what one signature proves. */
export async function proveOpenRun(run: readonly OpenMessage[], suite: CryptoSuite): Promise<boolean> {
  for (let i = 0; i < run.length; i++) {
    const { message, open } = run[i]!;
    const before = run[i - 1]?.message;
    if (before !== undefined && !isLinked(before.id, before.header, message.header)) return false;
    if (open !== undefined && !isBodyOf(message.header, open)) return false;
  }
  const last = run.at(-1)?.message;
  if (last?.signature === undefined) return false;
  return suite.verify('header', last.bytes, last.signature, bytesOfId(last.header.device) as SigningKey);
}

function isBodyOf(header: Header, open: OpenBody): boolean {
  return open.body.length === header.bodyLength && equal(hash('body', open.salt, open.body), header.bodyHash);
}
