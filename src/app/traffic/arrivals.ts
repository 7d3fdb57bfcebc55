// Frames of a channel that arrived and wait their turn, opened already: frames are handled one after the other, and by what
// waits it is known what of an answer need not be asked for again, and that all of it is here.

import { decodeChannelMessage, type ChannelMessage } from '#core/sync/channel-messages.ts';
import type { AeadKey, CryptoSuite } from '#core/crypto/suite.ts';
import { chainKey, type Span } from '#core/sync/held.ts';
import { openFrame } from '#core/sync/link-frames.ts';
import { spanOfRun } from '#core/sync/open-run.ts';
import { tryDecode } from '#core/wire/try-decode.ts';

interface Arrived {
  /** It is from the other end. */
  readonly opens: boolean;
  /** `undefined`: it means nothing. */
  readonly message: ChannelMessage | undefined;
  /** What its runs say they are, by chain; nothing is proved of them yet. */
  readonly spans: ReadonlyMap<string, readonly Span[]>;
}

const NOTHING: ReadonlyMap<string, readonly Span[]> = new Map();

export class Arrivals {
  readonly #suite: CryptoSuite;
  readonly #key: AeadKey;
  readonly #waiting = new Map<Uint8Array, Arrived>();

  constructor(suite: CryptoSuite, key: AeadKey) {
    this.#suite = suite;
    this.#key = key;
  }

  note(frame: Uint8Array): void {
    this.#waiting.set(frame, this.#open(frame));
  }

  /** Its turn has come. It need not have been noted: the channel may be younger than the frame's arrival. */
  take(frame: Uint8Array): Pick<Arrived, 'opens' | 'message'> {
    const arrived = this.#waiting.get(frame) ?? this.#open(frame);
    this.#waiting.delete(frame);
    return arrived;
  }

  /** What waits of a chain. */
  spans(chain: string): readonly Span[] {
    return [...this.#waiting.values()].flatMap(({ spans }) => spans.get(chain) ?? []);
  }

  /** Whether the last piece of the answer to a request waits. */
  hasLast(request: number): boolean {
    for (const { message } of this.#waiting.values()) {
      if (message?.is === 'give' && message.last && message.request === request) return true;
    }
    return false;
  }

  #open(frame: Uint8Array): Arrived {
    const content = openFrame(this.#suite, this.#key, frame);
    if (content === undefined) return { opens: false, message: undefined, spans: NOTHING };
    const message = tryDecode(() => decodeChannelMessage(content));
    return { opens: true, message, spans: message?.is === 'give' ? spansIn(message.parcel.runs) : NOTHING };
  }
}

function spansIn(runs: readonly Uint8Array[]): ReadonlyMap<string, readonly Span[]> {
  const spans = new Map<string, Span[]>();
  for (const run of runs) {
    const said = tryDecode(() => spanOfRun(run));
    if (said === undefined) continue;
    const key = chainKey(said.chain);
    const known = spans.get(key);
    if (known === undefined) spans.set(key, [...said.spans]);
    else known.push(...said.spans);
  }
  return spans;
}
