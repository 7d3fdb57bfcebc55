// A small world for mailbox tests: one clock that only moves when told, links that fail on request, and signatures
// that cost nothing (anyone could forge them; the tests do not).

import { hash } from '#core/crypto/hash.ts';
import { labelPrefix } from '#core/crypto/hash.ts';
import { concat, equal, type Bytes } from '#core/bytes/bytes.ts';
import type { CryptoSuite, Seed, Signature, SigningKey } from '#core/crypto/suite.ts';
import { Custodian, type CustodianPorts } from '#core/mailbox/custodian.ts';
import type { CustodianLimits } from '#core/mailbox/custodian-limits.ts';
import { openMailbox, type MailboxClient } from '#core/mailbox/client.ts';
import { MemoryMailStore } from '#core/mailbox/memory-store.ts';
import type { MailStore } from '#core/mailbox/store.ts';
import { makeEnvelope, topicKeyOf, type TopicKey } from '#core/mailbox/topic-key.ts';
import { DAY, type Clock, type Link, type Logger, type Millis, type PeerId, type Random } from '#core/ports.ts';
import type { Envelope } from '#core/wire/envelope.ts';

/** Numbers between 0 and 1 that depend on the seed alone (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function randomFrom(roll: () => number): Random {
  return { bytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(roll() * 256)) };
}

const quiet: Logger = { count: () => {} };

/** Keys are hashes of seeds, signatures hashes of key and message. */
export const cheapSuite = {
  signingKeyOf: async (seed: Seed) => hash('op', seed) as SigningKey,
  sign: async (label, message, seed) => signatureBy(hash('op', seed), concat(labelPrefix(label), message)),
  verify: async (label, message, signature, key) =>
    equal(signatureBy(key, concat(labelPrefix(label), message)), signature),
} as Pick<CryptoSuite, 'signingKeyOf' | 'sign' | 'verify'> as CryptoSuite;

function signatureBy(key: Uint8Array, message: Uint8Array): Signature {
  const half = hash('header', key, message);
  return concat(half, hash('body', half)) as Signature;
}

/** Time that passes only in `pass`. */
class ManualClock implements Clock {
  #now: number;
  #timers: { at: number; wake: () => void }[] = [];

  constructor(now: number) {
    this.#now = now;
  }

  now(): Millis {
    return this.#now as Millis;
  }

  after(delay: Millis, wake: () => void): () => void {
    const timer = { at: this.#now + delay, wake };
    this.#timers.push(timer);
    return () => void (this.#timers = this.#timers.filter((other) => other !== timer));
  }

  /** Lets time pass; after each timer everything it caused is done. */
  async pass(duration: number): Promise<void> {
    const end = this.#now + duration;
    await settle();
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      await settle();
    }
    this.#now = end;
  }
}

/** Until what is under way by promises alone is done. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
}

export interface LinkFaults {
  readonly lose: number;
  readonly double: number;
  readonly reorder: number;
  readonly damage: number;
}

export const NO_FAULTS: LinkFaults = { lose: 0, double: 0, reorder: 0, damage: 0 };

/** Both ends of a link. `faults` may be changed while it runs. */
export class LinkPair {
  faults: LinkFaults = NO_FAULTS;
  readonly ends: readonly [FakeLink, FakeLink];
  readonly #clock: Clock;
  readonly #roll: () => number;

  constructor(clock: Clock, roll: () => number) {
    this.#clock = clock;
    this.#roll = roll;
    const left: FakeLink = new FakeLink((frame) => this.#carry(frame, right));
    const right: FakeLink = new FakeLink((frame) => this.#carry(frame, left));
    left.onended = () => right.cut();
    right.onended = () => left.cut();
    this.ends = [left, right];
  }

  #carry(frame: Bytes, to: FakeLink): void {
    if (this.#roll() < this.faults.lose) return;
    const times = this.#roll() < this.faults.double ? 2 : 1;
    for (let i = 0; i < times; i++) {
      const arriving = frame.slice();
      if (this.#roll() < this.faults.damage) {
        arriving[Math.floor(this.#roll() * arriving.length)]! ^= 1 << Math.floor(this.#roll() * 8);
      }
      const delay = (this.#roll() < this.faults.reorder ? 1 + Math.floor(this.#roll() * 400) : 1) as Millis;
      this.#clock.after(delay, () => to.receive(arriving));
    }
  }
}

export class FakeLink implements Link {
  readonly remote = 'nobody' as PeerId;
  readonly road = 'relayed' as const;
  onframe: ((frame: Bytes) => void) | undefined;
  onclose: (() => void) | undefined;
  onended: (() => void) | undefined;
  /** Every frame this end sent, for those who look at what a wire shows. */
  readonly sent: Bytes[] = [];
  readonly #carry: (frame: Bytes) => void;
  #isOpen = true;

  constructor(carry: (frame: Bytes) => void) {
    this.#carry = carry;
  }

  send(frame: Uint8Array): boolean {
    if (!this.#isOpen) return false;
    this.sent.push(frame.slice() as Bytes);
    this.#carry(frame.slice() as Bytes);
    return true;
  }

  receive(frame: Bytes): void {
    if (this.#isOpen) this.onframe?.(frame);
  }

  cut(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.onclose?.();
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.onended?.();
  }
}

const FIRST_DAY = 20_000;

/** One custodian and as many apps as wanted. */
export class MailboxWorld {
  readonly clock = new ManualClock(FIRST_DAY * DAY);
  readonly random: Random;
  readonly roll: () => number;
  readonly store: MailStore;
  custodian!: Custodian;
  readonly #limits: Partial<CustodianLimits>;

  constructor(options: { seed?: number; limits?: Partial<CustodianLimits>; store?: MailStore } = {}) {
    this.roll = dice(options.seed ?? 1);
    this.random = randomFrom(this.roll);
    this.store = options.store ?? new MemoryMailStore();
    this.#limits = options.limits ?? {};
  }

  static async start(options: ConstructorParameters<typeof MailboxWorld>[0] = {}): Promise<MailboxWorld> {
    const world = new MailboxWorld(options);
    await world.restart();
    return world;
  }

  get ports(): CustodianPorts {
    return { store: this.store, clock: this.clock, random: this.random, suite: cheapSuite, logger: quiet };
  }

  /** A new custodian over the same store, as after a crash. */
  async restart(): Promise<void> {
    this.custodian?.close();
    this.custodian = await Custodian.open(this.ports, new Uint8Array(32).fill(7) as Seed, this.#limits);
  }

  link(): LinkPair {
    const pair = new LinkPair(this.clock, this.roll);
    this.custodian.accept(pair.ends[1]);
    return pair;
  }

  async app(pair: LinkPair = this.link()): Promise<MailboxClient> {
    const opening = openMailbox(pair.ends[0], { clock: this.clock, random: this.random, suite: cheapSuite });
    return this.during(opening);
  }

  /** Lets time pass until the promise has an outcome. */
  async during<T>(promise: Promise<T>): Promise<T> {
    let isDone = false;
    const done = promise.finally(() => (isDone = true));
    done.catch(() => {});
    for (let i = 0; !isDone && i < 20_000; i++) await this.clock.pass(10);
    return done;
  }

  key(number: number): Promise<TopicKey> {
    const seed = new Uint8Array(32);
    new DataView(seed.buffer).setUint32(0, number);
    return topicKeyOf(cheapSuite, seed as Seed);
  }

  envelope(key: TopicKey, content: { size?: number; days?: number } = {}): Promise<Envelope> {
    const today = Math.floor(this.clock.now() / DAY);
    const blob = this.random.bytes(content.size ?? 512);
    return makeEnvelope(cheapSuite, key, { blob, expiryDay: today + (content.days ?? 14) });
  }
}
