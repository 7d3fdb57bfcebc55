// Conversations as people look for them: the latest first, blocked ones last.

import type { Contact } from '#app/api.ts';

export function inOrder(contacts: readonly Contact[]): readonly Contact[] {
  return contacts.toSorted(
    (a, b) =>
      Number(a.blocked) - Number(b.blocked) ||
      (b.lastMessage?.at ?? 0) - (a.lastMessage?.at ?? 0) ||
      a.name.localeCompare(b.name),
  );
}
