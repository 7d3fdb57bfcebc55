// Whoever opened an invitation looks at it for a moment: resolves when it is known what came of it, or when it goes on by
// itself.

import type { SpaceId } from '#core/charter/ids.ts';
import { SECOND, type Clock, type Millis } from '#core/ports.ts';
import type { Disk } from '../disk.ts';

/** How long a person looks at "coming in". */
const LOOK_FOR = (8 * SECOND) as Millis;

export interface JoinWaitsPorts {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly isWaiting: (space: SpaceId) => boolean;
}

export class JoinWaits {
  readonly #ports: JoinWaitsPorts;
  readonly #waiting = new Map<SpaceId, (() => void)[]>();

  constructor(ports: JoinWaitsPorts) {
    this.#ports = ports;
  }

  over(space: SpaceId): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#ports.isWaiting(space)) {
        resolve();
        return;
      }
      const cancel = this.#ports.clock.after(LOOK_FOR, resolve);
      const told = this.#waiting.get(space) ?? [];
      told.push(() => {
        cancel();
        resolve();
      });
      this.#waiting.set(space, told);
    });
  }

  /** Something may have come of one. Only what is on disk happened. */
  tell(): void {
    for (const [space, told] of [...this.#waiting]) {
      if (this.#ports.isWaiting(space)) continue;
      this.#waiting.delete(space);
      this.#ports.disk.durable(() => {
        for (const tell of told) tell();
      });
    }
  }
}
