// One tab of a browser has the vault at a time: Web Locks say which, a channel asks the other to give it up.

/** How long the other tab gets to put everything on disk. A frozen one never answers. */
const PATIENCE_MS = 4_000;

type Word = 'taken' | 'give-up';

/**
 * Invariants: (1) at most one tab holds the lock; (2) whoever loses it hears so once; (3) nothing here protects the
 * disk: a tab that lost the lock while frozen is kept from writing by the disk's claim.
 */
export class TabLock {
  /** Called when the lock we hold is asked for or was taken from us. Closing must end in `release`. */
  onlost: (() => void) | undefined;
  /** Called when another tab took the lock. */
  ontaken: (() => void) | undefined;
  readonly #name: string;
  readonly #channel: BroadcastChannel;
  #release: (() => void) | undefined;
  #toldLoss = false;
  /** Settles when the lock that was requested last is no longer ours. */
  #ended: Promise<void> = Promise.resolve();

  constructor(name: string) {
    this.#name = name;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }: MessageEvent<Word>) => {
      if (data === 'give-up' && this.holds) this.#tellLoss();
      if (data === 'taken' && !this.holds) this.ontaken?.();
    };
  }

  get holds(): boolean {
    return this.#release !== undefined;
  }

  async isTakenElsewhere(): Promise<boolean> {
    if (this.holds || !hasLocks()) return false;
    const { held = [] } = await navigator.locks.query();
    return held.some(({ name }) => name === this.#name);
  }

  /** Takes the lock if nobody holds it; says whether we hold it now. */
  take(): Promise<boolean> {
    return this.holds ? Promise.resolve(true) : this.#request({ ifAvailable: true });
  }

  /** Takes the lock from the tab that holds it: asks first, and after a while no more. */
  async takeOver(): Promise<void> {
    if (this.holds) return;
    this.#channel.postMessage('give-up' satisfies Word);
    const granted = await this.#request({ signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!granted) await this.#request({ steal: true });
  }

  /** Resolves when other tabs can see that it is free. */
  async release(): Promise<void> {
    this.#release?.();
    this.#release = undefined;
    await this.#ended;
  }

  /** Resolves when no other tab holds the lock, or at once when `signal` is aborted. */
  async whenFree(signal: AbortSignal): Promise<void> {
    if (!hasLocks()) return;
    // A shared lock is granted beside other waiting tabs and only after the exclusive one ended.
    await navigator.locks.request(this.#name, { mode: 'shared', signal }, () => undefined).catch(() => undefined);
  }

  close(): void {
    void this.release();
    this.#channel.close();
  }

  /** Asked first and forced later is still one loss. */
  #tellLoss(): void {
    if (this.#toldLoss) return;
    this.#toldLoss = true;
    this.onlost?.();
  }

  #request(options: LockOptions): Promise<boolean> {
    if (!hasLocks()) {
      this.#release = () => undefined;
      return Promise.resolve(true);
    }
    return new Promise((granted) => {
      const held = navigator.locks.request(this.#name, options, (lock) => {
        if (lock === null) return granted(false);
        const until = new Promise<void>((release) => {
          this.#release = release;
        });
        this.#toldLoss = false;
        this.#channel.postMessage('taken' satisfies Word);
        granted(true);
        return until;
      });
      // Rejects when we waited too long for it, or when another tab took it by force.
      this.#ended = held.then(
        () => undefined,
        () => undefined,
      );
      held.catch(() => {
        granted(false);
        if (!this.holds) return;
        this.#release = undefined;
        this.#tellLoss();
      });
    });
  }
}

/** Absent outside secure contexts and in old browsers; the disk's claim still keeps tabs from overwriting each other. */
function hasLocks(): boolean {
  return typeof navigator !== 'undefined' && 'locks' in navigator;
}
