// Node's clock, dice and counters as the ports of core.

import { randomBytes } from 'node:crypto';
import type { Bytes } from '#core/bytes/bytes.ts';
import type { Clock, Logger, Millis, Random } from '#core/ports.ts';

export const systemClock: Clock = {
  now: () => Date.now() as Millis,
  after(delay, wake) {
    const timer = setTimeout(wake, delay);
    // Nothing that waits keeps a relay node alive that wants to stop.
    timer.unref();
    return () => clearTimeout(timer);
  },
};

export const systemRandom: Random = {
  bytes: (count) => new Uint8Array(randomBytes(count)) as Bytes,
};

/** Counts since the start, printed now and then: numbers of things that happened, never to whom. */
export class Counters implements Logger {
  readonly #counts = new Map<string, number>();

  count(component: string, event: string, amount = 1): void {
    if (amount === 0) return;
    const name = `${component} ${event}`;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + amount);
  }

  toString(): string {
    return [...this.#counts].map(([name, count]) => `${name} ${count}`).join(', ');
  }
}
