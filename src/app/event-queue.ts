// One event at a time. Whatever reaches the session (a call, a frame, a timer, an answer from the disk) is handled to
// its end before the next one starts, so that nothing has to be locked and a simulated world can wait for stillness.

/** Events that may go before those that can wait: a flood must not keep them waiting for ever. */
const MAX_BEFORE = 32;

/**
 * Lets the screen draw and hands be heard where many events follow each other. Called after each; gives a promise
 * when it is time, and nothing otherwise.
 */
export type Breather = () => Promise<void> | undefined;

/** Long work inside one event, a step after the other. */
export async function inSteps<T>(
  items: Iterable<T>,
  breathe: Breather | undefined,
  step: (item: T) => Promise<void> | void,
): Promise<void> {
  for (const item of items) {
    const done = step(item);
    if (done !== undefined) await done;
    const breath = breathe?.();
    if (breath !== undefined) await breath;
  }
}

export class EventQueue {
  readonly #breathe: Breather | undefined;
  readonly #urgent: (() => Promise<void>)[] = [];
  readonly #waiting: (() => Promise<void>)[] = [];
  readonly #screens: (() => Promise<void>)[] = [];
  /** What can wait until nothing else does. */
  readonly #patient: (() => Promise<void>)[] = [];
  #passed = 0;
  #wasScreen = false;
  readonly #stillness: (() => void)[] = [];
  #outside = 0;
  #running = false;
  #closed = false;

  constructor(breathe?: Breather) {
    this.#breathe = breathe;
  }

  /** Queues work; resolves or rejects with it. After `close` nothing runs any more and the promise stays pending. */
  run<T>(work: () => Promise<T> | T): Promise<T> {
    return this.#add(this.#waiting, work);
  }

  /** As `run`, before all that waits. */
  first<T>(work: () => Promise<T> | T): Promise<T> {
    return this.#add(this.#urgent, work);
  }

  /** As `run`, for what brings screens up to date: once, after all that has come. */
  show<T>(work: () => Promise<T> | T): Promise<T> {
    return this.#add(this.#screens, work);
  }

  /** As `run`, for work that nobody waits for at the screen or at the other end: what people wait for goes before. */
  later<T>(work: () => Promise<T> | T): Promise<T> {
    return this.#add(this.#patient, work);
  }

  /** Long work inside the event that is being handled. */
  inSteps<T>(items: Iterable<T>, step: (item: T) => void): Promise<void> {
    return inSteps(items, this.#breathe, step);
  }

  /**
   * Lets an answer from outside that surely comes soon (the disk's) count as unrest, so that `idle` waits for it. The
   * work itself runs at once, beside the queue: it must not touch what events touch.
   */
  async beside<T>(work: () => Promise<T>): Promise<T> {
    this.#outside++;
    try {
      return await work();
    } finally {
      this.#outside--;
      // A turn later, so that what waits for the answer can queue its event first.
      void Promise.resolve().then(() => this.#tellStillness());
    }
  }

  /** Resolves when nothing is queued, running or awaited from the disk. */
  async idle(): Promise<void> {
    while (this.#busy) await new Promise<void>((resolve) => this.#stillness.push(resolve));
  }

  close(): void {
    this.#closed = true;
    this.#urgent.length = 0;
    this.#waiting.length = 0;
    this.#screens.length = 0;
    this.#patient.length = 0;
  }

  get #busy(): boolean {
    const isQueued =
      this.#urgent.length > 0 || this.#waiting.length > 0 || this.#screens.length > 0 || this.#patient.length > 0;
    return this.#running || this.#outside > 0 || isQueued;
  }

  #add<T>(lane: (() => Promise<void>)[], work: () => Promise<T> | T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closed) return;
      lane.push(async () => {
        try {
          resolve(await work());
        } catch (cause) {
          reject(cause instanceof Error ? cause : new Error('event failed', { cause }));
        }
      });
      if (!this.#running) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#running = true;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      await next();
      const breath = this.#breathe?.();
      if (breath !== undefined) await breath;
    }
    this.#running = false;
    this.#tellStillness();
  }

  #next(): (() => Promise<void>) | undefined {
    const urgent = this.#urgent.shift();
    if (urgent !== undefined) return urgent;
    const isTheirTurn = this.#waiting.length === 0 || this.#passed >= MAX_BEFORE;
    // After the screens comes what is more patient still: they may ask for another turn each time.
    const wasScreen = this.#wasScreen;
    const screen = isTheirTurn && !wasScreen ? this.#screens.shift() : undefined;
    this.#wasScreen = screen !== undefined;
    if (screen !== undefined) return screen;
    const patient = isTheirTurn ? this.#patient.shift() : undefined;
    const isAnyoneLeft = this.#screens.length > 0 || this.#patient.length > 0;
    this.#passed = isAnyoneLeft && patient === undefined && !wasScreen ? this.#passed + 1 : 0;
    return patient ?? this.#waiting.shift() ?? this.#screens.shift();
  }

  #tellStillness(): void {
    if (this.#busy) return;
    for (const tell of this.#stillness.splice(0)) tell();
  }
}
