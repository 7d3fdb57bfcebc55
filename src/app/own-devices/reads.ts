// What the person read here is read on their other devices too. Told in batches: somebody who reads goes on reading.
//
// Invariants
// 1. What is to be told is on disk as soon as it was read: an app that is closed at once tells it at the next start.
// 2. Told message by message: what comes later to another device is not taken for read because it stands earlier.

import { MAX_READ_IDS, MAX_READS, type OwnMessage, type OwnRead } from '#core/identity/own-message.ts';
import type { DeviceId, MessageId } from '#core/charter/ids.ts';
import { SECOND, type Millis } from '#core/ports.ts';
import type { ReadElsewhere } from '../talk/read-mark.ts';
import { homeOf } from './homes.ts';
import type { GroupHome, OwnDevicesPorts } from './own-devices-ports.ts';
import { putReads } from './own-rows.ts';

const GATHER = (3 * SECOND) as Millis;
/** Read on another device in a space that is on its way to this one. */
const MAX_EARLY = 256;

type OwnReads = Extract<OwnMessage, { is: 'read' }>;

interface ReadsPorts extends OwnDevicesPorts {
  readonly others: () => readonly DeviceId[];
  readonly tell: (message: OwnMessage) => Promise<void>;
}

export class Reads {
  readonly #ports: ReadsPorts;
  readonly #waiting = new Map<string, OwnRead>();
  #early: OwnRead[] = [];
  #cancel: (() => void) | undefined;

  constructor(ports: ReadsPorts) {
    this.#ports = ports;
  }

  /** After the self space was read. */
  load(waiting: readonly OwnRead[]): void {
    for (const read of waiting) this.#waiting.set(nameOf(read), read);
    if (waiting.length > 0) this.#tellSoon();
  }

  close(): void {
    this.#cancel?.();
  }

  /** Something was read here. Part of an event. */
  note(read: OwnRead): void {
    if (this.#ports.others().length === 0 || read.ids.length === 0) return;
    const name = nameOf(read);
    const before = this.#waiting.get(name);
    this.#waiting.set(name, before === undefined ? read : { ...read, ids: [...before.ids, ...read.ids] });
    putReads(this.#ports.disk, [...batches([...this.#waiting.values()])]);
    this.#tellSoon();
  }

  /** A device was given a space: what its row could not say of how far things were read there. Part of an event. */
  async give(to: DeviceId, home: GroupHome): Promise<void> {
    for (const reads of batches(home.read())) await this.#ports.tell({ is: 'read', to, reads });
  }

  /** Another device of the person told it. */
  take({ to, reads }: OwnReads): void {
    if (to !== undefined && to !== this.#ports.self().identity.device) return;
    // Behind the taking in of a space that was told before this.
    void this.#ports.queue.run(() => this.#takeAll(reads));
  }

  /** A space came that another device gave. Part of an event. */
  came(): void {
    const early = this.#early;
    this.#early = [];
    this.#takeAll(early);
  }

  #takeAll(reads: readonly OwnRead[]): void {
    for (const read of reads) {
      const home = homeOf(this.#ports, read.space as GroupHome['space']);
      if (home !== undefined) home.readElsewhere(read, elsewhereOf(read));
      else if (this.#early.length < MAX_EARLY) this.#early.push(read);
    }
  }

  #tellSoon(): void {
    const { clock, queue } = this.#ports;
    this.#cancel ??= clock.after(GATHER, () => {
      this.#cancel = undefined;
      void queue.run(() => this.#tell());
    });
  }

  async #tell(): Promise<void> {
    const reads = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const some of batches(reads)) await this.#ports.tell({ is: 'read', to: undefined, reads: some });
    putReads(this.#ports.disk, []);
  }
}

function nameOf({ space, channel, thread }: OwnRead): string {
  return [space, channel, thread].join('|');
}

function elsewhereOf({ before, ids }: OwnRead): ReadElsewhere {
  const place = before === undefined ? undefined : { lamport: before.lamport, id: before.id as MessageId };
  return { before: place, ids: new Set(ids as readonly MessageId[]) };
}

/** As many at a time as one message may hold. */
function* batches(reads: readonly OwnRead[]): Iterable<readonly OwnRead[]> {
  let batch: OwnRead[] = [];
  let room = MAX_READ_IDS;
  for (const read of reads.flatMap(inParts)) {
    if (batch.length === MAX_READS || read.ids.length > room) {
      yield batch;
      batch = [];
      room = MAX_READ_IDS;
    }
    batch.push(read);
    room -= read.ids.length;
  }
  if (batch.length > 0) yield batch;
}

function inParts(read: OwnRead): readonly OwnRead[] {
  if (read.ids.length <= MAX_READ_IDS) return [read];
  const parts: OwnRead[] = [];
  for (let from = 0; from < read.ids.length; from += MAX_READ_IDS) {
    parts.push({ ...read, ids: read.ids.slice(from, from + MAX_READ_IDS) });
  }
  return parts;
}
