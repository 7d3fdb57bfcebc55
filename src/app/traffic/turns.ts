// What follows from many changes is done once for all of them, when nothing else waits to be done: leaving mail, looking
// which topics to read.

import type { SpaceId } from '#core/charter/ids.ts';
import { SECOND, type Clock, type Millis } from '#core/ports.ts';
import type { Disk } from '../disk.ts';
import type { EventQueue } from '../event-queue.ts';
import { onceSaved } from '../space/own-ops.ts';
import type { Replica } from '../space/replica.ts';

/** How long mail waits for what a link brings: at each relay node it costs as much as a few hundred messages do. */
const FLOOD_FIRST = (2 * SECOND) as Millis;

export interface TurnsPorts {
  readonly queue: EventQueue;
  readonly disk: Disk;
  readonly clock: Clock;
  /** Much of a space is on its way here over a link. */
  readonly isFlooded: (replica: Replica) => boolean;
}

export class Turns {
  readonly #ports: TurnsPorts;
  readonly #due = new Set<string>();
  /** Mail that waits until less comes, or long enough. */
  readonly #waiting = new Map<SpaceId, () => void>();

  constructor(ports: TurnsPorts) {
    this.#ports = ports;
  }

  /** A space this device has no part in any more. */
  forget(space: SpaceId): void {
    this.#waiting.get(space)?.();
    this.#waiting.delete(space);
  }

  close(): void {
    for (const space of [...this.#waiting.keys()]) this.forget(space);
  }

  /**
   * Mail of a space: all that is on its way to the disk goes in one, instead of first the ops and then the rest. That of a
   * group leaves when a person who waited for the disk has seen what they waited for; a device that is let in waits for
   * that of one's own space.
   */
  mail(replica: Replica, leave: () => Promise<void>): void {
    const { disk } = this.#ports;
    const { kind, space } = replica.identity;
    onceSaved(replica, () =>
      this.#once(`mail ${space}`, async () => {
        if (kind === 'group' && disk.isHurried) disk.unhurried(() => this.mail(replica, leave));
        else if (this.#ports.isFlooded(replica)) this.#afterFlood(space, leave);
        else {
          this.forget(space);
          await leave();
        }
      }),
    );
  }

  /** What came last is followed by its own look at what is due; the clock is for a link that goes on for long, or falls. */
  #afterFlood(space: SpaceId, leave: () => Promise<void>): void {
    if (this.#waiting.has(space)) return;
    const { clock, queue } = this.#ports;
    const goOn = (): Promise<void> => {
      this.#waiting.delete(space);
      return leave();
    };
    this.#waiting.set(
      space,
      clock.after(FLOOD_FIRST, () => void queue.run(goOn)),
    );
  }

  /** What is read at a relay node; where somebody waits for the disk by the time it is its turn, after that. */
  reading(relay: string, look: () => Promise<void>): void {
    const { disk } = this.#ports;
    this.#once(`reading ${relay}`, async () => {
      if (disk.isHurried) disk.unhurried(() => this.reading(relay, look));
      else await look();
    });
  }

  #once(name: string, work: () => Promise<void>): void {
    if (this.#due.has(name)) return;
    this.#due.add(name);
    void this.#ports.queue.later(() => {
      this.#due.delete(name);
      return work();
    });
  }
}
