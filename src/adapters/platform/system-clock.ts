// The device's own clock and timers.

import type { Clock, Millis } from '#core/ports.ts';

/** setTimeout counts in 32 bits; a longer delay would fire at once. */
const MAX_DELAY = 0x7fffffff;

export const systemClock: Clock = {
  now: () => Date.now() as Millis,
  after(delay, wake) {
    let left = Math.max(0, delay);
    let timer: ReturnType<typeof setTimeout>;
    const sleep = (): void => {
      const now = Math.min(left, MAX_DELAY);
      left -= now;
      timer = setTimeout(() => (left > 0 ? sleep() : wake()), now);
    };
    sleep();
    return () => clearTimeout(timer);
  },
};
