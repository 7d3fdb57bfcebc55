// A disk that keeps its promises and no more: a commit is whole or not at all, strict ones survive a crash, relaxed ones
// may not, and what was under way when the power went may be there or not.

import type { Bytes } from '#core/bytes/bytes.ts';
import { StorageFault, type Durability, type Row, type RowWrite, type Rows } from '#core/ports.ts';
import type { Dice } from './dice.ts';
import type { World } from './world.ts';

type Table = Map<string, Map<string, Bytes>>;

interface Commit {
  readonly writes: readonly RowWrite[];
  readonly durability: Durability;
}

/** Plan of a disk that lies: used to show that the checker notices. */
export interface DiskLies {
  /** Says `done` before anything is durable. */
  readonly acknowledgesEarly?: boolean;
}

export class SimDisk implements Rows {
  readonly #world: World;
  readonly #dice: Dice;
  readonly #lies: DiskLies;
  /** What a crash leaves. */
  #durable: Table = new Map();
  /** What a reader sees now. */
  #seen: Table = new Map();
  /** Accepted and not yet durable, in order. */
  #volatile: Commit[] = [];
  #flying: Commit[] = [];
  /** Grows with each crash: answers to an app that is gone reach nobody. */
  #life = 0;
  #readyAt = 0;
  full = false;
  /** Called when the app is to crash in the middle of a commit. */
  oncrash: (() => void) | undefined;
  /** The next commit that has to be durable is this app's last: it crashes before the answer. */
  isFatal = false;

  constructor(world: World, dice: Dice, lies: DiskLies = {}) {
    this.#world = world;
    this.#dice = dice;
    this.#lies = lies;
  }

  /** What is read is the reader's own: an app erases what it destroys in its memory, not on the disk. */
  get(collection: string, id: string): Promise<Bytes | undefined> {
    return Promise.resolve(this.#seen.get(collection)?.get(id)?.slice());
  }

  list(collection: string): Promise<readonly Row[]> {
    const rows = [...(this.#seen.get(collection) ?? [])].map(([id, value]) => ({ id, value: value.slice() }));
    return Promise.resolve(rows.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)));
  }

  async commit(writes: readonly RowWrite[], durability: Durability): Promise<void> {
    const life = this.#life;
    if (this.full) {
      this.#world.faults.strike('disk full');
      throw new StorageFault('full');
    }
    // The app may reuse its arrays; a disk keeps what it was given.
    const commit = { writes: writes.map((write) => ({ ...write })), durability };
    this.#flying.push(commit);
    if (this.isFatal && durability === 'strict') {
      this.isFatal = false;
      this.#world.after(1, 'crash mid-write', () => this.oncrash?.());
    }
    // One after the other, as transactions over one store are.
    const takes = durability === 'strict' ? this.#dice.between(2, 12) : this.#dice.between(0, 2);
    this.#readyAt = Math.max(this.#readyAt, this.#world.now) + takes;
    const delay = this.#readyAt - this.#world.now;
    await new Promise<void>((resolve) => this.#world.after(delay, 'disk', resolve));
    if (life !== this.#life) return new Promise<never>(() => undefined);
    this.#flying = this.#flying.filter((one) => one !== commit);
    for (const write of commit.writes) put(this.#seen, write);
    this.#volatile.push(commit);
    if (durability === 'strict' && this.#lies.acknowledgesEarly !== true) this.#harden(this.#volatile.length);
  }

  /** The app is gone; says whether something was being written. */
  crash(): boolean {
    this.#life++;
    const torn = this.#flying.length > 0;
    const kept = this.#dice.roll(this.#volatile.length + 1);
    const lost = kept < this.#volatile.length;
    this.#harden(kept);
    // What was under way is there whole or not at all, and only if all before it is.
    for (const commit of lost ? [] : this.#flying) {
      if (!this.#dice.chance(0.5)) break;
      for (const write of commit.writes) put(this.#durable, write);
    }
    this.#volatile = [];
    this.#flying = [];
    this.#seen = copy(this.#durable);
    return torn;
  }

  /** Orderly shutdown: what was accepted is kept. */
  settle(): void {
    this.#life++;
    this.#harden(this.#volatile.length);
    this.#flying = [];
  }

  /** A copy of what is on disk, for a thief or a forger. */
  copyFrom(other: SimDisk): void {
    this.#durable = copy(other.#seen);
    this.#seen = copy(other.#seen);
  }

  /** All rows as a reader sees them, to be written elsewhere. */
  get rows(): readonly RowWrite[] {
    return [...this.#seen].flatMap(([collection, rows]) => [...rows].map(([id, value]) => ({ collection, id, value })));
  }

  #harden(count: number): void {
    for (const { writes } of this.#volatile.splice(0, count)) for (const write of writes) put(this.#durable, write);
  }
}

function put(table: Table, { collection, id, value }: RowWrite): void {
  let rows = table.get(collection);
  if (rows === undefined) table.set(collection, (rows = new Map()));
  if (value === null) rows.delete(id);
  else rows.set(id, value);
}

function copy(table: Table): Table {
  return new Map([...table].map(([collection, rows]) => [collection, new Map(rows)]));
}
