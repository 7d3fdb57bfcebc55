// A value that changes, as screens see it (api.ts, `Live`).

import type { Live } from './api.ts';

export class LiveValue<T> implements Live<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get current(): T {
    return this.#value;
  }

  /** Replaces the value and tells those who subscribed; one that throws must not keep the others from hearing. */
  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const changed of [...this.#listeners]) {
      try {
        changed();
      } catch {
        // A screen's mistake is the screen's; the session goes on.
      }
    }
  }

  subscribe(changed: () => void): () => void {
    const listener = (): void => changed();
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
