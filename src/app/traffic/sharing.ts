// Gives keys to devices that say they lack them: over the link by which they said so, or with their next mail.

import type { DeviceId } from '#core/charter/ids.ts';
import { SECOND, type Clock, type Millis } from '#core/ports.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import type { Links } from './links.ts';
import type { MailOut } from './mail-out.ts';
import type { Replica } from '../space/replica.ts';
import { share } from '../space/rotate.ts';

/** Keys are wrapped again for a device that lacks them at most this often. */
const SHARE_AT_MOST_EVERY = (20 * SECOND) as Millis;

export class Sharing {
  readonly #ports: { readonly clock: Clock; readonly links: Links; readonly mailOut: MailOut };
  readonly #shared = new Map<string, Millis>();

  constructor(ports: { readonly clock: Clock; readonly links: Links; readonly mailOut: MailOut }) {
    this.#ports = ports;
  }

  async share(replica: Replica, device: DeviceId): Promise<void> {
    const { clock, links, mailOut } = this.#ports;
    const { space } = replica.identity;
    const key = `${space}|${device}`;
    const now = clock.now();
    const last = this.#shared.get(key);
    if (last !== undefined && Math.abs(now - last) < SHARE_AT_MOST_EVERY) return;
    const wraps = await share(replica, device);
    if (wraps.length === 0) return;
    this.#shared.set(key, now);
    const linked = links.devices(space).find((candidate) => candidate.device === device);
    if (linked === undefined) mailOut.addWraps(replica, device, wraps);
    else linked.push({ ...emptyParcel, wraps });
  }
}
