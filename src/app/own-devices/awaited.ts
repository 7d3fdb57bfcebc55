// The past that own devices promised each other: how much of it is still to come here, and what follows when it came.

import { encodeHeld } from '#core/sync/held.ts';
import { SECOND, type Millis } from '#core/ports.ts';
import { LiveValue } from '../live-value.ts';
import { write } from '../space/author.ts';
import type { Replica } from '../space/replica.ts';
import { homeOf } from './homes.ts';
import type { OwnDevicesPorts } from './own-devices-ports.ts';
import type { OwnTask } from './own-rows.ts';
import { missing, type OwnTasks } from './own-tasks.ts';

/** How often it is looked whether a promised past is complete. */
const LOOK_AGAIN = (1 * SECOND) as Millis;

export class Awaited {
  /** How much of a promised past is still to come; `undefined`: nothing is awaited. */
  readonly receiving = new LiveValue<{ readonly contacts: number; readonly missing: number } | undefined>(undefined);
  readonly #ports: OwnDevicesPorts;
  readonly #tasks: OwnTasks;
  #cancelLook: (() => void) | undefined;

  constructor(ports: OwnDevicesPorts, tasks: OwnTasks) {
    this.#ports = ports;
    this.#tasks = tasks;
  }

  close(): void {
    this.#cancelLook?.();
  }

  /** Looks what is still to come and to go, until nothing is. */
  look(): void {
    this.#cancelLook?.();
    const { clock, queue } = this.#ports;
    const waits = this.#tasks.all().filter((task) => task.is !== 'todo');
    if (waits.length === 0) {
      if (this.receiving.current !== undefined) this.receiving.set(undefined);
      return;
    }
    this.#cancelLook = clock.after(LOOK_AGAIN, () => void queue.run(() => this.#lookNow()));
  }

  async #lookNow(): Promise<void> {
    let toCome = 0;
    let contacts = 0;
    for (const task of this.#tasks.all()) {
      if (task.is === 'todo') continue;
      const replica = homeOf(this.#ports, task.space)?.replica;
      if (replica === undefined) continue;
      const left = missing(task, replica);
      if (left === 0) await this.#done(task, replica);
      else if (task.is === 'wait') {
        toCome += left;
        contacts++;
      }
    }
    const receiving = contacts === 0 ? undefined : { contacts, missing: toCome };
    if (receiving?.missing !== this.receiving.current?.missing) this.receiving.set(receiving);
    this.look();
  }

  async #done(task: OwnTask, replica: Replica): Promise<void> {
    this.#tasks.drop(task);
    if (task.is !== 'wait') return;
    homeOf(this.#ports, task.space)?.allCame();
    // In groups nobody is told by messages.
    if (replica.identity.kind === 'group') return;
    // From here on the others count on it; before, they would have sent all they ever wrote once more.
    const { engine } = this.#ports;
    const body = encodeHeld(replica.durable);
    await write(replica, { kind: 'receipt', body }, (written) => engine.push(replica, written));
    engine.noteDurable(replica);
  }
}
