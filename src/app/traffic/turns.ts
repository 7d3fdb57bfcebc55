// What follows from many changes is done once for all of them, when nothing else waits to be done: leaving mail, looking
// which topics to read.

import type { Disk } from '../disk.ts';
import type { EventQueue } from '../event-queue.ts';
import { onceSaved } from '../space/own-ops.ts';
import type { Replica } from '../space/replica.ts';

export class Turns {
  readonly #ports: { readonly queue: EventQueue; readonly disk: Disk };
  readonly #due = new Set<string>();

  constructor(ports: { readonly queue: EventQueue; readonly disk: Disk }) {
    this.#ports = ports;
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
        else await leave();
      }),
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
