// A mark beside the database that a vault was made here; it holds nothing else.

const NAME = 'understory-vault';

/** Never throws: where local storage is forbidden, a deleted database cannot be told from a fresh device. */
export const vaultMarker = {
  isSet(): boolean {
    try {
      return localStorage.getItem(NAME) !== null;
    } catch {
      return false;
    }
  },
  set(present: boolean): void {
    try {
      if (present) localStorage.setItem(NAME, '1');
      // A page that is being closed learns of a deletion too, and has told nobody: the next start must say it.
      else if (document.visibilityState === 'visible') localStorage.removeItem(NAME);
    } catch {
      // As above.
    }
  },
};
