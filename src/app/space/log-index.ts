// Where in a log the messages of each kind are: rooms that read one kind need not look at fifty thousand of others.

export class LogIndex {
  readonly #kinds = new Map<string, number[]>();
  /** Places of those that break a rule, ascending. */
  readonly #fallen: number[] = [];

  /** Places come in ascending order. */
  note(place: number, kind: string, stands: boolean): void {
    const known = this.#kinds.get(kind);
    if (known === undefined) this.#kinds.set(kind, [place]);
    else known.push(place);
    if (!stands) this.#fallen.push(place);
  }

  kinds(): readonly string[] {
    return [...this.#kinds.keys()];
  }

  /** Ascending. Grows while messages settle. */
  places(kind: string): readonly number[] {
    return this.#kinds.get(kind) ?? [];
  }

  /** How many messages before this place were handed out. */
  positionOf(place: number): number {
    let low = 0;
    let high = this.#fallen.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#fallen[middle]! < place) low = middle + 1;
      else high = middle;
    }
    return place - low;
  }
}
