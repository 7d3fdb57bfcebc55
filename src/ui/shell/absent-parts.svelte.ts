// Parts of the app are fetched when they are first wanted. Until this device has taken the whole app in, that can fail,
// and what was wanted would simply not come: the person is told instead.

class AbsentParts {
  isAny = $state(false);

  /** Called before the first part is wanted. Vite tells of each that could not be fetched. */
  listen(): void {
    addEventListener('vite:preloadError', () => (this.isAny = true));
  }

  dismiss(): void {
    this.isAny = false;
  }
}

export const absentParts = new AbsentParts();
