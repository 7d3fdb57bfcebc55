// Admitted docUpdates on their way into Yjs, in slices short enough that the screen goes on.

import type { Doc } from 'yjs';
import type { Bytes } from '#core/bytes/bytes.ts';
import { sliceUpdate } from '#core/docs/split-update.ts';
import type { Clock, Millis } from '#core/ports.ts';

/** Longest time without letting the screen breathe; a frame is 16 ms. */
const TURN = 12 as Millis;
/**
 * A forger can make Yjs walk the whole list for each struct (every neighbour chosen so that no conflict is resolved
 * early); a step costs about 0.2 µs. So many steps take 30 ms, however the neighbours were chosen.
 */
const MAX_STEPS = 150_000;

export class Intake {
  readonly #clock: Clock;
  readonly #doc: Doc;
  readonly #apply: (update: Bytes) => void;
  /** The first may be a slice already. */
  #waiting: Bytes[] = [];
  #cancel: (() => void) | undefined;
  #watching: (() => void)[] = [];

  constructor(clock: Clock, doc: Doc, apply: (update: Bytes) => void) {
    this.#clock = clock;
    this.#doc = doc;
    this.#apply = apply;
  }

  /** Applies it now, unless earlier ones are still waiting. */
  add(update: Bytes): void {
    this.#waiting.push(update);
    if (this.#cancel === undefined) this.#work();
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  caughtUp(): Promise<void> {
    if (this.isEmpty) return Promise.resolve();
    return new Promise((resolve) => this.#watching.push(resolve));
  }

  end(): void {
    this.#cancel?.();
    this.#waiting = [];
  }

  #work(): void {
    const until = this.#clock.now() + TURN;
    do {
      const [slice, ...rest] = this.#sliced(this.#waiting.shift()!);
      this.#waiting.unshift(...rest);
      this.#apply(slice!);
    } while (this.#waiting.length > 0 && this.#clock.now() <= until);
    if (this.#waiting.length === 0) {
      for (const tell of this.#watching.splice(0)) tell();
      return;
    }
    this.#cancel = this.#clock.after(0 as Millis, () => {
      this.#cancel = undefined;
      this.#work();
    });
  }

  /** As many structs at once as cannot take longer than a frame or two, judged by what the document holds. */
  #sliced(update: Bytes): readonly Bytes[] {
    let structs = 0;
    for (const list of this.#doc.store.clients.values()) structs += list.length;
    // Each walks what is there and what came before it in the slice: most × (structs + most) is MAX_STEPS.
    const most = Math.max(1, Math.floor((Math.sqrt(structs ** 2 + 4 * MAX_STEPS) - structs) / 2));
    // A struct takes at least five bytes, so short updates need no counting.
    return update.length <= most * 5 ? [update] : sliceUpdate(update, most);
  }
}
