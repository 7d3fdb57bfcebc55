// Dark, light, or as the system says. Kept in the clear, because it is needed before a vault is open.

import type { Settings } from '#app/api.ts';

type Choice = Settings['theme'];
const PLACE = 'understory.theme';

export class Theme {
  #choice = $state.raw<Choice>('auto');

  constructor() {
    try {
      const kept = localStorage.getItem(PLACE);
      if (kept === 'dark' || kept === 'light') this.#choice = kept;
    } catch {
      // A browser that keeps nothing follows the system.
    }
  }

  get choice(): Choice {
    return this.#choice;
  }

  choose(choice: Choice): void {
    this.#choice = choice;
    try {
      localStorage.setItem(PLACE, choice);
    } catch {
      // As above.
    }
  }
}
