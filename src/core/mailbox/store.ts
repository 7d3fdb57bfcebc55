// What a custodian needs of a disk, as an interface: sqlite in the relay node, memory in the simulator.

import type { Bytes } from '../bytes/bytes.ts';
import type { Topic } from '../wire/envelope.ts';
import type { EnvelopeId } from './topic-key.ts';

/** One envelope as it is kept. */
export interface StoredEnvelope {
  readonly topic: Topic;
  readonly id: EnvelopeId;
  readonly expiryDay: number;
  /** Encoded, as it came. */
  readonly encoded: Bytes;
}

export interface StoredEntry {
  readonly id: EnvelopeId;
  /** Length of the encoded envelope. */
  readonly length: number;
}

export interface Usage {
  readonly envelopes: number;
  readonly bytes: number;
}

/** The disk did not take an envelope: `full` when there is no room, `broken` for anything else. */
export class MailStoreFault extends Error {
  override readonly name = 'MailStoreFault';
  readonly fault: 'full' | 'broken';
  constructor(fault: 'full' | 'broken', cause?: unknown) {
    super(`mail store: ${fault}`, cause === undefined ? undefined : { cause });
    this.fault = fault;
  }
}

/**
 * Envelopes in the order they came, topic by topic. Of one id only the first is kept. Nothing is taken away but by
 * expiry (and by a scrub that finds damage), so what follows an envelope in its topic stays what it was.
 */
export interface MailStore {
  /**
   * Resolves when the envelope is on disk and will be found after a power cut; says whether it was new. Rejects with
   * `MailStoreFault`.
   */
  append(envelope: StoredEnvelope): Promise<boolean>;
  /** Whether an envelope of this topic is already kept. */
  has(topic: Topic, id: EnvelopeId): Promise<boolean>;
  /**
   * What follows `after` in a topic, oldest first, until the lengths add up to `bytes`. From the beginning when
   * `after` is undefined or not kept (expired, or the store is an older copy of itself).
   */
  list(topic: Topic, after: EnvelopeId | undefined, bytes: number): Promise<readonly StoredEntry[]>;
  /** The encoded envelope, or `undefined` where it is gone meanwhile. */
  read(topic: Topic, id: EnvelopeId): Promise<Bytes | undefined>;
  /** Drops all envelopes whose expiry day lies before `day`; says how many. */
  expire(day: number): Promise<number>;
  usage(): Promise<Usage>;
  topicUsage(topic: Topic): Promise<Usage>;
}
