// Which document a message is of, also where it is a part of what that one came to. Apart from doc-messages.ts: only
// documents of groups need it.

import { decodeDocCheckpoint, type StatePart } from '#core/docs/doc-checkpoint.ts';
import type { DocumentId } from '#core/docs/doc-update.ts';
import { tryDecode } from '#core/wire/try-decode.ts';
import type { ContentMessage } from '../space-content.ts';
import { decodeBody } from './doc-messages.ts';

/** Of a change, or of a part of what a document came to. */
export function documentOf(message: ContentMessage): DocumentId | undefined {
  if (message.kind === 'doc.checkpoint') return partIn(message)?.document;
  const body = decodeBody(message);
  return typeof body === 'string' ? undefined : body.document;
}

export function partIn(message: ContentMessage): StatePart | undefined {
  const body = tryDecode(() => decodeDocCheckpoint(message.body));
  return body?.is === 'part' ? body : undefined;
}
