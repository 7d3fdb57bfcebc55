// The tool that a document may hold (src/app/tools/SPEC.md): its code, and values under keys that people made with it. As
// others wrote them: any value may stand there.

import { ContentAny, type Doc, type Item } from 'yjs';
import { utf8 } from '../bytes/bytes.ts';

/** Longest code: a message carries it whole. */
export const MAX_TOOL_BYTES = 48 * 1_024;

/** The code of the tool that a document holds; `undefined` where it holds none that could run. */
export function toolOf(doc: Doc): string | undefined {
  const code = valueIn(doc, 'tool', 'code');
  return typeof code === 'string' && code !== '' && utf8(code).length <= MAX_TOOL_BYTES ? code : undefined;
}

/** Text goes before a tool: nobody can hide what was written by putting a tool into the document. */
export function kindOf(doc: Doc): 'text' | 'tool' {
  const body = doc.share.get('body');
  return toolOf(doc) !== undefined && (body === undefined || body._length === 0) ? 'tool' : 'text';
}

export function setTool(doc: Doc, tool: { readonly code: string; readonly salt: string }): void {
  doc.transact(() => {
    const map = doc.getMap('tool');
    map.set('code', tool.code);
    map.set('salt', tool.salt);
  });
}

/** A value under a key, and the clientID of who put it there. */
export interface Entry {
  readonly key: string;
  readonly value: unknown;
  readonly client: number;
}

/** All values under keys of a root, by key. Looking makes no root. */
export function entriesOf(doc: Doc, root: 'tool' | 'state'): readonly Entry[] {
  const items = doc.share.get(root)?._map ?? new Map<string, Item>();
  const entries = [...items].flatMap(([key, { deleted, content, id }]): Entry[] => {
    const isValue = !deleted && content instanceof ContentAny && content.arr.length === 1;
    return isValue ? [{ key, value: content.arr[0] as unknown, client: id.client }] : [];
  });
  return entries.sort((a, b) => (a.key < b.key ? -1 : 1));
}

export function valueIn(doc: Doc, root: 'tool' | 'state', key: string): unknown {
  return entriesOf(doc, root).find((entry) => entry.key === key)?.value;
}
