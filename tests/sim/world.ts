// One seeded world: its clock, its dice, its trace and its list of what is to come. Everything that happens is one event;
// the next one starts when nothing is left to do for the last.

import type { Clock, Logger, Millis } from '#core/ports.ts';
import { Dice } from './dice.ts';
import { Faults } from './faults.ts';

/** Where simulated time begins; any day will do, as no rule asks for it. */
const START = Date.UTC(2026, 10, 21);

let teller: ((line: string) => void) | undefined;

/** Every line that is noted from now on is told, but for frames, of which there are too many. */
export function tellTo(tell: (line: string) => void): void {
  teller = tell;
}

interface Event {
  readonly at: number;
  /** Of two at one moment the one planned first comes first. */
  readonly order: number;
  readonly what: string;
  run: (() => void) | undefined;
}

export class World {
  readonly seed: number;
  readonly dice: Dice;
  readonly faults = new Faults();
  readonly counts = new Map<string, number>();
  /** Calls of real primitives that are under way: they end outside of simulated time. */
  busy = 0;
  /** The last of those calls; never rejects. */
  answer: Promise<unknown> = Promise.resolve();
  now = START;
  events = 0;
  #order = 0;
  #trace = 0x811c9dc5;
  readonly #heap: Event[] = [];

  constructor(seed: number) {
    this.seed = seed;
    this.dice = new Dice(seed, 'world');
  }

  /** What happened so far as one number: equal for equal seeds. */
  get trace(): string {
    return (this.#trace >>> 0).toString(16).padStart(8, '0');
  }

  /** Notes what happened, between whom and how long it was; never content, which depends on nothing else. */
  note(what: string, ...details: readonly (string | number)[]): void {
    const line = `${this.now} ${what} ${details.join(' ')}\n`;
    if (teller !== undefined && what !== 'frame') teller(`${this.now - START} ${line.slice(line.indexOf(' ') + 1)}`);
    for (let i = 0; i < line.length; i++) this.#trace = Math.imul(this.#trace ^ line.charCodeAt(i), 0x01000193);
  }

  /** Plans something; the answer cancels it. */
  after(delay: number, what: string, run: () => void): () => void {
    const event: Event = { at: this.now + Math.max(0, delay), order: this.#order++, what, run };
    this.#push(event);
    return () => {
      event.run = undefined;
    };
  }

  /** Lets everything happen that is planned for the next `duration`. */
  async pass(duration: number): Promise<void> {
    const until = this.now + duration;
    await this.stillness();
    for (let next = this.#heap[0]; next !== undefined && next.at <= until; next = this.#heap[0]) {
      this.#pop();
      const { run } = next;
      if (run === undefined) continue;
      this.now = next.at;
      this.events++;
      run();
      await this.stillness();
    }
    this.now = until;
  }

  /** Everything that follows from the last event without time passing has happened. */
  async stillness(): Promise<void> {
    for (;;) {
      // Node turns to this queue only when no promise has anything left to do, without going round its event loop.
      await new Promise<void>((resolve) => process.nextTick(resolve));
      if (this.busy === 0) return;
      await this.answer;
    }
  }

  /** A clock as wrong as `offset` says; what it wakes, it wakes by the world's time. */
  clock(offset: () => number): Clock {
    return {
      now: () => (this.now + offset()) as Millis,
      after: (delay, wake) => this.after(delay, 'timer', wake),
    };
  }

  logger(): Logger {
    return {
      count: (component, event, amount = 1) => {
        const name = `${component}: ${event}`;
        this.counts.set(name, (this.counts.get(name) ?? 0) + amount);
      },
    };
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(event, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function before(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
