// Short news at the edge of the screen, read aloud, gone by itself; with one thing to do or two, such as "Undo".

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly actions: readonly ToastAction[];
}

export interface ToastAction {
  readonly label: string;
  readonly run: () => void;
}

/** Long enough to read a sentence and reach a button; toasts with a button stay twice as long. */
const SHOWN_MS = 6_000;

export class Toasts {
  #shown = $state.raw<readonly Toast[]>([]);
  #next = 0;

  get shown(): readonly Toast[] {
    return this.#shown;
  }

  say(text: string, ...actions: readonly ToastAction[]): void {
    const toast: Toast = { id: this.#next++, text, actions };
    this.#shown = [...this.#shown.slice(-2), toast];
    setTimeout(() => this.drop(toast.id), actions.length === 0 ? SHOWN_MS : SHOWN_MS * 2);
  }

  drop(id: number): void {
    this.#shown = this.#shown.filter((toast) => toast.id !== id);
  }
}
