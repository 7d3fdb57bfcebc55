// Which key of a space belongs to which device of a person: ids differ from space to space.

import type { DeviceId, SpaceId } from '#core/charter/ids.ts';

/** By which device a person's device stands in a space, as the self space tells. */
export class Whereabouts {
  readonly #known = new Map<string, DeviceId>();

  note(of: DeviceId, space: SpaceId, device: DeviceId): void {
    const name = `${of}|${space}`;
    if (!this.#known.has(name)) this.#known.set(name, device);
  }

  of(device: DeviceId, space: SpaceId): DeviceId | undefined {
    return this.#known.get(`${device}|${space}`);
  }
}
