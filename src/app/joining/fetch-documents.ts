// What shows documents of groups is fetched with the first group (documents.ts); who is about to come into one fetches it while
// the relay node answers.

/** Where it fails it is fetched again when it is needed. */
export function fetchDocumentsOfGroups(): void {
  void import('../documents/of-groups.ts').catch(() => undefined);
}
