// The app's subscriptions on one link: pushes in order, and a fresh look whenever one of them may have been missed.

import type { Bytes } from '../bytes/bytes.ts';
import type { Envelope, Topic } from '../wire/envelope.ts';
import { type EnvelopeId, type TopicKey } from './topic-key.ts';
import type { Batch, TopicReader } from './topic-reader.ts';

export interface SubscribeOptions {
  /** Go on after this envelope; from the oldest kept when undefined. */
  readonly after?: EnvelopeId | undefined;
  /** More lies there than one answer holds, as far as one can tell. */
  readonly isMuch?: boolean;
  /** Stored and newly deposited envelopes. Without it nothing is fetched and only beats come. */
  readonly onbatch?: (batch: Batch) => void | Promise<void>;
  /** All that lay there was handed over, and nothing is known to have come since. */
  readonly onlevel?: () => void;
  /** Beats others publish on the topic: whoever holds the topic's key, or a lying relay node, made them. */
  readonly onbeat?: (beat: Bytes) => void;
}

/** Ends with `close`, or with the client. */
export interface Subscription {
  close(): void;
}

type MakeReader = (key: TopicKey, from: ConstructorParameters<typeof TopicReader>[1]) => TopicReader;

/**
 * One subscription. Invariant: nothing is missing before `#cursor`. A push moves it only while the subscription is
 * level, and was looked at since it stands; else pushes are left aside and one more look is taken instead.
 */
class Subscribed {
  readonly key: TopicKey;
  readonly #options: SubscribeOptions;
  readonly #makeReader: MakeReader;
  #cursor: EnvelopeId | undefined;
  /** `behind`: a look is due, but none is running (it failed; the next heartbeat tries again). */
  #state: 'behind' | 'catching-up' | 'level' = 'behind';
  #again = false;
  /** Something came during a look. */
  #isMore = false;
  /** Looked before the relay node knew of the subscription: what came in between was not pushed. */
  #isEarly = false;
  #isClosed = false;

  constructor(key: TopicKey, options: SubscribeOptions, makeReader: MakeReader) {
    this.key = key;
    this.#options = options;
    this.#makeReader = makeReader;
    this.#cursor = options.after;
  }

  get isBehind(): boolean {
    return this.#state === 'behind';
  }

  push(id: EnvelopeId, envelope: Envelope): void {
    if (this.#state !== 'level' || this.#isEarly) {
      this.#isMore = true;
      this.lookAgain();
      return;
    }
    this.#cursor = id;
    void this.#options.onbatch?.({ envelopes: [envelope], cursor: id, more: false });
  }

  beat(beat: Bytes): void {
    this.#options.onbeat?.(beat);
  }

  /** Fetches what follows the cursor, and looks again when something came meanwhile. */
  catchUp(): void {
    if (this.#options.onbatch === undefined || this.#isClosed) return;
    this.#again = true;
    if (this.#state !== 'catching-up') void this.#run();
  }

  /** As `catchUp`, for who does not wait until the relay node knows of the subscription; `lookAgain` is due after that. */
  lookEarly(): void {
    this.#isEarly = true;
    this.catchUp();
  }

  /** The relay node knows of the subscription. */
  lookAgain(): void {
    this.#isEarly = false;
    this.catchUp();
  }

  close(): void {
    this.#isClosed = true;
  }

  async #run(): Promise<void> {
    this.#state = 'catching-up';
    try {
      while (this.#again && !this.#isClosed) {
        this.#again = false;
        this.#isMore = false;
        await this.#readAll();
        if (!this.#isClosed && !this.#isMore) this.#options.onlevel?.();
      }
      this.#state = 'level';
    } catch {
      this.#state = 'behind'; // no answer: the heartbeat will find out whether the relay node is still there
    }
  }

  async #readAll(): Promise<void> {
    const { after, isMuch = false } = this.#options;
    const reader = this.#makeReader(this.key, { after: this.#cursor, isMuch: isMuch && this.#cursor === after });
    for (;;) {
      const batch = await reader.next();
      if (this.#isClosed) return;
      this.#cursor = batch.cursor;
      if (batch.envelopes.length > 0) await this.#options.onbatch!(batch);
      if (!batch.more) return;
    }
  }
}

/** All subscriptions of a link, with the count of pushes that shows a lost one. */
export class Subscriptions {
  readonly #byTopic = new Map<Topic, Subscribed>();
  readonly #makeReader: MakeReader;
  #nextPush = 1;

  constructor(makeReader: MakeReader) {
    this.#makeReader = makeReader;
  }

  add(key: TopicKey, options: SubscribeOptions): Subscribed {
    this.#byTopic.get(key.topic)?.close();
    const entry = new Subscribed(key, options, this.#makeReader);
    this.#byTopic.set(key.topic, entry);
    return entry;
  }

  /** Whether it was still the topic's subscription. */
  remove(entry: Subscribed): boolean {
    entry.close();
    return this.#byTopic.get(entry.key.topic) === entry && this.#byTopic.delete(entry.key.topic);
  }

  clear(): void {
    for (const entry of this.#byTopic.values()) entry.close();
    this.#byTopic.clear();
  }

  /** The relay node pushed an envelope, its `number`th on this link. */
  push(number: number, id: EnvelopeId, envelope: Envelope): void {
    if (number < this.#nextPush) return; // doubled or late: the look that its gap caused brings it
    const isGap = number > this.#nextPush;
    this.#nextPush = number + 1;
    if (isGap) this.#lookAgain();
    else this.#byTopic.get(envelope.topic)?.push(id, envelope);
  }

  beat(topic: Topic, beat: Bytes): void {
    this.#byTopic.get(topic)?.beat(beat);
  }

  /** The relay node says how many it pushed. Which subscription a missing one belonged to nobody knows. */
  compare(pushed: number): void {
    if (pushed >= this.#nextPush) {
      this.#nextPush = pushed + 1;
      this.#lookAgain();
      return;
    }
    for (const entry of this.#byTopic.values()) if (entry.isBehind) entry.catchUp();
  }

  #lookAgain(): void {
    for (const entry of this.#byTopic.values()) entry.catchUp();
  }
}
