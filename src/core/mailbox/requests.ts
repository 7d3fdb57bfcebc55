// Asking over a link that may lose, double, delay or damage frames: numbers, time-outs, a bounded number of tries, and
// a window, so that ten thousand deposits do not all lie in the link's buffer at once.

import type { Bytes } from '../bytes/bytes.ts';
import { SECOND, type Clock, type Link, type Millis } from '../ports.ts';
import type { MailboxAnswer } from './answer-frames.ts';
import { ANSWER_BYTES } from './limits.ts';
import { MailboxFault } from './mailbox-fault.ts';
import { encodeMailboxRequest, type MailboxRequest } from './request-frames.ts';

/** How long to wait for an answer to a small request, try by try. Half a minute in all: a phone in a lift. */
const PATIENCE = [2, 4, 8, 8, 8].map((seconds) => seconds * SECOND);
/** The slowest link that still counts as working. What is under way is given time at this speed. */
const SLOWEST_BYTES_PER_SECOND = 16_384;
/** Bytes asked and expected that may be under way; half of what a link buffers before it drops frames. */
const WINDOW_BYTES = 524_288;
/** Requests under way: half of what a custodian lets wait of one link before it drops them (`waitingPerLink`). */
const WINDOW_REQUESTS = 256;

type Numbered<R> = R extends { number: number } ? Omit<R, 'number'> : never;
/** A request before it has a number. */
export type Question = Numbered<MailboxRequest>;

interface Asked {
  readonly frame: Bytes;
  readonly bytes: number;
  readonly resolve: (answer: MailboxAnswer) => void;
  readonly reject: (fault: MailboxFault) => void;
  tries: number;
  cancel: () => void;
}

const nothing = (): void => {};

/** The requests of one link that wait for an answer, and those that wait for their turn. */
export class Requests {
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #asked = new Map<number, Asked>();
  readonly #queue: [number, Asked][] = [];
  #number = 0;
  #bytesUnderWay = 0;
  #fault: MailboxFault | undefined;

  constructor(link: Link, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
  }

  /** The answer with the request's number. Rejects with `MailboxFault` after the last try. */
  ask(question: Question): Promise<MailboxAnswer> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    this.#number += 1;
    const number = this.#number;
    const frame = encodeMailboxRequest({ ...question, number } as MailboxRequest);
    const bytes = frame.length + (question.is === 'fetch' ? ANSWER_BYTES : 0);
    return new Promise((resolve, reject) => {
      this.#queue.push([number, { frame, bytes, resolve, reject, tries: 0, cancel: nothing }]);
      this.#fill();
    });
  }

  /** Says something that is not answered. */
  tell(question: Question): void {
    if (this.#fault === undefined) this.#link.send(encodeMailboxRequest({ ...question, number: 0 } as MailboxRequest));
  }

  /** An answer came. The second one to the same request is dropped. */
  answer(answer: MailboxAnswer): void {
    const asked = this.#asked.get(answer.number);
    if (asked === undefined) return;
    this.#finish(answer.number, asked);
    asked.resolve(answer);
    this.#fill();
  }

  /** Nothing more will be answered. */
  end(fault: MailboxFault): void {
    this.#fault ??= fault;
    const open = [...this.#asked, ...this.#queue.splice(0)];
    for (const [number, asked] of open) {
      this.#finish(number, asked);
      asked.reject(fault);
    }
  }

  #fill(): void {
    while (this.#queue.length > 0) {
      const [number, asked] = this.#queue[0]!;
      if (this.#asked.size >= WINDOW_REQUESTS) return;
      if (this.#asked.size > 0 && this.#bytesUnderWay + asked.bytes > WINDOW_BYTES) return;
      this.#queue.shift();
      this.#asked.set(number, asked);
      this.#bytesUnderWay += asked.bytes;
      this.#try(number, asked);
    }
  }

  #try(number: number, asked: Asked): void {
    const patience = PATIENCE[asked.tries];
    if (patience === undefined) {
      this.#finish(number, asked);
      asked.reject(new MailboxFault('no-answer'));
      this.#fill();
      return;
    }
    const transfer = (this.#bytesUnderWay / SLOWEST_BYTES_PER_SECOND) * SECOND;
    asked.tries += 1;
    asked.cancel = this.#clock.after((patience + Math.ceil(transfer)) as Millis, () => this.#try(number, asked));
    this.#link.send(asked.frame);
  }

  #finish(number: number, asked: Asked): void {
    asked.cancel();
    if (this.#asked.delete(number)) this.#bytesUnderWay -= asked.bytes;
  }
}
