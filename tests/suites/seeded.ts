// Dice with a seed, and a clock moved by hand, for tests of what must be repeatable.

import type { Clock, Millis, Random } from '#core/ports.ts';

/** xorshift32: repeatable, fast enough for many megabytes, and not for keys anybody relies on. */
export function seededRandom(seed: number): Random {
  let state = seed | 1;
  return {
    bytes(count) {
      const words = new Uint32Array(Math.ceil(count / 4));
      for (let i = 0; i < words.length; i++) {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        words[i] = state;
      }
      return new Uint8Array(words.buffer).slice(0, count);
    },
  };
}

export interface HandClock extends Clock {
  /** Lets time pass and wakes whoever slept until then, in order. */
  pass(time: number): Promise<void>;
}

export function handClock(start = 1_700_000_000_000): HandClock {
  let now = start;
  let sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  return {
    now: () => now as Millis,
    after(delay, wake) {
      const sleeper = { at: now + delay, wake };
      sleepers.push(sleeper);
      return () => {
        sleepers = sleepers.filter((other) => other !== sleeper);
      };
    },
    async pass(time) {
      now += time;
      const due = sleepers.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
      sleepers = sleepers.filter(({ at }) => at > now);
      for (const { wake } of due) wake();
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
  };
}
