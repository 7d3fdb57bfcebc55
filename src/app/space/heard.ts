// When each device of a group was last heard, by this device's clock: who is silent for long gets no keys, and whose turn
// it is to make them depends on who is there.

import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import { DAY, type Millis, type Rows } from '#core/ports.ts';
import type { Disk } from '../disk.ts';

/** A row is written again only after this time: nobody needs it to the hour. */
const STORE_AT_MOST_EVERY = DAY;
const BYTES = 8;

export class Heard {
  readonly #space: SpaceId;
  readonly #times = new Map<DeviceId, Millis>();
  readonly #stored = new Map<DeviceId, Millis>();

  constructor(space: SpaceId) {
    this.#space = space;
  }

  at(device: DeviceId): Millis | undefined {
    return this.#times.get(device);
  }

  note(device: DeviceId, now: Millis, disk: Disk): void {
    this.#times.set(device, now);
    const stored = this.#stored.get(device);
    if (stored !== undefined && Math.abs(now - stored) < STORE_AT_MOST_EVERY) return;
    this.#stored.set(device, now);
    const bytes = new Uint8Array(BYTES);
    new DataView(bytes.buffer).setFloat64(0, now);
    disk.put(this.#collection, device, bytes);
  }

  async load(rows: Rows): Promise<void> {
    for (const { id, value } of await rows.list(this.#collection)) {
      if (value.length !== BYTES) continue;
      const at = new DataView(value.buffer, value.byteOffset, BYTES).getFloat64(0) as Millis;
      this.#times.set(id as DeviceId, at);
      this.#stored.set(id as DeviceId, at);
    }
  }

  get #collection(): string {
    return `heard:${this.#space}`;
  }
}
