// Tells linked devices what is on disk: at once, then no more for a moment, so that messages in quick succession share one
// word.

import type { SpaceId } from '#core/charter/ids.ts';
import type { Clock, Millis } from '#core/ports.ts';
import type { EventQueue } from '../event-queue.ts';
import type { Links } from './links.ts';

const AT_MOST_EVERY = 50 as Millis;

export class Telling {
  readonly #ports: { readonly clock: Clock; readonly queue: EventQueue; readonly links: Links };
  readonly #told = new Map<SpaceId, { cancel: () => void; isDue: boolean }>();

  constructor(ports: { readonly clock: Clock; readonly queue: EventQueue; readonly links: Links }) {
    this.#ports = ports;
  }

  tell(space: SpaceId): void {
    const told = this.#told.get(space);
    if (told !== undefined) {
      told.isDue = true;
      return;
    }
    const { clock, queue, links } = this.#ports;
    links.changed(space);
    const rest = (): void => {
      const isDue = this.#told.get(space)?.isDue === true;
      this.#told.delete(space);
      if (isDue) this.tell(space);
    };
    const cancel = clock.after(AT_MOST_EVERY, () => void queue.run(rest));
    this.#told.set(space, { cancel, isDue: false });
  }

  /** What is on disk by now need not be left at a relay node for us. */
  close(): void {
    for (const [space, { cancel, isDue }] of this.#told) {
      cancel();
      if (isDue) this.#ports.links.changed(space);
    }
  }
}
