// The tool in an open document: its code, and who put it there.

import { entriesOf, toolOf } from '#core/docs/tool.ts';
import type { OpenDocument } from '../documents/document-api.ts';

export interface ToolIn {
  readonly code: string;
  /** As they are called here; empty where nobody knows. */
  readonly by: string;
}

export function toolIn(document: OpenDocument): ToolIn | undefined {
  const { doc } = document;
  const code = toolOf(doc);
  const entry = entriesOf(doc, 'tool').find(({ key }) => key === 'code');
  return code === undefined || entry === undefined
    ? undefined
    : { code, by: document.authorOf(entry.client)?.name ?? '' };
}
