// One's own edits on their way out: the first leaves at once, those made meanwhile leave together.
//
// Invariants
// 1. Bundles leave one after the other and in order: a later one that overtook an earlier one would be refused for ever.
// 2. What the disk did not take stays here and is tried again.

import { mergeUpdates } from 'yjs';
import type { Bytes } from '#core/bytes/bytes.ts';
import { splitUpdate } from '#core/docs/split-update.ts';
import { SECOND, type Clock, type Millis } from '#core/ports.ts';
import { LiveValue } from '../live-value.ts';
import type { PublishResult } from '../space-content.ts';

/**
 * Bundles that may leave without waiting, and how soon another may. A person types at most 15 keys a second, and no ten
 * seconds on end without a pause, so single keystrokes are seen elsewhere at once; what writes faster (a paste, a script)
 * is bundled and does not fill the log.
 */
const BURST = 50;
const REFILL = 100 as Millis;
/** How soon a full disk is tried again. */
const RETRY = (3 * SECOND) as Millis;

export interface OutgoingPorts {
  readonly clock: Clock;
  publish(update: Bytes): Promise<PublishResult>;
  /** One's own document must lose what no message could carry. */
  lose(update: Bytes): void;
}

export type SavedState = 'saved' | 'saving' | 'no-room';

export class Outgoing {
  readonly state = new LiveValue<SavedState>('saved');
  readonly #ports: OutgoingPorts;
  #pending: Bytes[] = [];
  #flight: Promise<void> | undefined;
  #flying: readonly Bytes[] = [];
  #woken = false;
  #cancelWait: (() => void) | undefined;
  #tokens = BURST;
  #countedAt: Millis;
  #ended = false;

  constructor(ports: OutgoingPorts) {
    this.#ports = ports;
    this.#countedAt = ports.clock.now();
  }

  /** Whether anything was made here that is not in the log yet. */
  get isEmpty(): boolean {
    return this.#pending.length === 0 && this.#flight === undefined;
  }

  /** What the log did not take yet. */
  get unsaved(): readonly Bytes[] {
    return [...this.#flying, ...this.#pending];
  }

  /** Takes an edit. Only queues: it is called from inside Yjs, where an exception would wedge the document. */
  push(update: Bytes): void {
    if (this.#ended) return;
    this.#pending.push(update);
    if (this.#woken) return;
    this.#woken = true;
    void Promise.resolve().then(() => {
      this.#woken = false;
      // First away with it, then the screens.
      this.#leave(false);
      this.state.set(this.state.current === 'no-room' ? 'no-room' : 'saving');
    });
  }

  /** Resolves when everything pushed so far is saved, or the disk has refused it, or takes nothing any more. */
  async flush(): Promise<void> {
    await Promise.resolve();
    while (this.#pending.length > 0 || this.#flight !== undefined) {
      if (this.#flight === undefined) this.#leave(true);
      await this.#flight;
      if (this.state.current === 'no-room' || this.#ended) return;
    }
  }

  /** What is written from now on goes nowhere, and the document no longer tells of it: nobody may believe it saved. */
  end(): void {
    this.#ended = true;
    this.#cancelWait?.();
    this.#pending = [];
    if (this.state.current === 'saved') this.state.set('saving');
  }

  #leave(now: boolean): void {
    if (this.#flight !== undefined || this.#pending.length === 0 || this.#ended) return;
    const wait = now ? 0 : this.#waitFor();
    if (wait > 0) {
      this.#cancelWait ??= this.#ports.clock.after(wait as Millis, () => {
        this.#cancelWait = undefined;
        this.#leave(false);
      });
      return;
    }
    this.#cancelWait?.();
    this.#cancelWait = undefined;
    this.#flying = this.#pending.splice(0);
    this.#flight = this.#fly(this.#flying);
  }

  async #fly(updates: readonly Bytes[]): Promise<void> {
    const whole = updates.length === 1 ? updates[0]! : (mergeUpdates([...updates]) as Bytes);
    const { pieces, loss } = splitUpdate(whole);
    let result: PublishResult = 'saved';
    let done = 0;
    while (done < pieces.length && result === 'saved') {
      result = await this.#publish(pieces[done]!);
      if (result === 'saved') done++;
    }
    this.#flight = undefined;
    this.#flying = [];
    if (loss !== undefined && done === pieces.length) this.#ports.lose(loss);
    this.#pending = [...pieces.slice(done), ...this.#pending];
    this.#settle(result);
  }

  async #publish(piece: Bytes): Promise<PublishResult> {
    try {
      return await this.#ports.publish(piece);
    } catch {
      return 'no-room';
    }
  }

  #settle(result: PublishResult): void {
    if (this.#ended) return;
    if (result === 'closed') {
      // For good. What is left stays: the document is not what the messages say.
      this.#ended = true;
      return;
    }
    if (result !== 'saved') {
      this.state.set('no-room');
      this.#cancelWait ??= this.#ports.clock.after(RETRY, () => {
        this.#cancelWait = undefined;
        this.#leave(true);
      });
      return;
    }
    this.state.set(this.#pending.length === 0 ? 'saved' : 'saving');
    this.#leave(false);
  }

  /** 0 when a bundle may leave, which it then does. */
  #waitFor(): number {
    const now = this.#ports.clock.now();
    // A clock that jumped back gives nothing and takes nothing.
    const earned = Math.max(0, (now - this.#countedAt) / REFILL);
    this.#tokens = Math.min(BURST, this.#tokens + earned);
    this.#countedAt = now;
    if (this.#tokens < 1) return Math.ceil((1 - this.#tokens) * REFILL);
    this.#tokens--;
    return 0;
  }
}
