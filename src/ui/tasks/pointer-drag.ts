// Dragging tasks with a mouse at once, with a finger after a moment's hold, so that scrolling stays what it is.

import type { TaskId, TaskPlace } from '#app/tasks/task-api.ts';

export interface DragEvents {
  /** False: it may not be moved. */
  readonly begin: (task: TaskId) => boolean;
  readonly move: (x: number, y: number) => void;
  readonly over: (place: TaskPlace, above: TaskId | undefined) => void;
  /** On a small screen a column is chosen by dragging over its tab. */
  readonly overTab: (place: TaskPlace) => void;
  readonly drop: () => void;
  readonly cancel: () => void;
}

const HOLD_MS = 350;
/** A hand that trembles is no drag. */
const MOUSE_SLACK = 6;
const TOUCH_SLACK = 10;
/** So near the edge the column scrolls. */
const EDGE = 56;
const SCROLL_STEP = 9;

interface Press {
  readonly pointer: number;
  readonly task: TaskId;
  readonly x: number;
  readonly y: number;
  readonly isMouse: boolean;
  readonly hold: ReturnType<typeof setTimeout> | undefined;
}

export class PointerDrag {
  readonly #root: HTMLElement;
  readonly #events: DragEvents;
  readonly #ended = new AbortController();
  #press: Press | undefined;
  #isDragging = false;
  #x = 0;
  #y = 0;
  #frame = 0;

  constructor(root: HTMLElement, events: DragEvents) {
    this.#root = root;
    this.#events = events;
    const { signal } = this.#ended;
    root.addEventListener('pointerdown', (event) => this.#down(event), { signal });
    root.addEventListener('pointermove', (event) => this.#moved(event), { signal });
    root.addEventListener('pointerup', (event) => this.#up(event), { signal });
    root.addEventListener('pointercancel', () => this.#end(false), { signal });
    // A finger that holds a task must not scroll the page with it.
    root.addEventListener('touchmove', (event) => this.#isDragging && event.preventDefault(), {
      signal,
      passive: false,
    });
    root.addEventListener('contextmenu', (event) => this.#isDragging && event.preventDefault(), { signal });
    addEventListener('keydown', (event) => event.key === 'Escape' && this.#end(false), { signal });
  }

  close(): void {
    this.#end(false);
    this.#ended.abort();
  }

  #down(event: PointerEvent): void {
    if (!event.isPrimary || event.button !== 0 || !(event.target instanceof Element)) return;
    const card = event.target.closest('[data-card]');
    if (card === null || event.target.closest('button') !== null) return;
    const isMouse = event.pointerType === 'mouse';
    const { pointerId: pointer, clientX: x, clientY: y } = event;
    const hold = isMouse ? undefined : setTimeout(() => this.#begin(), HOLD_MS);
    this.#press = { pointer, task: card.getAttribute('data-card') as TaskId, x, y, isMouse, hold };
    [this.#x, this.#y] = [x, y];
  }

  #moved({ pointerId, clientX, clientY }: PointerEvent): void {
    const press = this.#press;
    if (press?.pointer !== pointerId) return;
    [this.#x, this.#y] = [clientX, clientY];
    if (!this.#isDragging) {
      const distance = Math.hypot(clientX - press.x, clientY - press.y);
      if (!press.isMouse && distance > TOUCH_SLACK) this.#end(false);
      if (!press.isMouse || distance <= MOUSE_SLACK) return;
      this.#begin();
    }
    this.#look();
  }

  #begin(): void {
    const press = this.#press;
    if (press === undefined || this.#isDragging) return;
    if (!this.#events.begin(press.task)) {
      this.#press = undefined;
      return;
    }
    this.#isDragging = true;
    this.#root.setPointerCapture(press.pointer);
    this.#scroll();
    this.#look();
  }

  #up({ pointerId }: PointerEvent): void {
    if (this.#press?.pointer === pointerId) this.#end(true);
  }

  #end(isDrop: boolean): void {
    clearTimeout(this.#press?.hold);
    this.#press = undefined;
    if (!this.#isDragging) return;
    this.#isDragging = false;
    cancelAnimationFrame(this.#frame);
    // The press that ends a drag opens nothing.
    const swallow = (event: Event): void => {
      event.preventDefault();
      event.stopPropagation();
    };
    addEventListener('click', swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener('click', swallow, { capture: true }), 50);
    if (isDrop) this.#events.drop();
    else this.#events.cancel();
  }

  #look(): void {
    this.#events.move(this.#x, this.#y);
    const under = document.elementFromPoint(this.#x, this.#y);
    const tab = under?.closest('[data-tab]')?.getAttribute('data-tab') ?? undefined;
    if (tab !== undefined) this.#events.overTab(tab as TaskPlace);
    const column = under?.closest('[data-column]');
    const place = column?.getAttribute('data-column') ?? undefined;
    if (!column || place === undefined) return;
    const cards = [...column.querySelectorAll('[data-card]')].filter(
      (card) => card.getAttribute('data-card') !== this.#press?.task,
    );
    const above = cards.find((card) => {
      const { top, height } = card.getBoundingClientRect();
      return this.#y < top + height / 2;
    });
    this.#events.over(place as TaskPlace, (above?.getAttribute('data-card') ?? undefined) as TaskId | undefined);
  }

  #scroll(): void {
    this.#frame = requestAnimationFrame(() => {
      const scroller = document
        .elementFromPoint(this.#x, this.#y)
        ?.closest('[data-column]')
        ?.querySelector('[data-scroller]');
      if (scroller) {
        const { top, bottom } = scroller.getBoundingClientRect();
        const step = this.#y < top + EDGE ? -SCROLL_STEP : this.#y > bottom - EDGE ? SCROLL_STEP : 0;
        if (step !== 0) {
          scroller.scrollTop += step;
          this.#look();
        }
      }
      if (this.#isDragging) this.#scroll();
    });
  }
}
