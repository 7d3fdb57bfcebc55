// Messages of one chain with their bodies open, for a proven device of the same scope (SPEC.md §6): what heals a gap or
// brings a restored device up to date although the keys of the bodies were erased long ago. Nothing but the links and
// one signature makes them genuine; nothing but the link's seal hides them.

import { concat, equal, type Bytes } from '../bytes/bytes.ts';
import { ItemReader, Recalled } from '../wire/item-reader.ts';
import { decodeHeader, isLinked, MAX_SEEN, messageIdOf, type Header } from '../charter/header.ts';
import { HeaderPattern, isPatterned } from '../charter/header-pattern.ts';
import { MAX_HEADER_BYTES } from '../charter/evidence-body.ts';
import { bytesOfId } from '../charter/op.ts';
import type { Message, OpenBody } from '../chain/message.ts';
import { hash } from '../crypto/hash.ts';
import type { CryptoSuite, Signature, SigningKey } from '../crypto/suite.ts';
import { encode, readKept, type Encodable } from '../wire/cbor.ts';
import { bytesOf, fields, listOf, tuple, uintOf } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';
import type { HeldChain } from './held.ts';

export interface OpenMessage {
  readonly message: Message;
  /** `undefined`: destroyed by its author. */
  readonly open: OpenBody | undefined;
  /** Its header was put together from its body: they need not be held against each other. */
  readonly isOfBody?: true;
}

/** Messages in one run: one signature proves them all, and one event handles them. */
export const MAX_OPEN_RUN = 200;
const MAX_RUN_BYTES = 260_000;
const SALT_BYTES = 32;
const ID_BYTES = 32;

/** Without what follows from the message before; version 1 spells every header out. */
const PATTERNED = 2;
const WHOLE_PARTS = 3;
const PATTERNED_PARTS = 4;

/** Consecutive messages of one chain, the last of which carries its signature. */
export function encodeOpenRun(messages: readonly OpenMessage[]): Bytes {
  const signature = messages.at(-1)?.message.signature;
  if (signature === undefined) throw new Error('a run ends with a signed message');
  let isShorter = false;
  const spelled = messages.map((said, i) => {
    const news = newsOf(messages[i - 1], said);
    isShorter ||= news !== undefined;
    return news ?? wholeOf(said);
  });
  return encode({ v: isShorter ? PATTERNED : 1, messages: spelled, signature });
}

function wholeOf({ message, open }: OpenMessage): Encodable {
  return open === undefined ? [message.bytes] : [message.bytes, open.salt, open.body];
}

/** What the message before does not tell; `undefined` where a message must be spelled out. */
function newsOf(before: OpenMessage | undefined, { message, open }: OpenMessage): Encodable | undefined {
  if (before === undefined || open === undefined) return undefined;
  const { id, header } = before.message;
  if (!isPatterned(id, header, message.header)) return undefined;
  const { lamport, seen } = message.header;
  return [lamport - header.lamport, concat(...seen.map(bytesOfId)), open.salt, open.body];
}

/** Throws `WireError` only; proves nothing. The messages are parts of `bytes`, which must not change any more. */
export function decodeOpenRun(bytes: Uint8Array): OpenMessage[] {
  const read = fields(readKept(bytes, 'open run', MAX_RUN_BYTES), 'open run');
  const version = read.uint('v');
  if (version !== 1 && version !== PATTERNED) throw new WireError('unknown-version', 'open run');
  const list = read.list('messages', MAX_OPEN_RUN);
  const signature = read.bytes('signature', 64) as Signature;
  read.end();
  if (list.length === 0) throw new WireError('bad-field', 'open run');
  const run = version === 1 ? readWhole(list) : readPatterned(list);
  const last = run[run.length - 1]!;
  run[run.length - 1] = { ...last, message: { ...last.message, signature } };
  return run;
}

function readWhole(list: readonly unknown[]): OpenMessage[] {
  const recalled = new Recalled();
  return list.map((item) => readOpenMessage(item, recalled));
}

/** In one spelling: nothing is spelled out that may be left out, and something is left out. */
function readPatterned(list: readonly unknown[]): OpenMessage[] {
  const recalled = new Recalled();
  const run: OpenMessage[] = [];
  let pattern: HeaderPattern | undefined;
  let isShorter = false;
  for (const item of list) {
    const before = run.at(-1);
    const parts = listOf(item, 'open run', PATTERNED_PARTS);
    if (parts.length < PATTERNED_PARTS) {
      const said = readOpenMessage(item, recalled);
      if (newsOf(before, said) !== undefined) throw new WireError('not-canonical', 'open run');
      run.push(said);
      pattern = undefined;
    } else {
      if (before === undefined) throw new WireError('bad-field', 'open run');
      pattern ??= new HeaderPattern(before.message.bytes);
      run.push(readNews(parts, before.message, pattern));
      isShorter = true;
    }
  }
  if (!isShorter) throw new WireError('unknown-version', 'open run');
  return run;
}

function readOpenMessage(item: unknown, recalled: Recalled): OpenMessage {
  const parts = listOf(item, 'open run', WHOLE_PARTS);
  const bytes = bytesOf(parts[0], 'open run', { max: MAX_HEADER_BYTES });
  const header = decodeHeader(bytes, recalled);
  const message: Message = { id: messageIdOf(bytes), header, bytes, signature: undefined, sealed: undefined };
  if (parts.length === 1) return { message, open: undefined };
  const [, salt, body] = tuple(item, 'open run', WHOLE_PARTS);
  return { message, open: readBody(salt, body) };
}

function readNews(parts: readonly unknown[], before: Message, pattern: HeaderPattern): OpenMessage {
  const [step, seen, salt, body] = parts;
  const open = readBody(salt, body);
  const { id, header, bytes } = pattern.next(before.id, before.header, {
    lamport: before.header.lamport + uintOf(step, 'open run'),
    seen: bytesOf(seen, 'open run', { max: MAX_SEEN * ID_BYTES }),
    bodyHash: hash('body', open.salt, open.body),
    bodyLength: open.body.length,
  });
  return { message: { id, header, bytes, signature: undefined, sealed: undefined }, open, isOfBody: true };
}

function readBody(salt: unknown, body: unknown): OpenBody {
  return {
    salt: bytesOf(salt, 'open run', SALT_BYTES),
    body: bytesOf(body, 'open run', { max: MAX_RUN_BYTES }),
  };
}

/** Of what a run says it is, without a look at more than its beginning. Throws `WireError` only; proves nothing. */
export function spanOfRun(bytes: Uint8Array): HeldChain {
  const read = new ItemReader(bytes, 'open run');
  if (read.map(3) !== 3) throw new WireError('bad-field', 'open run');
  read.key('v');
  const version = read.uint();
  if (version !== 1 && version !== PATTERNED) throw new WireError('unknown-version', 'open run');
  read.key('messages');
  const count = read.list(MAX_OPEN_RUN);
  if (count === 0 || read.list(WHOLE_PARTS) === 0) throw new WireError('bad-field', 'open run');
  const { device, scope, incarnation, seq } = decodeHeader(read.viewUpTo(MAX_HEADER_BYTES));
  return { chain: { device, scope, incarnation }, spans: [{ from: seq, to: seq + count }] };
}

/** Whether a run's links and bodies are what one signature proves. */
export async function proveOpenRun(run: readonly OpenMessage[], suite: CryptoSuite): Promise<boolean> {
  for (let i = 0; i < run.length; i++) {
    const { message, open, isOfBody = false } = run[i]!;
    const before = run[i - 1]?.message;
    if (before !== undefined && !isLinked(before.id, before.header, message.header)) return false;
    if (open !== undefined && !isOfBody && !isBodyOf(message.header, open)) return false;
  }
  const last = run.at(-1)?.message;
  if (last?.signature === undefined) return false;
  return suite.verify('header', last.bytes, last.signature, bytesOfId(last.header.device) as SigningKey);
}

function isBodyOf(header: Header, open: OpenBody): boolean {
  return open.body.length === header.bodyLength && equal(hash('body', open.salt, open.body), header.bodyHash);
}
