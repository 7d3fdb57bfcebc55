// Which document a message is of.

import { decodeDocUpdate, type DocumentId, type DocUpdate } from '#core/docs/doc-update.ts';
import { decodeDocCheckpoint, type StatePart } from '#core/docs/doc-checkpoint.ts';
import { WireError } from '#core/wire/wire-error.ts';
import type { ContentMessage } from '../space-content.ts';

export function decodeBody(message: ContentMessage): DocUpdate | 'newer' | 'damaged' {
  try {
    return decodeDocUpdate(message.body);
  } catch (cause) {
    return cause instanceof WireError && cause.fault === 'unknown-version' ? 'newer' : 'damaged';
  }
}

/** Of a change, or of a part of what a document came to. */
export function documentOf(message: ContentMessage): DocumentId | undefined {
  if (message.kind === 'doc.checkpoint') return partIn(message)?.document;
  const body = decodeBody(message);
  return typeof body === 'string' ? undefined : body.document;
}

export function partIn(message: ContentMessage): StatePart | undefined {
  try {
    const body = decodeDocCheckpoint(message.body);
    return body.is === 'part' ? body : undefined;
  } catch (cause) {
    if (cause instanceof WireError) return undefined;
    throw cause;
  }
}
