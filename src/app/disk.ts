// Gathers what events change and brings it to disk in whole steps: all rows of one or more finished events in one
// commit, one commit at a time. Nothing waits for the disk but what was promised to be durable.
//
// Invariants
// 1. A commit holds every change of the events before it and none of a half-handled one.
// 2. What was refused for lack of room stays here and is tried again; later changes join it.
// 3. `durable(then)` runs `then` as an event, after a strict commit that contains, or follows, everything changed up to
//    the call.

import {
  SECOND,
  StorageFault,
  type Clock,
  type Millis,
  type Rows,
  type RowWrite,
  type StorageFaultKind,
} from '#core/ports.ts';
import { DiskChanges, type Change, type RowValue } from './disk-changes.ts';
import type { EventQueue } from './event-queue.ts';

/** How long to wait before a full disk is tried again. Short: a person who made room expects it to go on. */
const RETRY_AFTER = (3 * SECOND) as Millis;

/**
 * After a commit that somebody waited for, the page is the screen's so long: what was saved is shown, and what is shown
 * first is read. A person sees no difference in when the rest follows.
 */
const SCREEN_FIRST = 50 as Millis;

export type DiskState = 'well' | 'full' | 'ended';

export interface DiskPorts {
  readonly rows: Rows;
  readonly clock: Clock;
  readonly queue: EventQueue;
  /** Called within an event whenever the state changed; `fault` says why when it ended. */
  readonly changed: (state: DiskState, fault: StorageFaultKind | undefined) => void;
}

type Waiter = (outcome: 'saved' | 'closed') => void;

export class Disk {
  readonly #ports: DiskPorts;
  #changes = new DiskChanges();
  #waiters: Waiter[] = [];
  #triers: (() => void)[] = [];
  /** What is to be done when nobody waits for a commit any more. */
  readonly #unhurried: (() => void)[] = [];
  /** Somebody waits for what has gathered, or for what flies. */
  #isAwaited = false;
  #fliesAwaited = false;
  #strict = false;
  #flying = false;
  #started = false;
  /** Much came, and what is to be done about it is queued. */
  #isFlooded = false;
  /** Settles the last commit, which the disk has taken or refused. */
  #landing: (() => Promise<void> | undefined) | undefined;
  #state: DiskState = 'well';
  /** A row of the last commit, where that was not strict: written once more strictly, all before it is strictly durable. */
  #loose: RowWrite | undefined;
  #cancelRetry: (() => void) | undefined;
  /** The page is the screen's for a moment. */
  #cancelCalm: (() => void) | undefined;

  constructor(ports: DiskPorts) {
    this.#ports = ports;
  }

  get state(): DiskState {
    return this.#state;
  }

  /** Changes a row as part of the event being handled; `null` removes it. */
  put(collection: string, id: string, value: RowValue): void {
    this.#changes.put(collection, id, value);
    this.#start();
  }

  /** Puts a row of which the caller knows that the disk has none. */
  add(collection: string, id: string, value: RowValue): void {
    this.#changes.add(collection, id, value);
    this.#start();
  }

  /** Takes back changes that have not been committed. */
  forget(isMeant: (collection: string, id: string) => boolean): void {
    this.#changes.forget(isMeant);
  }

  /** Runs `then` as an event once everything changed so far is strictly durable, or never will be (`closed`). */
  durable(then: Waiter): void {
    if (this.#state === 'ended') {
      void this.#ports.queue.run(() => then('closed'));
      return;
    }
    this.#strict = true;
    this.#waiters.push(then);
    this.#start();
  }

  /** As `durable`, as a promise. Must not be awaited inside an event: the commit begins after it. */
  flush(): Promise<'saved' | 'closed'> {
    return new Promise((resolve) => this.durable(resolve));
  }

  /**
   * Runs an event of which somebody is told when it is strictly durable: asked for within it, so that its changes go there
   * in one commit and not loosely first.
   */
  async saving<T>(
    event: () => Promise<T> | T,
  ): Promise<{ readonly done: T; readonly saved: ReturnType<Disk['flush']> }> {
    let saved: ReturnType<Disk['flush']>;
    const done = await this.#ports.queue.run(async () => {
      const made = await event();
      saved = this.flush();
      return made;
    });
    return { done, saved: saved! };
  }

  /** Resolves when the disk has taken or refused everything changed so far. Must not be awaited inside an event. */
  tried(): Promise<void> {
    if (this.#state !== 'well') return Promise.resolve();
    return new Promise((resolve) => {
      this.#strict = true;
      this.#triers.push(resolve);
      this.#start();
    });
  }

  /** Somebody waits for what the event changed: the commit begins right after it, before what else is queued. */
  hurry(): void {
    if (this.#isAwaited || this.#state !== 'well') return;
    this.#isAwaited = true;
    this.#flySoon();
  }

  /**
   * Runs `then` now; where somebody waits for a commit, after that and what they see by it: what it takes must not hold
   * these up.
   */
  unhurried(then: () => void): void {
    if (this.isHurried) this.#unhurried.push(then);
    else then();
  }

  /** Somebody waits for a commit, or looks at what it was for. */
  get isHurried(): boolean {
    return this.#isAwaited || this.#fliesAwaited || this.#cancelCalm !== undefined;
  }

  /** Ends it: what has not reached the disk never will. */
  end(fault?: StorageFaultKind): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#cancelRetry?.();
    this.#cancelCalm?.();
    this.#changes.clear();
    for (const resolve of this.#triers.splice(0)) resolve();
    this.#settle(this.#waiters.splice(0), 'closed');
    this.#ports.changed('ended', fault);
  }

  #start(): void {
    if (this.#changes.isMuch) this.#flood();
    if (this.#started || this.#flying || this.#state !== 'well') return;
    this.#started = true;
    // As an event of its own: the one being handled now is then complete (invariant 1). What is to be sent or shown goes
    // before it; the disk takes all that has gathered.
    void this.#ports.queue.later(() => {
      this.#started = false;
      return this.#fly();
    });
  }

  /** Where much comes, more will: the disk writes while it comes, before all that waits, and little is left at last. */
  #flood(): void {
    if (this.#isFlooded || this.#state !== 'well') return;
    const { queue } = this.#ports;
    if (this.#landing !== undefined) void queue.first(this.#landing);
    else if (!this.#flying) void queue.first(() => this.#flyIfMuch());
    else return;
    this.#isFlooded = true;
  }

  #flyIfMuch(): Promise<void> | undefined {
    this.#isFlooded = false;
    return this.#state === 'well' && this.#changes.isMuch ? this.#fly() : undefined;
  }

  #flySoon(): void {
    void this.#ports.queue.run(() => {
      if (this.#state === 'well') return this.#fly();
    });
  }

  /** As an event: what rows hold is made in steps, and nothing changes them meanwhile. */
  async #fly(): Promise<void> {
    if (this.#flying || this.#state === 'ended') return;
    this.#fliesAwaited = this.#isAwaited;
    this.#isAwaited = false;
    const changes = this.#changes;
    const waiters = this.#waiters;
    const durability = this.#strict ? 'strict' : 'relaxed';
    const again = durability === 'strict' ? this.#loose : undefined;
    if (changes.isEmpty && again === undefined) {
      this.#strict = false;
      this.#waiters = [];
      for (const resolve of this.#triers.splice(0)) resolve();
      this.#settle(waiters, 'saved');
      this.#calmDown();
      return;
    }
    this.#changes = new DiskChanges();
    this.#waiters = [];
    this.#strict = false;
    const triers = this.#triers.splice(0);
    this.#flying = true;
    const { queue, rows } = this.#ports;
    const writes = changes.isEmpty ? [again!] : await this.#rowsOf(changes.values());
    if (this.#hasEnded()) {
      for (const resolve of triers) resolve();
      this.#settle(waiters, 'closed');
      return;
    }
    const landed = (fault: StorageFaultKind | undefined) => {
      const land = (): Promise<void> | undefined => {
        // In two lanes, where much came.
        if (this.#landing !== land) return undefined;
        this.#landing = undefined;
        this.#isFlooded = false;
        this.#flying = false;
        for (const resolve of triers) resolve();
        if (fault === undefined) {
          this.#loose = durability === 'strict' ? undefined : shortest(writes!);
          this.#land(waiters);
        } else this.#turnBack({ changes, waiters, strict: durability === 'strict' }, fault);
        this.#calmDown();
        return this.#goOn();
      };
      this.#landing = land;
      // What came over a link or was written meanwhile goes before the news that something was saved.
      return this.#changes.isMuch ? queue.first(land) : queue.later(land);
    };
    // Whoever looks sees that nothing is saved, and what changed is not lost.
    if (writes === undefined) {
      void landed('broken');
      return;
    }
    void queue.beside(() =>
      rows.commit(writes, durability).then(
        () => landed(undefined),
        (cause: unknown) => landed(cause instanceof StorageFault ? cause.fault : 'broken'),
      ),
    );
  }

  /** `undefined` where one of them cannot be made. */
  async #rowsOf(changes: Iterable<Change>): Promise<readonly RowWrite[] | undefined> {
    const writes: RowWrite[] = [];
    try {
      await this.#ports.queue.inSteps(changes, ({ collection, id, value }) => {
        writes.push({ collection, id, value: typeof value === 'function' ? value() : value });
      });
      return writes;
    } catch {
      return undefined;
    }
  }

  /** It may have while something was waited for. */
  #hasEnded(): boolean {
    return this.#state === 'ended';
  }

  #land(waiters: readonly Waiter[]): void {
    if (this.#state === 'full') {
      this.#state = 'well';
      this.#ports.changed('well', undefined);
    }
    this.#settle(waiters, 'saved');
  }

  /** What came meanwhile. */
  #goOn(): Promise<void> | undefined {
    if (this.#state === 'well' && this.#changes.isMuch) return this.#fly();
    if (!this.#changes.isEmpty || this.#waiters.length > 0 || this.#triers.length > 0) this.#start();
    return undefined;
  }

  #turnBack(flight: { changes: DiskChanges; waiters: Waiter[]; strict: boolean }, fault: StorageFaultKind): void {
    if (this.#state === 'ended') return;
    this.#changes = flight.changes.followedBy(this.#changes);
    for (const resolve of this.#triers.splice(0)) resolve();
    this.#waiters = [...flight.waiters, ...this.#waiters];
    this.#strict ||= flight.strict;
    if (fault === 'gone' || fault === 'closed') {
      this.end(fault);
      return;
    }
    if (this.#state === 'well') {
      this.#state = 'full';
      this.#ports.changed('full', fault);
    }
    this.#cancelRetry = this.#ports.clock.after(RETRY_AFTER, () => void this.#ports.queue.run(() => this.#fly()));
  }

  #calmDown(): void {
    const wasAwaited = this.#fliesAwaited;
    this.#fliesAwaited = false;
    if (this.#isAwaited) this.#flySoon();
    else if (wasAwaited) this.#leaveToScreen();
  }

  #leaveToScreen(): void {
    const { clock, queue } = this.#ports;
    const goOn = (): void => {
      this.#cancelCalm = undefined;
      if (this.#isAwaited || this.#fliesAwaited) return;
      for (const then of this.#unhurried.splice(0)) then();
    };
    this.#cancelCalm?.();
    this.#cancelCalm = clock.after(SCREEN_FIRST, () => void queue.run(goOn));
  }

  #settle(waiters: readonly Waiter[], outcome: 'saved' | 'closed'): void {
    for (const waiter of waiters) waiter(outcome);
  }
}

/** Of what was written; something that was removed only where nothing else was done. */
function shortest(writes: readonly RowWrite[]): RowWrite | undefined {
  const length = ({ value }: RowWrite): number => value?.length ?? Infinity;
  return writes.reduce<RowWrite | undefined>(
    (best, write) => (best === undefined || length(write) < length(best) ? write : best),
    undefined,
  );
}
