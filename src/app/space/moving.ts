// Where a space meets while it moves to other relay nodes: at the old ones too, until every device that is not dormant was
// heard at the new (sync/SPEC.md §8). Who was away learns of the move where they look for it, and an order to meet where
// nobody can be heard takes a group apart for no moment.

import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import type { RelayAddress, Rows } from '#core/ports.ts';
import { decode, encode } from '#core/wire/cbor.ts';
import { fields, textField } from '#core/wire/fields.ts';
import { WireError } from '#core/wire/wire-error.ts';
import type { Disk } from '../disk.ts';

const ROW = 'move';
const MAX_ROW_BYTES = 65_536;
const MAX_RELAYS = 8;
/** Of several moves one after the other. */
const MAX_OLD = 16;
const MAX_ADDRESS_BYTES = 1_024;
const MAX_DEVICES = 1_000;

type Relays = readonly RelayAddress[];

export class Moving {
  readonly #space: SpaceId;
  /** Where all could be heard last; `undefined`: where the space began for this device. */
  #old: Relays | undefined;
  /** Where it moves, as far as `#heard` is about it. */
  #to: Relays = [];
  readonly #heard = new Set<DeviceId>();

  constructor(space: SpaceId) {
    this.#space = space;
  }

  /** Where to meet, leave mail and look for it. The old ones first: that all are there is known of them. */
  relays(began: Relays, now: Relays): Relays {
    const before = this.#before(began);
    return now.length === 0 || areSame(before, now) ? before : [...new Set([...before, ...now])];
  }

  /** A device was heard at a relay node; `all` are those that must be before the old ones are left. */
  heardAt(relay: RelayAddress, by: DeviceId, of: { began: Relays; now: Relays; all: readonly DeviceId[] }): boolean {
    const { began, now, all } = of;
    if (!now.includes(relay) || areSame(this.#before(began), now)) return false;
    if (!areSame(this.#to, now)) {
      this.#old = this.#before(began).slice(0, MAX_OLD);
      this.#to = [...now];
      this.#heard.clear();
    }
    if (this.#heard.has(by)) return false;
    this.#heard.add(by);
    if (all.every((device) => this.#heard.has(device))) {
      this.#old = this.#to;
      this.#heard.clear();
    }
    return true;
  }

  put(disk: Disk): void {
    disk.put(movingCollection(this.#space), ROW, () => this.#row());
  }

  /** Of a move that another one followed only those count where somebody was heard. */
  #before(began: Relays): Relays {
    const old = this.#old ?? began;
    return this.#heard.size === 0 ? old : [...new Set([...old, ...this.#to])];
  }

  async load(rows: Rows): Promise<void> {
    const row = await rows.get(movingCollection(this.#space), ROW);
    if (row === undefined) return;
    try {
      const map = fields(decode(row, 'move of relay nodes', MAX_ROW_BYTES), 'move of relay nodes');
      const old = map.list('old', MAX_OLD).map(addressOf);
      this.#to = map.list('to', MAX_RELAYS).map(addressOf);
      for (const device of map.list('heard', MAX_DEVICES)) this.#heard.add(textField(device, 'heard', 64) as DeviceId);
      map.end();
      this.#old = old.length === 0 ? undefined : old;
    } catch (cause) {
      // Without it the old ones are asked for longer than they must be.
      if (!(cause instanceof WireError)) throw cause;
    }
  }

  #row(): Uint8Array<ArrayBuffer> {
    return encode({ old: [...(this.#old ?? [])], to: [...this.#to], heard: [...this.#heard].slice(0, MAX_DEVICES) });
  }
}

export function movingCollection(space: SpaceId): string {
  return `moving:${space}`;
}

function areSame(a: Relays, b: Relays): boolean {
  return a.length === b.length && a.every((relay) => b.includes(relay));
}

function addressOf(value: unknown): RelayAddress {
  return textField(value, 'relay', MAX_ADDRESS_BYTES) as RelayAddress;
}
