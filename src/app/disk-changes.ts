// What events changed since the last commit began, the newest of each row.

import type { Bytes } from '#core/bytes/bytes.ts';

/** What a row will hold: said now, or made when the commit begins, once for however many changes there were. */
export type RowValue = Bytes | null | (() => Bytes | null);

export interface Change {
  readonly collection: string;
  readonly id: string;
  readonly value: RowValue;
  /** The disk has no row of that name yet. */
  readonly isNew: boolean;
}

/** Rows that come to stay: more than what a few messages change. */
const MUCH = 8;

/** Rows of things that wait for others: most are taken back a moment later, when what they waited for came. */
const MANY_IN_WAITING = 100;

export class DiskChanges {
  readonly #changes = new Map<string, Change>();
  #new = 0;

  get isEmpty(): boolean {
    return this.#changes.size === 0;
  }

  /** Much is to be written, and little of it will be taken back. */
  get isMuch(): boolean {
    return this.#changes.size - this.#new >= MUCH && this.#new < MANY_IN_WAITING;
  }

  put(collection: string, id: string, value: RowValue): void {
    const name = nameOf(collection, id);
    const isNew = this.#changes.get(name)?.isNew ?? false;
    // What never reached the disk need not be removed from it.
    if (isNew && value === null) this.#delete(name);
    else this.#set(name, { collection, id, value, isNew });
  }

  /** As `put`, for a row of which the disk has none, as the caller knows. */
  add(collection: string, id: string, value: RowValue): void {
    const name = nameOf(collection, id);
    this.#set(name, { collection, id, value, isNew: this.#changes.get(name)?.isNew ?? true });
  }

  forget(isMeant: (collection: string, id: string) => boolean): void {
    for (const [name, { collection, id }] of this.#changes) if (isMeant(collection, id)) this.#delete(name);
  }

  clear(): void {
    this.#changes.clear();
    this.#new = 0;
  }

  /** These, and over them what came later. */
  followedBy(later: DiskChanges): this {
    for (const [name, change] of later.#changes) this.#set(name, change);
    return this;
  }

  values(): Iterable<Change> {
    return this.#changes.values();
  }

  #set(name: string, change: Change): void {
    const before = this.#changes.get(name);
    this.#new += Number(change.isNew) - Number(before?.isNew ?? false);
    this.#changes.set(name, change);
  }

  #delete(name: string): void {
    if (this.#changes.get(name)?.isNew === true) this.#new--;
    this.#changes.delete(name);
  }
}

function nameOf(collection: string, id: string): string {
  return `${collection}\n${id}`;
}
