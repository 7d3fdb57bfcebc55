// A mail store without a disk: for the simulator, for tests, and as the plainest statement of what a store does.

import type { Bytes } from '../bytes/bytes.ts';
import type { Topic } from '../wire/envelope.ts';
import type { MailStore, StoredEntry, StoredEnvelope, Usage } from './store.ts';
import type { EnvelopeId } from './topic-key.ts';

const NOTHING: Usage = { envelopes: 0, bytes: 0 };

/** Insertion order of the inner maps is the order of a topic. */
export class MemoryMailStore implements MailStore {
  readonly #topics = new Map<Topic, Map<EnvelopeId, StoredEnvelope>>();

  append(envelope: StoredEnvelope): Promise<boolean> {
    let kept = this.#topics.get(envelope.topic);
    if (kept === undefined) this.#topics.set(envelope.topic, (kept = new Map()));
    const isNew = !kept.has(envelope.id);
    if (isNew) kept.set(envelope.id, envelope);
    return Promise.resolve(isNew);
  }

  has(topic: Topic, id: EnvelopeId): Promise<boolean> {
    return Promise.resolve(this.#topics.get(topic)?.has(id) ?? false);
  }

  list(topic: Topic, after: EnvelopeId | undefined, bytes: number): Promise<readonly StoredEntry[]> {
    const kept = [...(this.#topics.get(topic)?.values() ?? [])];
    const start = after === undefined ? 0 : kept.findIndex(({ id }) => id === after) + 1;
    const entries: StoredEntry[] = [];
    let listed = 0;
    for (const { id, encoded } of kept.slice(start)) {
      if (listed >= bytes) break;
      entries.push({ id, length: encoded.length });
      listed += encoded.length;
    }
    return Promise.resolve(entries);
  }

  read(topic: Topic, id: EnvelopeId): Promise<Bytes | undefined> {
    return Promise.resolve(this.#topics.get(topic)?.get(id)?.encoded);
  }

  expire(day: number): Promise<number> {
    let expired = 0;
    for (const [topic, kept] of this.#topics) {
      for (const [id, envelope] of kept) {
        if (envelope.expiryDay < day && kept.delete(id)) expired++;
      }
      if (kept.size === 0) this.#topics.delete(topic);
    }
    return Promise.resolve(expired);
  }

  usage(): Promise<Usage> {
    let usage = NOTHING;
    for (const kept of this.#topics.values()) usage = sum(usage, usageOf(kept));
    return Promise.resolve(usage);
  }

  topicUsage(topic: Topic): Promise<Usage> {
    const kept = this.#topics.get(topic);
    return Promise.resolve(kept === undefined ? NOTHING : usageOf(kept));
  }
}

function usageOf(kept: ReadonlyMap<EnvelopeId, StoredEnvelope>): Usage {
  let bytes = 0;
  for (const { encoded } of kept.values()) bytes += encoded.length;
  return { envelopes: kept.size, bytes };
}

function sum(a: Usage, b: Usage): Usage {
  return { envelopes: a.envelopes + b.envelopes, bytes: a.bytes + b.bytes };
}
