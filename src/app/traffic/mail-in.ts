// Collects what waits at relay nodes: subscribes to the topics this device may read there, and remembers how far it got,
// with each message and in the same commit, so that nothing is skipped and little is read twice.

import { utf8, textOf, type Bytes } from '#core/bytes/bytes.ts';
import type { Batch, MailboxClient, Subscription } from '#core/mailbox/client.ts';
import type { EnvelopeId, TopicKey } from '#core/mailbox/topic-key.ts';
import type { Logger, RelayAddress, Rows } from '#core/ports.ts';
import type { Topic } from '#core/wire/envelope.ts';
import type { Disk } from '../disk.ts';
import type { EventQueue } from '../event-queue.ts';

/** A topic to be read at a relay node. */
export interface WantedTopic {
  readonly key: TopicKey;
  /** Handles one envelope's blob as part of an event. Absent where only beats are heard. */
  readonly onblob?: (blob: Bytes) => Promise<void>;
  readonly onbeat?: (beat: Bytes) => Promise<void>;
  /** The relay node knows of the subscription. */
  readonly onready?: () => Promise<void>;
  /** All that lay there has been handled; what comes from now on comes as it is left. */
  readonly onlevel?: () => Promise<void>;
  /** Nothing new comes to it: read once, not subscribed to. */
  readonly isPast?: boolean;
  /** What came is kept in memory only until it makes a whole: after a restart all of it is read again. */
  readonly isReadAnew?: boolean;
}

export interface MailInPorts {
  readonly queue: EventQueue;
  readonly disk: Disk;
  readonly logger: Logger;
  /** What to read at a relay node on its day. */
  readonly wanted: (relay: RelayAddress, day: number) => Promise<readonly WantedTopic[]>;
  /** Everything left at a relay node on former days was read, as of its day. */
  readonly caughtUp: (relay: RelayAddress, day: number) => void;
}

const CURSORS = 'cursor';
/** Topics of former days that are read at a time: what comes now is not to wait for all of them. */
const PAST_AT_ONCE = 8;

interface Reading {
  readonly client: MailboxClient;
  readonly active: Map<Topic, Subscription | 'pending' | 'read'>;
  /** Former days that are still to be read: after today was subscribed to. */
  readonly past: WantedTopic[];
  /** Former days that could not be read: they are tried again, and until then not everything was. */
  readonly failed: Set<Topic>;
  /** The relay node's day when it was last looked what is wanted there: the client's own may have gone on since. */
  day: number;
  subscribing: number;
  collecting: number;
}

export class MailIn {
  readonly #ports: MailInPorts;
  readonly #cursors = new Map<string, EnvelopeId>();
  readonly #readings = new Map<RelayAddress, Reading>();

  constructor(ports: MailInPorts) {
    this.#ports = ports;
  }

  async load(rows: Rows): Promise<void> {
    for (const row of await rows.list(CURSORS)) {
      const id = textOf(row.value);
      if (id !== undefined) this.#cursors.set(row.id, id as EnvelopeId);
    }
  }

  /** Brings the subscriptions at a relay node to what is wanted now. Part of an event. */
  async refresh(relay: RelayAddress, client: MailboxClient | undefined): Promise<void> {
    let reading = this.#readings.get(relay);
    if (client === undefined) {
      this.#readings.delete(relay);
      return;
    }
    if (reading?.client !== client) {
      reading = { client, active: new Map(), past: [], failed: new Set(), day: 0, subscribing: 0, collecting: 0 };
      this.#readings.set(relay, reading);
    }
    const { day } = client;
    const wanted = new Map((await this.#ports.wanted(relay, day)).map((topic) => [topic.key.topic, topic]));
    reading.day = day;
    for (const topic of reading.failed) if (!wanted.has(topic)) reading.failed.delete(topic);
    for (const [topic, subscription] of reading.active) {
      if (wanted.has(topic) || typeof subscription === 'string') continue;
      subscription.close();
      reading.active.delete(topic);
    }
    for (const [topic, want] of wanted) {
      if (reading.active.has(topic)) continue;
      if (want.isPast !== true) this.#subscribe(relay, reading, want);
      else {
        reading.active.set(topic, 'pending');
        reading.past.push(want);
      }
    }
    this.#goOn(relay, reading);
  }

  /** What comes now goes before what was left on former days. */
  #goOn(relay: RelayAddress, reading: Reading): void {
    if (this.#readings.get(relay) !== reading) return;
    if (reading.subscribing === 0) {
      for (const want of reading.past.splice(0, PAST_AT_ONCE - reading.collecting)) this.#collect(relay, reading, want);
    }
    const isReading = [...reading.active.values()].includes('pending') || reading.failed.size > 0;
    if (!isReading) this.#ports.caughtUp(relay, reading.day);
  }

  #collect(relay: RelayAddress, reading: Reading, want: WantedTopic): void {
    const { queue } = this.#ports;
    const { topic } = want.key;
    const name = `${relay}|${topic}`;
    reading.collecting++;
    const take = (batch: Batch): Promise<void> => queue.run(() => this.#take(name, want, batch));
    void reading.client.collect(want.key, this.#cursors.get(name), take).then(
      () =>
        queue.run(() => {
          reading.active.set(topic, 'read');
          reading.failed.delete(topic);
          reading.collecting--;
          this.#goOn(relay, reading);
        }),
      () =>
        queue.run(() => {
          reading.active.delete(topic);
          reading.failed.add(topic);
          reading.collecting--;
          this.#goOn(relay, reading);
        }),
    );
  }

  #subscribe(relay: RelayAddress, reading: Reading, want: WantedTopic): void {
    const { queue } = this.#ports;
    const { topic } = want.key;
    const name = `${relay}|${topic}`;
    reading.active.set(topic, 'pending');
    reading.subscribing++;
    const subscribed = reading.client.subscribe(want.key, {
      after: want.isReadAnew === true ? undefined : this.#cursors.get(name),
      isMuch: want.isReadAnew === true,
      ...(want.onblob === undefined ? {} : { onbatch: (batch) => queue.run(() => this.#take(name, want, batch)) }),
      ...(want.onlevel === undefined ? {} : { onlevel: () => void queue.run(() => want.onlevel?.()) }),
      ...(want.onbeat === undefined ? {} : { onbeat: (beat) => void queue.run(() => want.onbeat?.(beat)) }),
    });
    void subscribed.then(
      (subscription) =>
        queue.run(async () => {
          reading.active.set(topic, subscription);
          reading.subscribing--;
          this.#goOn(relay, reading);
          await want.onready?.();
        }),
      // The link ended or the relay refused: the next refresh tries again.
      () =>
        queue.run(() => {
          reading.active.delete(topic);
          reading.subscribing--;
          this.#goOn(relay, reading);
        }),
    );
  }

  async #take(name: string, want: WantedTopic, batch: Batch): Promise<void> {
    for (const envelope of batch.envelopes) {
      this.#ports.logger.count('mail', 'collected');
      await want.onblob?.(envelope.blob);
    }
    if (batch.cursor === undefined || want.isReadAnew === true) return;
    this.#cursors.set(name, batch.cursor);
    this.#ports.disk.put(CURSORS, name, utf8(batch.cursor));
  }
}
