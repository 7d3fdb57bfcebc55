// The relay node's side of a mailbox: keeps sealed envelopes for a while and hands them to whoever can read the topic.
// It knows links and topics, never people, and writes nothing down but the envelopes (SPEC.md §6).

import { concat, type Bytes } from '../bytes/bytes.ts';
import type { Seed, SigningKey } from '../crypto/suite.ts';
import { DAY, HOUR, type Clock, type Link, type Logger, type Random } from '../ports.ts';
import type { Topic } from '../wire/envelope.ts';
import { ANSWER_ROOM, encodeMailboxAnswer, welcomeBytes, type Outcome } from './answer-frames.ts';
import { DEFAULT_LIMITS, type CustodianLimits } from './custodian-limits.ts';
import { Deposits } from './deposits.ts';
import { RECORD_OVERHEAD, recordHead } from './record-stream.ts';
import type { MailboxRequest } from './request-frames.ts';
import { ServedLink } from './served-link.ts';
import type { MailStore } from './store.ts';
import { isBeatSignedByTopic, mayRead, type TopicCrypto } from './topic-key.ts';

export interface CustodianPorts {
  readonly store: MailStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly suite: TopicCrypto;
  readonly logger: Logger;
}

/** How often an answer is cut anew when an envelope expired meanwhile. Expiry is once a day: twice is never. */
const CUT_ATTEMPTS = 3;

type Request<Is extends MailboxRequest['is']> = Extract<MailboxRequest, { is: Is }>;

/** Serves every link it is given, until `close`. */
export class Custodian {
  readonly #ports: CustodianPorts;
  readonly #limits: CustodianLimits;
  readonly #seed: Seed;
  readonly #relayKey: SigningKey;
  readonly #deposits: Deposits;
  readonly #links = new Set<ServedLink>();
  readonly #subscribers = new Map<Topic, Set<ServedLink>>();
  #subscriptions = 0;
  #expiredDay = 0;
  #cancelExpiry: (() => void) | undefined;
  #isClosed = false;

  private constructor(ports: CustodianPorts, seed: Seed, options: { key: SigningKey; limits: CustodianLimits }) {
    this.#ports = ports;
    this.#limits = options.limits;
    this.#seed = seed;
    this.#relayKey = options.key;
    this.#deposits = new Deposits(ports, options.limits);
  }

  /** `seed` is the relay node's own signing key: in the relay node that of its peer id. */
  static async open(ports: CustodianPorts, seed: Seed, limits: Partial<CustodianLimits> = {}): Promise<Custodian> {
    const key = await ports.suite.signingKeyOf(seed);
    const custodian = new Custodian(ports, seed, { key, limits: { ...DEFAULT_LIMITS, ...limits } });
    await custodian.#expire();
    return custodian;
  }

  /** Links served now. */
  get links(): number {
    return this.#links.size;
  }

  accept(link: Link): void {
    if (this.#isClosed) {
      link.close();
      return;
    }
    const served: ServedLink = new ServedLink(link, this.#ports, {
      limits: this.#limits,
      serve: (request) => this.#serve(served, request),
      ended: () => this.#forget(served),
    });
    this.#links.add(served);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelExpiry?.();
    for (const served of [...this.#links]) {
      this.#forget(served);
      served.close();
    }
  }

  /** Days since 1970 by the relay node's clock: what it announces, and expires by. */
  get #day(): number {
    return Math.floor(this.#ports.clock.now() / DAY);
  }

  async #expire(): Promise<void> {
    if (this.#isClosed) return;
    const day = this.#day;
    if (day !== this.#expiredDay) {
      this.#expiredDay = day;
      try {
        const expired = await this.#ports.store.expire(day);
        this.#ports.logger.count('custodian', 'expired', expired);
      } catch {
        this.#expiredDay = 0; // a full or broken disk: tried again in an hour, and nothing else depends on it
      }
    }
    if (!this.#isClosed) this.#cancelExpiry = this.#ports.clock.after(HOUR, () => void this.#expire());
  }

  #forget(served: ServedLink): void {
    this.#links.delete(served);
    for (const topic of served.subscriptions) this.#unsubscribe(served, topic);
  }

  async #serve(served: ServedLink, request: MailboxRequest): Promise<void> {
    const { number } = request;
    switch (request.is) {
      case 'hello':
        return this.#welcome(served, request);
      case 'ping':
        return served.send({ is: 'pong', number, day: this.#day, pushed: served.pushed });
      case 'deposit':
        return this.#deposit(served, request);
      case 'fetch':
        return this.#fetch(served, request);
      case 'subscribe':
        return served.send({ is: 'outcome', number, outcome: await this.#subscribe(served, request) });
      case 'unsubscribe':
        this.#unsubscribe(served, request.topic);
        return served.send({ is: 'outcome', number, outcome: 'done' });
      case 'publish':
        return this.#publish(served, request);
    }
  }

  async #welcome(served: ServedLink, request: Request<'hello'>): Promise<void> {
    const day = this.#day;
    const { challenge } = served;
    const said = welcomeBytes(request.nonce, challenge, day);
    const signature = await this.#ports.suite.sign('mailboxHello', said, this.#seed);
    served.send({ is: 'welcome', number: request.number, relayKey: this.#relayKey, challenge, day, signature });
  }

  async #deposit(served: ServedLink, request: Request<'deposit'>): Promise<void> {
    const { outcome, isNew } = await this.#deposits.take(request.encoded, request.envelope, this.#day);
    served.send({ is: 'outcome', number: request.number, outcome });
    if (!isNew) return;
    for (const subscriber of this.#subscribers.get(request.envelope.topic) ?? []) {
      if (subscriber !== served) subscriber.push(request.encoded, request.envelope);
    }
  }

  /** One proof per link and topic: the challenge is the link's, so what was shown once holds while it lasts. */
  async #mayRead(served: ServedLink, topic: Topic, signature: Bytes): Promise<boolean> {
    if (served.hasProven(topic)) return true;
    const to = { relayKey: this.#relayKey, challenge: served.challenge };
    if (!(await mayRead(this.#ports.suite, topic, { signature, to }))) return false;
    served.remember(topic);
    return true;
  }

  async #fetch(served: ServedLink, request: Request<'fetch'>): Promise<void> {
    const { number } = request;
    if (!(await this.#mayRead(served, request.topic, request.proof))) {
      return served.send({ is: 'outcome', number, outcome: 'not-signed' });
    }
    for (let attempt = 0; attempt < CUT_ATTEMPTS; attempt++) {
      const real = await this.#cut(request);
      if (real === undefined) continue;
      return served.send({ is: 'cells', number, day: this.#day, more: real.more, real: real.bytes });
    }
  }

  /**
   * Bytes [offset, offset + room) of the stream that follows the cursor; `undefined` when an envelope went (expired, or
   * found damaged) between listing and reading, so that the pieces would not fit together.
   */
  async #cut({ topic, after, offset }: Request<'fetch'>): Promise<{ bytes: Bytes; more: boolean } | undefined> {
    const { store } = this.#ports;
    const end = offset + ANSWER_ROOM;
    const pieces: Uint8Array[] = [];
    let at = 0;
    for (const entry of await store.list(topic, after, end + 1)) {
      const from = at;
      at += RECORD_OVERHEAD + entry.length;
      if (at <= offset || from >= end) continue;
      const encoded = await store.read(topic, entry.id);
      if (encoded?.length !== entry.length) return undefined;
      const record = concat(recordHead(entry.id, entry.length), encoded);
      pieces.push(record.subarray(Math.max(0, offset - from), Math.min(record.length, end - from)));
    }
    return { bytes: concat(...pieces), more: at > end };
  }

  async #subscribe(served: ServedLink, request: Request<'subscribe'>): Promise<Outcome> {
    const { topic } = request;
    if (!(await this.#mayRead(served, topic, request.proof))) return 'not-signed';
    if (!this.#links.has(served)) return 'too-many'; // ended while the proof was checked: nobody is left to tell
    if (served.subscriptions.has(topic)) return 'done';
    const { subscriptionsPerLink, subscriptionsInAll } = this.#limits;
    if (served.subscriptions.size >= subscriptionsPerLink) return 'too-many';
    if (this.#subscriptions >= subscriptionsInAll) return 'too-many';
    this.#subscriptions += 1;
    served.subscriptions.add(topic);
    const subscribers = this.#subscribers.get(topic) ?? new Set();
    this.#subscribers.set(topic, subscribers.add(served));
    return 'done';
  }

  #unsubscribe(served: ServedLink, topic: Topic): void {
    if (!served.subscriptions.delete(topic)) return;
    this.#subscriptions -= 1;
    const subscribers = this.#subscribers.get(topic)!;
    subscribers.delete(served);
    if (subscribers.size === 0) this.#subscribers.delete(topic);
  }

  async #publish(served: ServedLink, { topic, signature, beat }: Request<'publish'>): Promise<void> {
    const subscribers = this.#subscribers.get(topic);
    if (subscribers === undefined) return;
    if (!(await isBeatSignedByTopic(this.#ports.suite, { topic, beat, signature }))) return;
    const frame = encodeMailboxAnswer({ is: 'beat', number: 0, topic, beat });
    for (const subscriber of subscribers) if (subscriber !== served) subscriber.sendFrame(frame);
  }
}
