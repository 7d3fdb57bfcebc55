// How fast one link is served: a token bucket that makes the impatient wait instead of telling them no.

import { SECOND, type Clock, type Millis } from '../ports.ts';

export interface Rate {
  readonly perSecond: number;
  /** How much may be taken at once after a rest. */
  readonly burst: number;
}

/** Hands out tokens; a debt is paid off in time. */
export class Pace {
  readonly #rate: Rate;
  readonly #clock: Clock;
  #tokens: number;
  #counted: Millis;

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
    this.#tokens = rate.burst;
    this.#counted = clock.now();
  }

  /** Takes `amount` and says how long to wait before doing what it was taken for. */
  take(amount: number): Millis {
    const now = this.#clock.now();
    // A clock set back earns nothing, and must not cost anything either.
    const earned = Math.max(0, ((now - this.#counted) / SECOND) * this.#rate.perSecond);
    this.#counted = now;
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + earned) - amount;
    return Math.ceil(Math.max(0, (-this.#tokens / this.#rate.perSecond) * SECOND)) as Millis;
  }
}
