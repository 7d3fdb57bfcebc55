// Which documents this app may edit. An editor deletes, for everybody, what its schema does not know (y-prosemirror);
// so whoever meets a newer schema looks and does not touch.

import type { Doc } from 'yjs';

/** Headings, lists, checklists, links, code in `body`, the title in `meta`. */
const TEXT = 1;
/** All of that, and a tool: its code in `tool`, what people did with it in `state`. */
const TOOL = 2;

/** The highest schema this app knows. */
export const SCHEMA_VERSION = TOOL;

/** Shared types at the root of a document of schema 1. */
export const TEXT_ROOTS: readonly string[] = ['body', 'meta'];
/** What schema 2 has more. */
export const TOOL_ROOTS: readonly string[] = ['tool', 'state'];

/** The roots of a schema this app knows. Nothing else may be a root. */
export function rootsOf(schema: number): readonly string[] {
  return schema >= TOOL ? [...TEXT_ROOTS, ...TOOL_ROOTS] : TEXT_ROOTS;
}

/** What an app that knows schemas up to `known` may do with a document whose updates name schemas up to `highest`. */
export function schemaMode(highest: number, known: number = SCHEMA_VERSION): 'edit' | 'read-only-newer' {
  return highest <= known ? 'edit' : 'read-only-newer';
}

/** The schema of what is written into a document: the lowest that has room for it, so that older apps edit what they can. */
export function schemaWritten(doc: Doc): number {
  return TOOL_ROOTS.some((name) => (doc.share.get(name)?._map.size ?? 0) > 0) ? TOOL : TEXT;
}
