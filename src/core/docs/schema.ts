// Which documents this app may edit. An editor deletes, for everybody, what its schema does not know (y-prosemirror);
// so whoever meets a newer schema looks and does not touch.

/** The schema this app writes: headings, lists, checklists, links, code in `body`, the title in `meta`. */
export const SCHEMA_VERSION = 1;

/** Shared types at the root of a document of schema 1. Nothing else may be a root. */
export const ROOTS: readonly string[] = ['body', 'meta'];

/** What an app that knows schemas up to `known` may do with a document whose updates name schemas up to `highest`. */
export function schemaMode(highest: number, known: number = SCHEMA_VERSION): 'edit' | 'read-only-newer' {
  return highest <= known ? 'edit' : 'read-only-newer';
}
