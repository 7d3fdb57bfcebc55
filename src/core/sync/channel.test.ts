// Two channels against each other over roads that lose, double and reorder.
import { describe, expect, test } from 'vitest';
import { Dice } from '#tests/sim/dice.ts';
import { EVERYONE, type DeviceId, type Incarnation, type OpId } from '../charter/ids.ts';
import { SECOND, type Millis } from '../ports.ts';
import { Channel, type ChannelEffect, type Local } from './channel.ts';
import { decodeChannelMessage, encodeChannelMessage, type ChannelMessage, type Want } from './channel-messages.ts';
import {
  chainKey,
  decodeHeld,
  encodeHeld,
  nothingHeld,
  type ChainId,
  type Held,
  type HeldChain,
  type Span,
} from './held.ts';
import { emptyParcel } from './parcel.ts';
import { addSpan, countOf } from './spans.ts';
import { utf8 } from '../bytes/bytes.ts';

const chain = (name: string): ChainId => ({
  device: name.padEnd(64, '0') as DeviceId,
  scope: EVERYONE,
  incarnation: '0000000000000000' as Incarnation,
});

/** One side: what it holds, and a channel over it. A parcel's frames name spans: `chain from to`. */
class Side {
  readonly held = new Map<string, HeldChain>();
  readonly channel: Channel;
  readonly confirmed: Held[] = [];
  readonly strangers = new Set<DeviceId>();
  readonly lacking = new Set<OpId>();
  isDurable = true;
  isForNow = false;
  readonly coming = new Map<string, Span[]>();
  readonly arrived = new Set<number>();
  #durable: Held = nothingHeld;

  constructor() {
    const local: Local = {
      durable: () => this.#durable,
      spans: (of) => this.held.get(chainKey(of))?.spans ?? [],
      hasOp: (op) => !this.lacking.has(op),
      recordNumber: () => undefined,
      knows: (of, orWill) => orWill || !this.strangers.has(of.device),
      heads: () => [] as OpId[],
      isForNow: () => this.isForNow,
      coming: (key) => this.coming.get(key) ?? [],
      hasArrived: (request) => this.arrived.has(request),
    };
    this.channel = new Channel(local);
  }

  hold(of: ChainId, from: number, to: number): void {
    const known = this.held.get(chainKey(of)) ?? { chain: of, spans: [] };
    this.held.set(chainKey(of), { chain: of, spans: addSpan(known.spans, { from, to }) });
  }

  /** The disk has everything. */
  settle(): void {
    if (this.isDurable) this.#durable = { ...nothingHeld, chains: [...this.held.values()] };
  }

  count(): number {
    return [...this.held.values()].reduce((sum, { spans }) => sum + countOf(spans), 0);
  }

  answer(want: Want): ChannelMessage[] {
    const frames = want.chains.flatMap((wanted) =>
      wanted.spans.map((span) => utf8(`${wanted.chain.device} ${span.from} ${span.to}`)),
    );
    return [{ is: 'give', request: want.request, last: true, parcel: { ...emptyParcel, frames } }];
  }

  take(frames: readonly Uint8Array[]): void {
    for (const frame of frames) {
      const [device, from, to] = new TextDecoder().decode(frame).split(' ');
      this.hold({ ...chain(''), device: device as DeviceId }, Number(from), Number(to));
    }
  }
}

/** Runs two sides against each other over a road that loses, doubles and reorders. */
function run(a: Side, b: Side, options: { loss: number; seconds: number; seed: number }): number {
  const dice = new Dice(options.seed, 'road');
  let now = 0;
  let sent = 0;
  const road: { to: Side; from: Side; message: ChannelMessage; at: number }[] = [];
  const act = (side: Side, effects: readonly ChannelEffect[]): void => {
    const to = side === a ? b : a;
    const send = (message: ChannelMessage): void => {
      sent++;
      const copies = dice.chance(options.loss) ? 0 : dice.chance(options.loss) ? 2 : 1;
      for (let i = 0; i < copies; i++) road.push({ to, from: side, message, at: now + dice.between(5, 200) });
    };
    for (const effect of effects) {
      if (effect.is === 'send') send(effect.message);
      else if (effect.is === 'serve') side.answer(effect.want).forEach(send);
      else if (effect.is === 'confirmed') side.confirmed.push(effect.held);
      else if (effect.is === 'take') {
        side.take(effect.parcel.frames);
        side.settle();
        act(side, side.channel.changed(now as Millis));
      }
    }
  };
  for (const side of [a, b]) {
    side.settle();
    act(side, side.channel.open());
  }
  for (; now < options.seconds * SECOND; now += 10) {
    if (now % 700 === 0) for (const side of [a, b]) act(side, side.channel.tick(now as Millis));
    for (const item of road.filter(({ at }) => at <= now)) {
      road.splice(road.indexOf(item), 1);
      act(item.to, item.to.channel.hear(item.message, now as Millis));
    }
  }
  return sent;
}

describe('a channel', () => {
  test('brings two sides to hold the same', () => {
    const [a, b] = [new Side(), new Side()];
    a.hold(chain('a'), 0, 2_500);
    b.hold(chain('b'), 0, 10);
    b.hold(chain('a'), 100, 200);
    run(a, b, { loss: 0, seconds: 5, seed: 1 });
    expect([a.count(), b.count()]).toEqual([2_510, 2_510]);
  });

  test('does so on roads that lose, double and reorder', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const [a, b] = [new Side(), new Side()];
      a.hold(chain('a'), 0, 1_500);
      b.hold(chain('b'), 0, 40);
      b.hold(chain('b'), 60, 80);
      run(a, b, { loss: 0.3, seconds: 90, seed });
      expect([a.count(), b.count()]).toEqual([1_560, 1_560]);
    }
  });

  test('says all that is held in frames that arrive, however many chains there are and however many holes they have', () => {
    const side = new Side();
    for (let i = 0; i < 3_000; i++) {
      for (let hole = 0; hole < 16; hole++)
        side.hold(chain(`${i.toString(16)}a`), 2 ** 39 + 2 * hole, 2 ** 39 + 2 * hole + 1);
    }
    side.settle();
    const told = side.channel.open().flatMap((effect) => (effect.is === 'send' ? [effect.message] : []));
    const arrived = told.map((message) => decodeChannelMessage(encodeChannelMessage(message)));
    const held = arrived.flatMap((message) => (message.is === 'have' ? message.held.chains : []));
    expect(held).toEqual([...side.held.values()]);
    expect(arrived.flatMap((message) => (message.is === 'have' ? [message.whole] : [])).indexOf(true, 1)).toBe(-1);
  });

  test('of more than has room one message alone names the newest', () => {
    const chains = Array.from({ length: 3_000 }, (_, i) => ({
      chain: chain(`${i.toString(16)}a`),
      spans: [{ from: 0, to: 1 }],
    }));
    const read = decodeHeld(encodeHeld({ ...nothingHeld, chains })).chains;
    expect(read.length).toBeGreaterThan(1_000);
    expect(read).toEqual(chains.slice(-read.length));
  });

  test('says to have only what is on disk, so that nothing is acknowledged before', () => {
    const [a, b] = [new Side(), new Side()];
    a.hold(chain('a'), 0, 10);
    b.isDurable = false;
    run(a, b, { loss: 0, seconds: 10, seed: 1 });
    expect(b.count()).toBe(10);
    expect(a.confirmed.flatMap(({ chains }) => chains)).toEqual([]);
  });

  test('27: asks ever more rarely for what is claimed and never given', () => {
    const [a, b] = [new Side(), new Side()];
    a.hold(chain('a'), 0, 10);
    a.answer = (want) => [{ is: 'give', request: want.request, last: true, parcel: emptyParcel }];
    const sent = run(a, b, { loss: 0, seconds: 120, seed: 1 });
    // Two heartbeats every 0.7 s, and a handful of requests.
    expect(sent).toBeLessThan((2 * 120) / 0.7 + 40);
    expect(b.count()).toBe(0);
  });

  test('asks with the next heartbeat for what was held and then let go', () => {
    const side = new Side();
    side.hold(chain('a'), 0, 10);
    const held = { ...nothingHeld, chains: [{ chain: chain('a'), spans: [{ from: 0, to: 10 }] }] };
    const wants = (effects: readonly ChannelEffect[]): boolean =>
      effects.some((effect) => effect.is === 'send' && effect.message.is === 'want');
    expect(wants(side.channel.hear({ is: 'have', n: 1, whole: true, held }, 0 as Millis))).toBe(false);
    side.held.clear();
    expect(wants(side.channel.tick(700 as Millis))).toBe(true);
  });

  test('asks for what new devices said together with the ops that may let them in, and else for none of it', () => {
    const side = new Side();
    const [known, fresh] = [chain('a'), chain('b')];
    side.strangers.add(fresh.device);
    const chains = [known, fresh].map((of) => ({ chain: of, spans: [{ from: 0, to: 10 }] }));
    const asked = (n: number, heads: readonly OpId[]): readonly ChainId[] => {
      const message = { is: 'have', n, whole: true, held: { ...nothingHeld, heads, chains } } as const;
      const effects = side.channel.hear(message, 0 as Millis);
      return effects.flatMap((effect) =>
        effect.is === 'send' && effect.message.is === 'want' ? effect.message.want.chains.map((of) => of.chain) : [],
      );
    };
    side.lacking.add('new' as OpId);
    expect(asked(1, ['new' as OpId])).toEqual([known, fresh]);
    // They came, and let nobody in.
    side.lacking.clear();
    side.hold(known, 0, 10);
    side.channel.hear({ is: 'give', request: 1, last: true, parcel: emptyParcel }, 0 as Millis);
    expect(asked(2, ['new' as OpId])).toEqual([]);
  });

  test('names so much of each chain that what an answer holds comes in the order of the log it is from', () => {
    const [a, b] = [new Side(), new Side()];
    const [first, then] = [chain('a'), chain('b')];
    // All of the second one was said after all of the first one.
    for (const of of [first, then]) a.hold(of, 0, 2_400);
    const HELD_BY_AN_ANSWER = 1_400;
    a.answer = (want) => {
      let room = HELD_BY_AN_ANSWER;
      const chains = want.chains
        .toSorted((one, other) => (one.chain.device < other.chain.device ? -1 : 1))
        .map((wanted) => {
          const [{ from, to }] = wanted.spans as [Span];
          const span = { from, to: Math.min(to, from + room) };
          room -= span.to - span.from;
          return { ...wanted, spans: span.to > span.from ? [span] : [] };
        });
      return Side.prototype.answer.call(a, { ...want, chains });
    };
    const held = (of: ChainId): number => countOf(b.held.get(chainKey(of))?.spans ?? []);
    const before: number[] = [];
    const take = b.take.bind(b);
    b.take = (frames) => {
      take(frames);
      if (held(then) > 0) before.push(held(first));
    };
    run(a, b, { loss: 0, seconds: 5, seed: 1 });
    expect(b.count()).toBe(4_800);
    expect(new Set(before)).toEqual(new Set([2_400]));
  });

  test('asks for little as long as a better road may open, and then for the rest', () => {
    const [a, b] = [new Side(), new Side()];
    for (const name of 'abcde') a.hold(chain(name), 0, 300);
    b.isForNow = true;
    run(a, b, { loss: 0, seconds: 5, seed: 1 });
    expect(b.count()).toBe(200);
    // More waits for the road.
    expect(b.channel.isFlooded).toBe(true);
    b.isForNow = false;
    run(a, b, { loss: 0, seconds: 5, seed: 1 });
    expect(b.count()).toBe(1_500);
    expect(b.channel.isFlooded).toBe(false);
  });

  test('is flooded from a request for much to the end of its answer', () => {
    const side = new Side();
    const now = 0 as Millis;
    const have = (to: number): void => {
      const held = { ...nothingHeld, chains: [{ chain: chain('a'), spans: [{ from: 0, to }] }] };
      side.channel.hear({ is: 'have', n: 1, whole: true, held }, now);
    };
    have(999);
    expect(side.channel.isFlooded).toBe(false);
    side.channel.hear({ is: 'give', request: 1, last: true, parcel: { ...emptyParcel, runs: [utf8('run')] } }, now);
    side.hold(chain('a'), 0, 999);
    have(2_000);
    expect(side.channel.isFlooded).toBe(true);
    const give = (last: boolean) =>
      side.channel.hear({ is: 'give', request: 2, last, parcel: { ...emptyParcel, runs: [utf8('run')] } }, now);
    give(false);
    expect(side.channel.isFlooded).toBe(true);
    side.hold(chain('a'), 999, 2_000);
    give(true);
    side.channel.seek(now);
    expect(side.channel.isFlooded).toBe(false);
  });

  test('asks for more when all of an answer has arrived, and for nothing of what still waits its turn', () => {
    const side = new Side();
    const held = { ...nothingHeld, chains: [{ chain: chain('a'), spans: [{ from: 0, to: 20_000 }] }] };
    const wanted = (effects: readonly ChannelEffect[]): readonly (readonly Span[])[] =>
      effects.flatMap((effect) =>
        effect.is === 'send' && effect.message.is === 'want'
          ? effect.message.want.chains.map(({ spans }) => spans)
          : [],
      );
    const now = 0 as Millis;
    const give = (request: number, last: boolean) =>
      side.channel.hear({ is: 'give', request, last, parcel: { ...emptyParcel, runs: [utf8('run')] } }, now);
    expect(wanted(side.channel.hear({ is: 'have', n: 1, whole: true, held }, now))).toEqual([
      [{ from: 0, to: 10_000 }],
    ]);
    // The whole answer waits, and nothing of it was heard: who gives nothing is not to be asked all the faster.
    side.coming.set(chainKey(chain('a')), [{ from: 0, to: 1_300 }]);
    side.arrived.add(1);
    expect(wanted(side.channel.seek(now))).toEqual([]);
    // Its first piece was taken.
    give(1, false);
    side.hold(chain('a'), 0, 300);
    side.coming.set(chainKey(chain('a')), [{ from: 300, to: 1_300 }]);
    expect(wanted(side.channel.seek(now))).toEqual([[{ from: 1_300, to: 11_300 }]]);
    expect(wanted(side.channel.seek(now))).toEqual([]);
    // The rest of it does not end the next request.
    expect(wanted(give(1, true))).toEqual([]);
    // What waited turned out to be worth nothing: it is asked for with the rest.
    side.coming.clear();
    give(2, false);
    give(2, true);
    side.hold(chain('a'), 1_300, 2_600);
    expect(wanted(side.channel.seek(now))).toEqual([
      [
        { from: 300, to: 1_300 },
        { from: 2_600, to: 11_600 },
      ],
    ]);
  });

  test('asks again soon although the clock was set back, both where no answer came and in a pause', () => {
    const side = new Side();
    const held = { ...nothingHeld, chains: [{ chain: chain('a'), spans: [{ from: 0, to: 10 }] }] };
    const wants = (effects: readonly ChannelEffect[]): boolean =>
      effects.some((effect) => effect.is === 'send' && effect.message.is === 'want');
    const [late, early] = [7_200_000, 3_600_000];
    expect(wants(side.channel.hear({ is: 'have', n: 1, whole: true, held }, late as Millis))).toBe(true);
    // Its answer is lost.
    const ticks = (from: number) => [700, 1_400, 2_100, 2_800].map((at) => side.channel.tick((from + at) as Millis));
    expect(ticks(early).some(wants)).toBe(true);
    expect(wants(side.channel.tick((early + 6_000) as Millis))).toBe(false);
    expect(ticks(0).some(wants)).toBe(true);
  });

  test('keeps still when nothing changes', () => {
    const [a, b] = [new Side(), new Side()];
    a.hold(chain('a'), 0, 10);
    b.hold(chain('a'), 0, 10);
    expect(run(a, b, { loss: 0, seconds: 70, seed: 1 })).toBe(2 + 2 * 100);
  });
});
