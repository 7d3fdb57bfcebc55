// The custodian against a model so small that one can see it is right: topics as lists, expiry by day, two quotas.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY } from '#core/ports.ts';
import { encodeEnvelope, type Envelope } from '#core/wire/envelope.ts';
import { MailboxWorld } from '#tests/suites/mailbox-world.ts';
import type { MailboxClient } from './client.ts';
import { envelopeIdOf, type EnvelopeId, type TopicKey } from './topic-key.ts';

const TOPIC_ENVELOPES = 6;
const TOTAL_BYTES = 14 * 613;

class Model {
  readonly #topics = new Map<string, Envelope[]>();

  deposit(envelope: Envelope): string {
    const kept = this.of(envelope.topic);
    if (kept.includes(envelope)) return 'stored';
    const all = [...this.#topics.values()].flat().length;
    if ((all + 1) * 613 > TOTAL_BYTES) return 'relay-full';
    if (kept.length + 1 > TOPIC_ENVELOPES) return 'topic-full';
    this.#topics.set(envelope.topic, [...kept, envelope]);
    return 'stored';
  }

  of(topic: string, after?: Envelope): Envelope[] {
    const kept = this.#topics.get(topic) ?? [];
    return after === undefined ? kept : kept.slice(kept.indexOf(after) + 1);
  }

  expire(day: number): void {
    for (const [topic, kept] of this.#topics) {
      this.#topics.set(
        topic,
        kept.filter(({ expiryDay }) => expiryDay >= day),
      );
    }
  }
}

type Act =
  | { readonly do: 'deposit'; readonly topic: number; readonly days: number }
  | { readonly do: 'deposit-again'; readonly which: number }
  | { readonly do: 'fetch'; readonly topic: number; readonly after: number }
  | { readonly do: 'pass-days'; readonly days: number }
  | { readonly do: 'restart' };

const topic = fc.nat(2);
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('deposit' as const), topic, days: fc.nat(14) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('deposit-again' as const), which: fc.nat(30) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('fetch' as const), topic, after: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pass-days' as const), days: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
);

/** A world and its model, side by side. */
class Both {
  readonly world: MailboxWorld;
  readonly #model = new Model();
  readonly #keys: readonly TopicKey[];
  readonly #made: Envelope[] = [];
  #app: MailboxClient;

  private constructor(world: MailboxWorld, keys: readonly TopicKey[], app: MailboxClient) {
    this.world = world;
    this.#keys = keys;
    this.#app = app;
  }

  static async start(): Promise<Both> {
    const world = await MailboxWorld.start({ limits: { topicEnvelopes: TOPIC_ENVELOPES, totalBytes: TOTAL_BYTES } });
    return new Both(world, await Promise.all([1, 2, 3].map((number) => world.key(number))), await world.app());
  }

  async perform(act: Act): Promise<void> {
    switch (act.do) {
      case 'deposit':
        this.#made.push(await this.world.envelope(this.#keys[act.topic]!, { days: act.days }));
        return this.#deposit(this.#made.at(-1)!);
      case 'deposit-again': {
        const envelope = this.#made[act.which % Math.max(1, this.#made.length)];
        if (envelope !== undefined && envelope.expiryDay >= this.#day) await this.#deposit(envelope);
        return;
      }
      case 'fetch':
        return this.#fetch(this.#keys[act.topic]!, act.after);
      case 'pass-days':
        this.#app.close(); // else its heartbeats fill the days
        await this.world.clock.pass(act.days * DAY);
        return this.#restart();
      case 'restart':
        return this.#restart();
    }
  }

  get #day(): number {
    return Math.floor(this.world.clock.now() / DAY);
  }

  async #deposit(envelope: Envelope): Promise<void> {
    expect(await this.world.during(this.#app.deposit(envelope))).toBe(this.#model.deposit(envelope));
  }

  async #fetch(key: TopicKey, position: number): Promise<void> {
    const after = this.#model.of(key.topic)[position];
    const cursor = after === undefined ? undefined : (envelopeIdOf(encodeEnvelope(after)) as EnvelopeId);
    const batch = await this.world.during(this.#app.fetch(key, cursor));
    expect(batch.envelopes).toEqual(this.#model.of(key.topic, after));
    expect(batch.more).toBe(false);
  }

  /** Expires at the start, like the relay node. */
  async #restart(): Promise<void> {
    await this.world.restart();
    this.#model.expire(this.#day);
    this.#app = await this.world.app();
  }
}

test('law: deposit, fetch, expire and restart do what a list per topic would do', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 40 }), async (acts) => {
      const both = await Both.start();
      for (const each of acts) await both.perform(each);
    }),
    { numRuns: 30 },
  );
}, 60_000);
