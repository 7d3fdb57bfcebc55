// Which document a message is of.

import { decodeDocUpdate, type DocumentId, type DocUpdate } from '#core/docs/doc-update.ts';
import { WireError } from '#core/wire/wire-error.ts';
import type { ContentMessage } from '../space-content.ts';

export function decodeBody(message: ContentMessage): DocUpdate | 'newer' | 'damaged' {
  try {
    return decodeDocUpdate(message.body);
  } catch (cause) {
    return cause instanceof WireError && cause.fault === 'unknown-version' ? 'newer' : 'damaged';
  }
}

export function documentOf(message: ContentMessage): DocumentId | undefined {
  const body = decodeBody(message);
  return typeof body === 'string' ? undefined : body.document;
}
