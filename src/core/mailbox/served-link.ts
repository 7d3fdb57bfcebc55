// One link as the custodian sees it: what it has proven, what it is subscribed to, and how fast it is served.

import type { Bytes } from '../bytes/bytes.ts';
import type { Clock, Link, Logger, Millis, Random } from '../ports.ts';
import type { Envelope, Topic } from '../wire/envelope.ts';
import { WireError } from '../wire/wire-error.ts';
import { encodeMailboxAnswer, type MailboxAnswer } from './answer-frames.ts';
import { BURST_SECONDS, type CustodianLimits } from './custodian-limits.ts';
import { Pace } from './pace.ts';
import { decodeMailboxRequest, type MailboxRequest } from './request-frames.ts';

/** Topics whose proof is not checked again: a catch-up of hundreds of fetches concerns a few at a time. */
const REMEMBERED_PROOFS = 512;

export interface ServedLinkOptions {
  readonly limits: CustodianLimits;
  /** Serves one request to its end. */
  readonly serve: (request: MailboxRequest) => Promise<void>;
  readonly ended: () => void;
}

/** Decodes, paces and counts. Several requests are served at once: a slow disk holds up nothing else. */
export class ServedLink {
  readonly challenge: Bytes;
  readonly subscriptions = new Set<Topic>();
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #options: ServedLinkOptions;
  readonly #paces: { readonly requests: Pace; readonly bytes: Pace; readonly beats: Pace };
  readonly #proven = new Set<Topic>();
  readonly #timers = new Set<() => void>();
  #pushed = 0;
  #waiting = 0;
  #isClosed = false;

  constructor(link: Link, ports: { clock: Clock; random: Random; logger: Logger }, options: ServedLinkOptions) {
    this.#link = link;
    this.#clock = ports.clock;
    this.#logger = ports.logger;
    this.#options = options;
    this.challenge = ports.random.bytes(32);
    const pace = (perSecond: number): Pace => new Pace({ perSecond, burst: perSecond * BURST_SECONDS }, ports.clock);
    this.#paces = {
      requests: pace(options.limits.requestsPerSecond),
      bytes: pace(options.limits.depositBytesPerSecond),
      beats: pace(options.limits.beatsPerSecond),
    };
    link.onframe = (frame) => this.#receive(frame);
    link.onclose = () => {
      this.#end();
      options.ended();
    };
  }

  /** How many `mail` frames this link was sent, the ones it dropped included. */
  get pushed(): number {
    return this.#pushed;
  }

  send(answer: MailboxAnswer): void {
    this.sendFrame(encodeMailboxAnswer(answer));
  }

  sendFrame(frame: Bytes): void {
    if (!this.#isClosed) this.#link.send(frame);
  }

  push(encoded: Bytes, envelope: Envelope): void {
    this.#pushed += 1;
    this.send({ is: 'mail', number: this.#pushed, encoded, envelope });
  }

  hasProven(topic: Topic): boolean {
    return this.#proven.has(topic);
  }

  remember(topic: Topic): void {
    // Proving once more costs one signature check; memory must not grow with what a link asks for.
    if (this.#proven.size >= REMEMBERED_PROOFS) this.#proven.clear();
    this.#proven.add(topic);
  }

  close(): void {
    this.#end();
    this.#link.close();
  }

  #end(): void {
    this.#isClosed = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  #receive(frame: Bytes): void {
    if (this.#isClosed) return;
    let request: MailboxRequest;
    try {
      request = decodeMailboxRequest(frame);
    } catch (fault) {
      // Damaged on the way, or from a newer app: as good as lost.
      if (fault instanceof WireError) return this.#logger.count('custodian', 'unreadable');
      throw fault;
    }
    const delay = this.#delayOf(request);
    if (request.is === 'publish' && delay > 0) return; // a late beat says nothing; the next one will
    if (this.#waiting >= this.#options.limits.waitingPerLink) return;
    this.#waiting += 1;
    if (delay === 0) void this.#run(request);
    else this.#later(delay, () => void this.#run(request));
  }

  #delayOf(request: MailboxRequest): Millis {
    const { requests, bytes, beats } = this.#paces;
    const delay = requests.take(1);
    if (request.is === 'publish') return Math.max(delay, beats.take(1)) as Millis;
    if (request.is === 'deposit') return Math.max(delay, bytes.take(request.encoded.length)) as Millis;
    return delay;
  }

  #later(delay: Millis, wake: () => void): void {
    const cancel = this.#clock.after(delay, () => {
      this.#timers.delete(cancel);
      wake();
    });
    this.#timers.add(cancel);
  }

  async #run(request: MailboxRequest): Promise<void> {
    try {
      await this.#options.serve(request);
    } catch {
      // A store that cannot be read gives no answer; the app asks again, and /healthz tells the operator.
      this.#logger.count('custodian', 'failed');
    } finally {
      this.#waiting -= 1;
    }
  }
}
