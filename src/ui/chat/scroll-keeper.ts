// Keeps a growing list where the reader is: at its end, at a certain line, or wherever they scrolled to. Lines are
// measured only once they have been drawn, so the place is sought again whenever the list changes its height, until
// the reader takes over.

type Place = { readonly is: 'end' } | { readonly is: 'line'; readonly seek: () => void } | { readonly is: 'free' };

/** Nearer to the end than this counts as reading the newest. */
const END_PX = 80;
/** A scroll this soon after a touch, key or wheel is the reader's; any other is the list settling. */
const READER_MS = 600;
const TOUCHES = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const;

export class ScrollKeeper {
  readonly #frame: HTMLElement;
  readonly #stop = new AbortController();
  readonly #heights: ResizeObserver;
  #place: Place = { is: 'end' };
  #touched = -Infinity;

  /** `settled` is called after each scroll and each change of height. */
  constructor(frame: HTMLElement, settled: () => void) {
    this.#frame = frame;
    this.#heights = new ResizeObserver(() => {
      this.#seek();
      settled();
    });
    this.#heights.observe(frame);
    const { signal } = this.#stop;
    for (const touch of TOUCHES) {
      frame.addEventListener(touch, () => (this.#touched = performance.now()), { passive: true, signal });
    }
    frame.addEventListener(
      'scroll',
      () => {
        this.#follow();
        settled();
      },
      { passive: true, signal },
    );
  }

  /** The element whose height is that of the whole list. */
  watch(content: Element): void {
    this.#heights.observe(content);
  }

  get isAtEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.#frame;
    return scrollHeight - scrollTop - clientHeight < END_PX;
  }

  /** True while the list holds on to its end, also before it has settled there. */
  get keepsEnd(): boolean {
    return this.#place.is === 'end';
  }

  toEnd(): void {
    this.#place = { is: 'end' };
    this.#seek();
  }

  toLine(seek: () => void): void {
    this.#place = { is: 'line', seek };
    this.#seek();
  }

  /** The list changed: stay at the end when that is where the reader is. */
  seekAgain(): void {
    this.#seek();
  }

  close(): void {
    this.#stop.abort();
    this.#heights.disconnect();
  }

  #seek(): void {
    if (this.#place.is === 'end') this.#frame.scrollTop = this.#frame.scrollHeight;
    else if (this.#place.is === 'line') this.#place.seek();
  }

  #follow(): void {
    if (performance.now() - this.#touched > READER_MS) return;
    this.#place = this.isAtEnd ? { is: 'end' } : { is: 'free' };
  }
}
