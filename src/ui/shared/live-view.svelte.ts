// A value of the session as Svelte sees it: read `current`, and the reader runs again when it changes.

import { createSubscriber } from 'svelte/reactivity';
import type { Live } from '#app/api.ts';

export class LiveView<T> {
  readonly #live: Live<T>;
  readonly #subscribe: () => void;

  constructor(live: Live<T>) {
    this.#live = live;
    this.#subscribe = createSubscriber((changed) => live.subscribe(changed));
  }

  get current(): T {
    this.#subscribe();
    return this.#live.current;
  }
}
