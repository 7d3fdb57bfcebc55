// Destroys what the rules of a group let nobody keep any longer, when its time has come and wherever it is kept here.

import { HOUR, type Clock, type Millis } from '#core/ports.ts';
import type { Derived } from './derived.ts';
import type { EventQueue } from './event-queue.ts';
import type { Replica } from './space/replica.ts';
import type { Retention } from './space/retention.ts';

export interface VanishingPorts {
  readonly replica: Replica;
  readonly retention: Retention;
  readonly derived: Derived;
  readonly clock: Clock;
  readonly queue: EventQueue;
  /** Something that was shown is gone. Within an event. */
  readonly vanished: () => void;
}

/** Frames without a key have no time of their own, and no timer may be set for weeks. */
const LOOK_AGAIN = (6 * HOUR) as Millis;

export class Vanishing {
  readonly #ports: VanishingPorts;
  #at: Millis | undefined;
  #cancel: (() => void) | undefined;
  #isClosed = false;

  constructor(ports: VanishingPorts) {
    this.#ports = ports;
  }

  /** Looks now: rules may be others, or time has passed. Part of an event. True when something went. */
  look(): boolean {
    const { replica, derived, retention } = this.#ports;
    retention.judgeAnew();
    const over = retention.takeDue();
    if (over.size > 0) derived.shred(over);
    for (const [id, { since }] of [...replica.parked]) if (retention.isOverUnread(since)) replica.unpark(id);
    this.later();
    return over.size > 0;
  }

  /** Messages came: looks again when the first of all is due. */
  later(): void {
    const { clock, queue } = this.#ports;
    const now = clock.now();
    const at = this.#nextLook(now);
    const isSoonEnough = this.#at !== undefined && at !== undefined && this.#at <= at && this.#at > now;
    if (this.#isClosed || isSoonEnough) return;
    this.#cancel?.();
    this.#at = at;
    if (at === undefined) return;
    this.#cancel = clock.after(Math.max(1, at - now) as Millis, () => {
      this.#at = undefined;
      void queue.run(() => this.#lookInTurn());
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }

  #lookInTurn(): void {
    if (!this.#isClosed && this.look()) this.#ports.vanished();
  }

  #nextLook(now: Millis): Millis | undefined {
    const { next, daysNow } = this.#ports.retention;
    if (next === undefined && daysNow === 0) return undefined;
    return Math.min(next ?? Infinity, now + LOOK_AGAIN) as Millis;
  }
}
