// A task taken in hand on the board, by pointer or by keys, and where it would be put down.

import type { TaskEntry, TaskId, TaskPlace } from '#app/tasks/task-api.ts';

export interface Lifted {
  readonly entry: TaskEntry;
  readonly by: 'pointer' | 'keys';
  readonly place: TaskPlace;
  /** Among those of the place, itself left out. */
  readonly index: number;
}

export interface Board {
  /** Left to right in reading order. */
  readonly places: readonly TaskPlace[];
  readonly entriesAt: (place: TaskPlace) => readonly TaskEntry[];
}

/** Where it goes: before a task, or at the end. */
export interface Drop {
  readonly entry: TaskEntry;
  readonly to: TaskPlace;
  readonly above: TaskId | undefined;
  /** It would stand where it stood. */
  readonly isSame: boolean;
}

export class Lift {
  readonly #board: Board;
  #lifted = $state.raw<Lifted>();

  constructor(board: Board) {
    this.#board = board;
  }

  get lifted(): Lifted | undefined {
    return this.#lifted;
  }

  begin(entry: TaskEntry, by: Lifted['by']): void {
    const index = this.#board.entriesAt(entry.place).findIndex(({ id }) => id === entry.id);
    this.#lifted = { entry, by, place: entry.place, index: Math.max(0, index) };
  }

  /** By keys: one place up or down. */
  step(down: 1 | -1): void {
    if (this.#lifted === undefined) return;
    const { place, index } = this.#lifted;
    this.over(place, index + down);
  }

  /** By keys: one column on or back. */
  cross(on: 1 | -1): void {
    if (this.#lifted === undefined) return;
    const { places } = this.#board;
    const place = places[places.indexOf(this.#lifted.place) + on];
    if (place !== undefined) this.over(place, this.#lifted.index);
  }

  over(place: TaskPlace, index: number): void {
    const lifted = this.#lifted;
    if (lifted === undefined || !isPossible(lifted.entry, place)) return;
    // What ended is in the order of its making, wherever it is put.
    const most = isEnded(place) ? 0 : this.count(place) - 1;
    this.#lifted = { ...lifted, place, index: Math.min(Math.max(0, index), most) };
  }

  /** Over no column. */
  away(): void {
    if (this.#lifted !== undefined) this.begin(this.#lifted.entry, this.#lifted.by);
  }

  /** How many places there are to choose from in a column. */
  count(place: TaskPlace): number {
    return isEnded(place) ? 1 : this.#others(place).length + 1;
  }

  /** The task it would come to stand before; `end`: behind all. `undefined`: not in this column. */
  lineAt(place: TaskPlace): TaskId | 'end' | undefined {
    if (this.#lifted?.place !== place) return undefined;
    return this.#others(place)[this.#lifted.index]?.id ?? 'end';
  }

  drop(): Drop | undefined {
    const lifted = this.#lifted;
    this.#lifted = undefined;
    if (lifted === undefined) return undefined;
    const { entry, place: to, index } = lifted;
    const all = this.#board.entriesAt(to);
    const above = isEnded(to) ? undefined : all.filter(({ id }) => id !== entry.id)[index]?.id;
    const isSame = to === entry.place && (isEnded(to) || all[index]?.id === entry.id);
    return { entry, to, above, isSame };
  }

  cancel(): void {
    this.#lifted = undefined;
  }

  #others(place: TaskPlace): readonly TaskEntry[] {
    return this.#board.entriesAt(place).filter(({ id }) => id !== this.#lifted?.entry.id);
  }
}

export function isEnded(place: TaskPlace): boolean {
  return place === 'done' || place === 'dropped';
}

/** What ended in one way is opened again before it ends in another. */
export function isPossible({ place: from }: TaskEntry, to: TaskPlace): boolean {
  return from === to || !isEnded(from) || !isEnded(to);
}
