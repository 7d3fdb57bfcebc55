// What every mail store must do. The one in memory and the one on sqlite both run it.

import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { hex, type Bytes } from '#core/bytes/bytes.ts';
import { MemoryMailStore } from '#core/mailbox/memory-store.ts';
import type { MailStore, StoredEnvelope } from '#core/mailbox/store.ts';
import { envelopeIdOf, type EnvelopeId } from '#core/mailbox/topic-key.ts';
import type { Topic } from '#core/wire/envelope.ts';

export interface StoreUnderTest {
  /** An empty store. */
  fresh(): Promise<MailStore>;
  close(store: MailStore): Promise<void>;
  /** How many random histories it can afford. */
  readonly histories: number;
}

const TOPICS = 4;
/** The shortest bytes that a store may take for an envelope. */
const SIZE = 110;

const topic = (number: number): Topic => hex.encode(new Uint8Array(32).fill(number)) as Topic;

/** A store may check that what it gives back is what the id names, so ids are real. */
function stored(number: number, of: { topic: number; day?: number; length?: number }): StoredEnvelope {
  const encoded: Bytes = new Uint8Array(of.length ?? SIZE).fill(number + 1);
  return { topic: topic(of.topic), id: envelopeIdOf(encoded), expiryDay: of.day ?? 5, encoded };
}

const id = (number: number, length = SIZE): EnvelopeId => stored(number, { topic: 0, length }).id;

export function mailStoreSuite(what: string, under: StoreUnderTest): void {
  describe(`a mail store (${what})`, () => {
    let open: MailStore | undefined;
    const fresh = async (): Promise<MailStore> => (open = await under.fresh());
    afterEach(async () => {
      if (open !== undefined) await under.close(open);
      open = undefined;
    });

    test('keeps what it was given, topic by topic, in the order it came', async () => {
      const store = await fresh();
      for (const number of [3, 1, 2]) expect(await store.append(stored(number, { topic: 1 }))).toBe(true);
      await store.append(stored(9, { topic: 2 }));
      expect((await store.list(topic(1), undefined, 1000)).map((entry) => entry.id)).toEqual([id(3), id(1), id(2)]);
      expect(await store.read(topic(1), id(1))).toEqual(stored(1, { topic: 1 }).encoded);
      expect(await store.read(topic(2), id(1))).toBeUndefined();
      expect(await store.has(topic(2), id(9))).toBe(true);
      expect(await store.has(topic(1), id(9))).toBe(false);
    });

    test('takes the same envelope once', async () => {
      const store = await fresh();
      const both = await Promise.all([1, 1].map((number) => store.append(stored(number, { topic: 1 }))));
      expect(both.sort()).toEqual([false, true]);
      expect(await store.append(stored(1, { topic: 1 }))).toBe(false);
      expect(await store.usage()).toEqual({ envelopes: 1, bytes: SIZE });
    });

    test('lists after an envelope, from the start after one it does not know, and no more than asked', async () => {
      const store = await fresh();
      for (const number of [1, 2, 3, 4]) await store.append(stored(number, { topic: 1, length: 200 }));
      expect((await store.list(topic(1), id(2, 200), 1000)).map((entry) => entry.id)).toEqual([id(3, 200), id(4, 200)]);
      expect((await store.list(topic(1), id(8), 1000)).map((entry) => entry.id)).toHaveLength(4);
      expect(await store.list(topic(1), undefined, 201)).toEqual([
        { id: id(1, 200), length: 200 },
        { id: id(2, 200), length: 200 },
      ]);
    });

    test('drops what is past its day and nothing else, and counts what is left', async () => {
      const store = await fresh();
      await store.append(stored(1, { topic: 1, day: 4 }));
      await store.append(stored(2, { topic: 1, day: 5 }));
      await store.append(stored(3, { topic: 2, day: 4, length: 170 }));
      expect(await store.expire(5)).toBe(2);
      expect((await store.list(topic(1), undefined, 1000)).map((entry) => entry.id)).toEqual([id(2)]);
      expect(await store.usage()).toEqual({ envelopes: 1, bytes: SIZE });
      expect(await store.topicUsage(topic(1))).toEqual({ envelopes: 1, bytes: SIZE });
      expect(await store.topicUsage(topic(2))).toEqual({ envelopes: 0, bytes: 0 });
    });

    test('law: whatever is done to it, it answers like the plain one', async () => {
      const number = fc.integer({ min: 0, max: 12 });
      const which = fc.integer({ min: 0, max: TOPICS - 1 });
      const act = fc.oneof(
        fc.record({ do: fc.constant('append' as const), number, day: fc.integer({ min: 1, max: 6 }) }),
        fc.record({ do: fc.constant('expire' as const), day: fc.integer({ min: 1, max: 6 }) }),
        fc.record({ do: fc.constant('list' as const), which, number, bytes: fc.integer({ min: 0, max: 6 * SIZE }) }),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(act, { maxLength: 30 }), async (acts) => {
          const model = new MemoryMailStore();
          const store = await under.fresh();
          try {
            for (const each of acts) {
              if (each.do === 'append') {
                // An id belongs to one topic: it hashes the topic too.
                const envelope = stored(each.number, { topic: each.number % TOPICS, day: each.day });
                expect(await store.append(envelope)).toBe(await model.append(envelope));
              } else if (each.do === 'expire') {
                expect(await store.expire(each.day)).toBe(await model.expire(each.day));
              } else {
                const asked = [topic(each.which), id(each.number), each.bytes] as const;
                expect(await store.list(...asked)).toEqual(await model.list(...asked));
              }
            }
            expect(await store.usage()).toEqual(await model.usage());
          } finally {
            await under.close(store);
          }
        }),
        { numRuns: under.histories },
      );
    }, 60_000);
  });
}
