// What is taken in: signed by its topic, for a day soon enough, within the quotas, and durable before it is said.

import type { Bytes } from '../bytes/bytes.ts';
import type { Logger } from '../ports.ts';
import type { Envelope, Topic } from '../wire/envelope.ts';
import type { Outcome } from './answer-frames.ts';
import type { CustodianLimits } from './custodian-limits.ts';
import { ENVELOPE_TTL_DAYS } from './limits.ts';
import { MailStoreFault, type MailStore } from './store.ts';
import { envelopeIdOf, isSignedByTopic, type TopicCrypto } from './topic-key.ts';

/** One day more than the time to live: the app may have heard the day before it changed. */
const LATEST_DAYS = ENVELOPE_TTL_DAYS + 1;

export interface DepositPorts {
  readonly store: MailStore;
  readonly suite: TopicCrypto;
  readonly logger: Logger;
}

interface Reserved {
  envelopes: number;
  bytes: number;
}

/** Takes envelopes for the custodian. Holds what is on its way to the disk, so that quotas count it already. */
export class Deposits {
  readonly #ports: DepositPorts;
  readonly #limits: CustodianLimits;
  readonly #underWay = new Map<Topic, Reserved>();
  #bytesUnderWay = 0;

  constructor(ports: DepositPorts, limits: CustodianLimits) {
    this.#ports = ports;
    this.#limits = limits;
  }

  /** `done` only when the store has it on disk. The same envelope again is `done` and not new. */
  async take(encoded: Bytes, envelope: Envelope, day: number): Promise<{ outcome: Outcome; isNew: boolean }> {
    const { store, suite, logger } = this.#ports;
    const { topic, expiryDay } = envelope;
    const refuse = (outcome: Outcome) => ({ outcome, isNew: false });
    if (expiryDay < day || expiryDay > day + LATEST_DAYS) return refuse('wrong-day');
    if (!(await isSignedByTopic(suite, encoded, envelope))) return refuse('not-signed');
    const id = envelopeIdOf(encoded);
    if (await store.has(topic, id)) return refuse('done');
    const full = await this.#reserve(topic, encoded.length);
    if (full !== undefined) return refuse(full);
    try {
      const isNew = await store.append({ topic, id, expiryDay, encoded });
      return { outcome: 'done', isNew };
    } catch (fault) {
      logger.count('custodian', 'not-stored');
      if (fault instanceof MailStoreFault) return refuse('relay-full');
      throw fault;
    } finally {
      this.#release(topic, encoded.length);
    }
  }

  async #reserve(topic: Topic, bytes: number): Promise<Outcome | undefined> {
    const [all, own] = await Promise.all([this.#ports.store.usage(), this.#ports.store.topicUsage(topic)]);
    // No waiting between looking at what is under way and adding to it.
    if (all.bytes + this.#bytesUnderWay + bytes > this.#limits.totalBytes) return 'relay-full';
    const underWay = this.#underWay.get(topic) ?? { envelopes: 0, bytes: 0 };
    if (own.bytes + underWay.bytes + bytes > this.#limits.topicBytes) return 'topic-full';
    if (own.envelopes + underWay.envelopes + 1 > this.#limits.topicEnvelopes) return 'topic-full';
    this.#underWay.set(topic, { envelopes: underWay.envelopes + 1, bytes: underWay.bytes + bytes });
    this.#bytesUnderWay += bytes;
    return undefined;
  }

  #release(topic: Topic, bytes: number): void {
    this.#bytesUnderWay -= bytes;
    const underWay = this.#underWay.get(topic)!;
    underWay.envelopes -= 1;
    underWay.bytes -= bytes;
    if (underWay.envelopes === 0) this.#underWay.delete(topic);
  }
}
