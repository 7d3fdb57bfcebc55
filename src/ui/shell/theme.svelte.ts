// Dark, light, or as the system says. Kept in the clear, because it is needed before a vault is open.

import type { Settings } from '#app/api.ts';

type Choice = Settings['theme'];
const PLACE = 'understory.theme';

export class Theme {
  #choice = $state.raw<Choice>('auto');
  #isChosen = false;

  constructor() {
    try {
      const kept = localStorage.getItem(PLACE);
      this.#isChosen = kept !== null;
      if (kept === 'dark' || kept === 'light') this.#choice = kept;
    } catch {
      // A browser that keeps nothing follows the system.
    }
  }

  get choice(): Choice {
    return this.#choice;
  }

  /** Takes a choice over unless one was made here. */
  adopt(choice: Choice): void {
    if (!this.#isChosen && choice !== this.#choice) this.choose(choice);
  }

  choose(choice: Choice): void {
    this.#isChosen = true;
    this.#choice = choice;
    try {
      localStorage.setItem(PLACE, choice);
    } catch {
      // As above.
    }
  }
}
