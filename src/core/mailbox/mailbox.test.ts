// Custodian and client against each other, over links that work and links that do not.

import { describe, expect, test } from 'vitest';
import type { Bytes } from '#core/bytes/bytes.ts';
import { DAY, MINUTE, SECOND } from '#core/ports.ts';
import type { Envelope } from '#core/wire/envelope.ts';
import { cheapSuite, dice, MailboxWorld, NO_FAULTS, settle } from '#tests/suites/mailbox-world.ts';
import { MailboxFault, type MailboxClient } from './client.ts';
import { ANSWER_BYTES } from './limits.ts';
import { MemoryMailStore } from './memory-store.ts';
import { decodeMailboxRequest } from './request-frames.ts';
import { MailStoreFault } from './store.ts';
import { makeEnvelope, type EnvelopeId, type TopicKey } from './topic-key.ts';

const blobs = (envelopes: readonly Envelope[]): Bytes[] => envelopes.map(({ blob }) => blob);

async function everything(world: MailboxWorld, app: MailboxClient, key: TopicKey): Promise<Envelope[]> {
  const found: Envelope[] = [];
  await world.during(app.collect(key, undefined, (batch) => void found.push(...batch.envelopes)));
  return found;
}

/** As the session does: what got no answer is deposited again. */
async function persistently(app: MailboxClient, envelope: Envelope): Promise<string> {
  for (;;) {
    try {
      return await app.deposit(envelope);
    } catch (fault) {
      if (!(fault instanceof MailboxFault) || fault.fault !== 'no-answer') throw fault;
    }
  }
}

describe('a mailbox', () => {
  test('P04 P08: what one app leaves, another collects later, in order, as often as it likes', async () => {
    const world = await MailboxWorld.start();
    const key = await world.key(1);
    const writer = await world.app();
    const left = [await world.envelope(key), await world.envelope(key, { size: 2048 })];
    for (const envelope of left) expect(await world.during(writer.deposit(envelope))).toBe('stored');
    writer.close();

    const reader = await world.app();
    const batch = await world.during(reader.fetch(key));
    expect(batch).toMatchObject({ more: false, envelopes: left });
    expect(await everything(world, reader, key)).toEqual(left);
    expect((await world.during(reader.fetch(key, batch.cursor))).envelopes).toEqual([]);
  });

  test('carries envelopes of every size, also those larger than an answer', async () => {
    const world = await MailboxWorld.start();
    const key = await world.key(1);
    const app = await world.app();
    const left: Envelope[] = [];
    for (const size of [512, 131_072, 32_768, 512, 8192, 131_072, 131_072, 512, 2048, 131_072]) {
      const envelope = await world.envelope(key, { size });
      left.push(envelope);
      expect(await world.during(app.deposit(envelope))).toBe('stored');
    }
    expect(await everything(world, app, key)).toEqual(left);
    const first = await world.during(app.fetch(key));
    expect(first).toMatchObject({ more: true, envelopes: left.slice(0, 1) });
    const second = await world.during(app.fetch(key, first.cursor));
    expect(second.envelopes[0]).toEqual(left[1]);
  });

  test('4: a look into an empty mailbox and into a full one have the same count and size of frames', async () => {
    const world = await MailboxWorld.start();
    const empty = await world.key(1);
    const full = await world.key(2);
    const depositor = await world.app();
    for (let i = 0; i < 20; i++) await world.during(depositor.deposit(await world.envelope(full)));
    const shapeOf = async (key: TopicKey): Promise<{ up: number[]; down: number[] }> => {
      const pair = world.link();
      const app = await world.app(pair);
      const [upBefore, downBefore] = [pair.ends[0].sent.length, pair.ends[1].sent.length];
      await world.during(app.fetch(key));
      const up = pair.ends[0].sent.slice(upBefore).map((frame) => frame.length);
      return { up, down: pair.ends[1].sent.slice(downBefore).map((frame) => frame.length) };
    };
    expect(await shapeOf(full)).toEqual(await shapeOf(empty));
    expect((await shapeOf(empty)).down).toEqual([ANSWER_BYTES]);
  });

  test('gives nothing to who cannot prove that the topic is theirs, nor on another link', async () => {
    const world = await MailboxWorld.start();
    const key = await world.key(1);
    const other = await world.key(2);
    const app = await world.app();
    await world.during(app.deposit(await world.envelope(key)));
    const thief = await world.app();
    const stolen = { topic: key.topic, seed: other.seed };
    await expect(world.during(thief.fetch(stolen))).rejects.toMatchObject({ fault: 'refused' });
    await expect(world.during(thief.subscribe(stolen, { onbatch: () => {} }))).rejects.toMatchObject({
      fault: 'refused',
    });
  });

  test('refuses what the topic did not sign, what is for no sensible day, and takes the same thing once', async () => {
    const world = await MailboxWorld.start();
    const key = await world.key(1);
    const app = await world.app();
    const good = await world.envelope(key);
    const forged = { ...good, expiryDay: good.expiryDay - 1 };
    expect(await world.during(app.deposit(forged))).toBe('not-signed');
    expect(await world.during(app.deposit(await world.envelope(key, { days: -1 })))).toBe('wrong-day');
    expect(await world.during(app.deposit(await world.envelope(key, { days: 16 })))).toBe('wrong-day');
    expect(await world.during(Promise.all([app.deposit(good), app.deposit(good)]))).toEqual(['stored', 'stored']);
    expect(await everything(world, app, key)).toEqual([good]);
  });

  test('takes only blobs that fill a bucket', async () => {
    const world = await MailboxWorld.start();
    const content = { blob: new Uint8Array(513), expiryDay: 20_001 };
    await expect(makeEnvelope(cheapSuite, await world.key(1), content)).rejects.toMatchObject({ fault: 'bad-field' });
  });

  test('forgets by day only', async () => {
    const world = await MailboxWorld.start();
    const key = await world.key(1);
    const days: number[] = [];
    const app = await world.app();
    app.onday = (day) => days.push(day);
    const short = await world.envelope(key, { days: 0 });
    const long = await world.envelope(key, { days: 14 });
    for (const envelope of [short, long]) await world.during(app.deposit(envelope));
    await world.clock.pass(DAY + 90 * MINUTE);
    expect(await everything(world, app, key)).toEqual([long]);
    expect(days).toEqual([20_001]);
    await world.clock.pass(14 * DAY);
    expect(await everything(world, app, key)).toEqual([]);
  });

  test('starts again from the oldest when the cursor is gone or the relay node lost its disk', async () => {
    const world = await MailboxWorld.start();
    const key = await world.key(1);
    const app = await world.app();
    const envelope = await world.envelope(key);
    await world.during(app.deposit(envelope));
    const unknown = 'ab'.repeat(32) as EnvelopeId;
    expect((await world.during(app.fetch(key, unknown))).envelopes).toEqual([envelope]);
  });
});

describe('quotas', () => {
  test('a full topic and a full relay node say so, and go on serving the others', async () => {
    const world = await MailboxWorld.start({ limits: { topicEnvelopes: 2, totalBytes: 613 * 3 } });
    const [a, b] = [await world.key(1), await world.key(2)];
    const app = await world.app();
    const deposit = async (key: TopicKey): Promise<string> => world.during(app.deposit(await world.envelope(key)));
    expect([await deposit(a), await deposit(a), await deposit(a)]).toEqual(['stored', 'stored', 'topic-full']);
    expect([await deposit(b), await deposit(b)]).toEqual(['stored', 'relay-full']);
    expect(await everything(world, app, a)).toHaveLength(2);
  });

  test('a burst of deposits does not slip past the quota', async () => {
    const world = await MailboxWorld.start({ limits: { topicEnvelopes: 5 } });
    const key = await world.key(1);
    const app = await world.app();
    const many = await Promise.all(Array.from({ length: 20 }, () => world.envelope(key)));
    const answers = await world.during(Promise.all(many.map((envelope) => app.deposit(envelope))));
    expect(answers.filter((answer) => answer === 'stored')).toHaveLength(5);
    expect(answers.filter((answer) => answer === 'topic-full')).toHaveLength(15);
  });

  test('a disk that fails is a refusal, and the custodian stays up', async () => {
    class FullDisk extends MemoryMailStore {
      isFull = true;
      override append(envelope: Parameters<MemoryMailStore['append']>[0]): Promise<boolean> {
        return this.isFull ? Promise.reject(new MailStoreFault('full')) : super.append(envelope);
      }
    }
    const store = new FullDisk();
    const world = await MailboxWorld.start({ store });
    const key = await world.key(1);
    const app = await world.app();
    const envelope = await world.envelope(key);
    expect(await world.during(app.deposit(envelope))).toBe('relay-full');
    store.isFull = false;
    expect(await world.during(app.deposit(envelope))).toBe('stored');
  });

  test('an impatient link waits its turn, and nobody else does', async () => {
    const world = await MailboxWorld.start({ limits: { requestsPerSecond: 5 } });
    const key = await world.key(1);
    const hasty = await world.app();
    const calm = await world.app();
    const started = world.clock.now();
    const many = await Promise.all(Array.from({ length: 40 }, () => world.envelope(key)));
    const flood = Promise.all(many.map((envelope) => hasty.deposit(envelope)));
    await world.during(calm.deposit(await world.envelope(key)));
    expect(world.clock.now() - started).toBeLessThan(SECOND);
    expect(new Set(await world.during(flood))).toEqual(new Set(['stored']));
    expect(world.clock.now() - started).toBeGreaterThan(3 * SECOND);
  });
});

describe('subscriptions', () => {
  test('bring what lay there and then what comes, once and in order', async () => {
    const world = await MailboxWorld.start();
    const key = await world.key(1);
    const writer = await world.app();
    const reader = await world.app();
    const left = await Promise.all(Array.from({ length: 6 }, () => world.envelope(key)));
    for (const envelope of left.slice(0, 3)) await world.during(writer.deposit(envelope));
    const got: Envelope[] = [];
    const cursors: (string | undefined)[] = [];
    const level: number[] = [];
    const subscribing = reader.subscribe(key, {
      onlevel: () => level.push(got.length),
      onbatch: (batch) => {
        got.push(...batch.envelopes);
        cursors.push(batch.cursor);
      },
    });
    const subscription = await world.during(subscribing);
    for (const envelope of left.slice(3)) await world.during(writer.deposit(envelope));
    await world.clock.pass(SECOND);
    expect(blobs(got)).toEqual(blobs(left));
    expect(level).toEqual([3]);
    expect((await world.during(reader.fetch(key, cursors.at(-1) as EnvelopeId))).envelopes).toEqual([]);

    subscription.close();
    await world.clock.pass(SECOND);
    await world.during(writer.deposit(await world.envelope(key)));
    await world.clock.pass(MINUTE);
    expect(got).toHaveLength(6);
  });

  test('who waits for what surely lies there has it before the subscription is answered, and misses nothing', async () => {
    const world = await MailboxWorld.start();
    const key = await world.key(1);
    const writer = await world.app();
    const left = [await world.envelope(key), await world.envelope(key)];
    await world.during(writer.deposit(left[0]!));
    const pair = world.link();
    const reader = await world.app(pair);
    const before = pair.ends[0].sent.length;
    const got: Envelope[] = [];
    const subscribing = reader.subscribe(key, { isMuch: true, onbatch: (batch) => void got.push(...batch.envelopes) });
    const depositing = writer.deposit(left[1]!);
    await settle();
    // Asked for in one breath: the subscription and the first look.
    expect(pair.ends[0].sent.length - before).toBeGreaterThan(1);
    await world.during(Promise.all([subscribing, depositing]));
    await world.clock.pass(SECOND);
    expect(blobs(got)).toEqual(blobs(left));
  });

  test('who looks before the relay node knows of the subscription misses nothing that came in between', async () => {
    const world = await MailboxWorld.start();
    const key = await world.key(1);
    const writer = await world.app();
    const left = await Promise.all(Array.from({ length: 3 }, () => world.envelope(key)));
    await world.during(writer.deposit(left[0]!));
    const pair = world.link();
    const reader = await world.app(pair);
    const [near] = pair.ends;
    const carry = near.send.bind(near);
    let lost = 0;
    near.send = (frame) => (decodeMailboxRequest(frame).is === 'subscribe' && lost++ === 0) || carry(frame);
    const got: Envelope[] = [];
    const subscribing = reader.subscribe(key, { isMuch: true, onbatch: (batch) => void got.push(...batch.envelopes) });
    await world.clock.pass(SECOND);
    expect([lost, blobs(got)]).toEqual([1, blobs(left.slice(0, 1))]);
    await world.during(writer.deposit(left[1]!));
    await world.during(subscribing);
    // Pushed; what came before it was not.
    await world.during(writer.deposit(left[2]!));
    await world.clock.pass(100);
    expect(blobs(got)).toEqual(blobs(left));
  });

  test('who waits for a large envelope asks for no more than it takes', async () => {
    const world = await MailboxWorld.start();
    const key = await world.key(1);
    await world.during((await world.app()).deposit(await world.envelope(key, { size: 32_768 })));
    const pair = world.link();
    const reader = await world.app(pair);
    const asked = (): number =>
      pair.ends[0].sent.map((frame) => decodeMailboxRequest(frame)).filter(({ is }) => is === 'fetch').length;
    const got: Envelope[] = [];
    await world.during(reader.subscribe(key, { isMuch: true, onbatch: (batch) => void got.push(...batch.envelopes) }));
    await world.clock.pass(100);
    expect([got.length, asked()]).toEqual([1, 2]);
    // Once more, for what came before the relay node knew of the subscription.
    await world.clock.pass(2 * SECOND);
    expect([got.length, asked()]).toEqual([1, 3]);
  });

  test('beats go to who is subscribed now, are never stored, and never to who cannot sign', async () => {
    const world = await MailboxWorld.start();
    const key = await world.key(1);
    const [a, b, c] = [await world.app(), await world.app(), await world.app()];
    const heard: Bytes[] = [];
    await world.during(b.subscribe(key, { onbeat: (beat) => heard.push(beat) }));
    await world.during(a.publish(key, Uint8Array.of(1, 2, 3)));
    await world.during(a.publish({ ...key, seed: (await world.key(2)).seed }, Uint8Array.of(6, 6, 6)));
    await world.clock.pass(SECOND);
    expect(heard).toEqual([Uint8Array.of(1, 2, 3)]);
    await world.during(c.subscribe(key, { onbeat: (beat) => heard.push(beat) }));
    await world.clock.pass(MINUTE);
    expect(heard).toHaveLength(1);
    expect(await world.store.usage()).toEqual({ envelopes: 0, bytes: 0 });
  });

  test('too many of one link, or of all, are refused; what ends makes room', async () => {
    const world = await MailboxWorld.start({ limits: { subscriptionsPerLink: 2, subscriptionsInAll: 3 } });
    const [a, b] = [await world.app(), await world.app()];
    const subscribe = async (app: MailboxClient, topic: number) =>
      world.during(app.subscribe(await world.key(topic), {}));
    const first = await subscribe(a, 1);
    await subscribe(a, 2);
    await subscribe(a, 2);
    await expect(subscribe(a, 3)).rejects.toMatchObject({ fault: 'refused' });
    await subscribe(b, 4);
    await expect(subscribe(b, 5)).rejects.toMatchObject({ fault: 'refused' });
    first.close();
    await world.clock.pass(SECOND);
    await subscribe(b, 5);
  });
});

describe('the end of a link', () => {
  test('a relay node that falls silent is noticed, and everything that waits is told', async () => {
    const world = await MailboxWorld.start();
    const pair = world.link();
    const app = await world.app(pair);
    let ended = 0;
    app.onclose = () => (ended += 1);
    pair.faults = { ...NO_FAULTS, lose: 1 };
    const deposit = app.deposit(await world.envelope(await world.key(1)));
    await expect(world.during(deposit)).rejects.toMatchObject({ fault: 'no-answer' });
    await world.clock.pass(2 * MINUTE);
    expect(ended).toBe(1);
    await expect(app.fetch(await world.key(1))).rejects.toBeInstanceOf(MailboxFault);
  });

  test("our own close is not reported back, the other end's is", async () => {
    const world = await MailboxWorld.start();
    const [mine, theirs] = [await world.app(), await world.app()];
    const ended: string[] = [];
    mine.onclose = () => ended.push('mine');
    theirs.onclose = () => ended.push('theirs');
    mine.close();
    await settle();
    expect(world.custodian.links).toBe(1);
    world.custodian.close();
    expect(ended).toEqual(['theirs']);
    expect(world.custodian.links).toBe(0);
  });

  test('a greeting that nobody answers fails', async () => {
    const world = await MailboxWorld.start();
    const pair = world.link();
    pair.faults = { ...NO_FAULTS, lose: 1 };
    await expect(world.app(pair)).rejects.toMatchObject({ fault: 'no-answer' });
  });
});

describe('over links that lose, double, reorder and damage frames', () => {
  test.each([1, 2, 3, 4, 5, 6])(
    'every acknowledged envelope is collected and pushed once, in order (seed %i)',
    async (seed) => {
      const world = await MailboxWorld.start({ seed });
      const roll = dice(seed + 1000);
      const key = await world.key(1);
      const faults = { lose: 0.15, double: 0.1, reorder: 0.2, damage: 0.05 };
      const open = async (): Promise<MailboxClient> => {
        const pair = world.link();
        const app = await world.app(pair);
        pair.faults = faults;
        return app;
      };
      const [writer, reader] = [await open(), await open()];
      const pushed: Envelope[] = [];
      await world.during(reader.subscribe(key, { onbatch: (batch) => void pushed.push(...batch.envelopes) }));
      const left = await Promise.all(
        Array.from({ length: 40 }, () => world.envelope(key, { size: roll() < 0.2 ? 32_768 : 512 })),
      );
      const answers: string[] = [];
      for (let at = 0; at < left.length; at += 8) {
        const some = left.slice(at, at + 8).map((envelope) => persistently(writer, envelope));
        answers.push(...(await world.during(Promise.all(some))));
      }
      expect(new Set(answers)).toEqual(new Set(['stored']));
      await world.clock.pass(2 * MINUTE);
      const kept = await everything(world, await world.app(), key);
      expect(new Set(kept.map(({ signature }) => signature.join()))).toEqual(
        new Set(left.map(({ signature }) => signature.join())),
      );
      expect(await everything(world, reader, key)).toEqual(kept);
      expect(blobs(pushed)).toEqual(blobs(kept));
    },
  );
});
