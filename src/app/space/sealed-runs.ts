// Messages of a chain as frames: sealed again under the keys they were said under, for mail.

import type { Kid } from '#core/charter/ids.ts';
import { MAX_RUN } from '#core/chain/frame.ts';
import type { Message } from '#core/chain/message.ts';
import type { ChainId, HeldChain, Span } from '#core/sync/held.ts';
import type { Bytes } from '#core/bytes/bytes.ts';
import { frameOf } from './author.ts';
import type { Replica } from './replica.ts';

/** Bytes of one run: a few fit a slow connection's buffer. */
const RUN_BYTES = 48_000;

/**
 * Held messages of a chain, each run sealed under one key: for mail to all readers of its scope. Each frame is sealed when
 * it is asked for: thousands of messages are more than a page has time for at once.
 */
export function* framesOf(
  replica: Replica,
  { chain, spans }: HeldChain,
): Generator<{ readonly kid: Kid; readonly frame: Bytes }> {
  for (const run of sealableRuns(spans.flatMap((span) => messagesIn(replica, chain, span)))) {
    const frame = frameOf(replica, run);
    if (frame !== undefined) yield { kid: run[0]!.header.kid, frame };
  }
}

function messagesIn(replica: Replica, chain: ChainId, span: Span): readonly Message[] {
  const messages: Message[] = [];
  for (let seq = span.from; seq < span.to; seq++) {
    const id = replica.messageAt(chain, seq);
    const entry = id === undefined ? undefined : replica.entryAt(id);
    // An own message that others gave back open cannot be sealed again; without its body it would pass for a deleted one.
    const isGivenBack = entry?.open !== undefined && entry.message.sealed === undefined;
    if (entry?.stands === true && !isGivenBack) messages.push(entry.message);
  }
  return messages;
}

/**
 * Cuts a row of messages into runs of one key, each ending with a signature and not too long. Of a chain that went on twice
 * from an earlier time (a disk was put back) not each message follows the one before it.
 */
function sealableRuns(messages: readonly Message[]): readonly (readonly Message[])[] {
  const runs: Message[][] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = message.bytes.length + (message.sealed?.length ?? 0);
    const run = runs.at(-1);
    const last = run?.at(-1);
    const joins =
      last !== undefined &&
      last.header.kid === message.header.kid &&
      last.id === message.header.own &&
      run!.length < Math.min(MAX_RUN, 50) &&
      bytes + size < RUN_BYTES;
    if (joins) run!.push(message);
    else runs.push([message]);
    bytes = joins ? bytes + size : size;
  }
  return runs.filter((run) => run.at(-1)!.signature !== undefined);
}
