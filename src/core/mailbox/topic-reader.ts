// Reads a topic's stream from a cursor on: one answer first, and only if there is more, several at once (SPEC.md §5).

import type { Bytes } from '../bytes/bytes.ts';
import type { Envelope, Topic } from '../wire/envelope.ts';
import { WireError } from '../wire/wire-error.ts';
import { ANSWER_ROOM } from './answer-frames.ts';
import { MAX_STREAM_OFFSET } from './limits.ts';
import { MailboxFault } from './mailbox-fault.ts';
import { RecordAssembler, type ReadRecord } from './record-stream.ts';
import type { EnvelopeId } from './topic-key.ts';

/** Envelopes of one topic in the order the relay node keeps them. */
export interface Batch {
  readonly envelopes: readonly Envelope[];
  /** Where to go on from, to be stored once the envelopes are: the last one that nothing is missing before. */
  readonly cursor: EnvelopeId | undefined;
  /** Whether the relay node has more after the cursor. */
  readonly more: boolean;
}

export interface Cells {
  readonly day: number;
  readonly more: boolean;
  readonly real: Bytes;
}

/** Bytes from `offset` of what follows `after`. */
export type FetchCells = (after: EnvelopeId | undefined, offset: number) => Promise<Cells>;

/**
 * Fetches under way at once: at 10 ms to the relay node and back, 8 carry 25 MB/s. Reached step by step: what is asked for
 * beyond the end is 32 kB each that nobody needs.
 */
const WINDOW = 8;
/** The stream changes under a reader when envelopes expire: once a day. More often, and the relay node is at fault. */
const MAX_RESTARTS = 3;

/** More at first, where several envelopes or a large one surely lie: somebody who waits is spared a second round trip. */
const AHEAD_OF_MUCH = 1;

/** One pass over a topic; `next` gives batch after batch until `more` is false. */
export class TopicReader {
  readonly #fetch: FetchCells;
  readonly #assembler: RecordAssembler;
  #cursor: EnvelopeId | undefined;
  /** Where the next unasked byte lies in the stream that follows `#base`. */
  #base: EnvelopeId | undefined;
  #offset = 0;
  #underWay: Promise<Cells>[] = [];
  #window = 1;
  #ahead = 0;
  #day: number | undefined;
  #restarts = 0;

  constructor(
    topic: Topic,
    { after, isMuch = false }: { readonly after: EnvelopeId | undefined; readonly isMuch?: boolean },
    fetch: FetchCells,
  ) {
    if (isMuch) this.#ahead = AHEAD_OF_MUCH;
    this.#assembler = new RecordAssembler(topic);
    this.#fetch = fetch;
    this.#cursor = after;
    this.#base = after;
  }

  /** The next envelopes. Rejects with `MailboxFault`. */
  async next(): Promise<Batch> {
    for (;;) {
      this.#ask();
      const cells = await this.#underWay.shift()!;
      const records = this.#assemble(cells);
      if (records === undefined) {
        this.#restart();
        continue;
      }
      this.#cursor = records.at(-1)?.id ?? this.#cursor;
      if (!cells.more) this.#drop();
      // A large envelope spans several answers: go on until there is something to hand over.
      else if (records.length === 0) continue;
      return { envelopes: records.map(({ envelope }) => envelope), cursor: this.#cursor, more: cells.more };
    }
  }

  #ask(): void {
    if (this.#underWay.length === 0 && this.#offset > MAX_STREAM_OFFSET) {
      this.#base = this.#cursor;
      this.#offset = this.#assembler.held;
    }
    const isAhead = this.#ahead > 0;
    const window = this.#window + this.#ahead;
    this.#ahead = 0;
    while (this.#underWay.length < window && this.#offset <= MAX_STREAM_OFFSET) {
      const asked = this.#fetch(this.#base, this.#offset);
      asked.catch(() => {}); // a failed look ahead shows when its turn comes, or never if we stop before
      this.#underWay.push(asked);
      this.#offset += ANSWER_ROOM;
    }
    // What was asked for ahead is seen first: it is as much as one envelope takes.
    if (!isAhead) this.#window = Math.min(WINDOW, 2 * this.#window);
  }

  /** `undefined` when this answer does not continue the ones before it. */
  #assemble(cells: Cells): readonly ReadRecord[] | undefined {
    this.#day ??= cells.day;
    if (cells.day !== this.#day) return undefined;
    try {
      const records = this.#assembler.add(cells.real);
      // The end of the stream is the end of a record.
      return !cells.more && this.#assembler.held > 0 ? undefined : records;
    } catch (fault) {
      if (fault instanceof WireError) return undefined;
      throw fault;
    }
  }

  #restart(): void {
    this.#restarts += 1;
    if (this.#restarts > MAX_RESTARTS) throw new MailboxFault('no-answer');
    this.#drop();
    this.#base = this.#cursor;
    this.#offset = 0;
    this.#window = 1;
    this.#day = undefined;
  }

  #drop(): void {
    this.#underWay = [];
    this.#assembler.clear();
  }
}
