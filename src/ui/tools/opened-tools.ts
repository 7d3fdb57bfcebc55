// Which tools somebody said yes to since the vault was opened: code of others never runs by itself, and other code under
// the same title is asked about anew.

import type { DocumentId, Session } from '#app/api.ts';

const opened = new WeakMap<Session, Map<DocumentId, string>>();

export function openedCode(session: Session, document: DocumentId): string | undefined {
  return opened.get(session)?.get(document);
}

/** Without code: it was stopped, and is asked about again. */
export function noteOpened(session: Session, document: DocumentId, code: string | undefined): void {
  const all = opened.get(session) ?? new Map<DocumentId, string>();
  if (code === undefined) all.delete(document);
  else all.set(document, code);
  opened.set(session, all);
}
