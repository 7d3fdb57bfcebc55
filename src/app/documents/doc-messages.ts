// What a message brings to a document.

import { decodeDocUpdate, type DocUpdate } from '#core/docs/doc-update.ts';
import { WireError } from '#core/wire/wire-error.ts';
import type { ContentMessage } from '../space-content.ts';

export function decodeBody(message: ContentMessage): DocUpdate | 'newer' | 'damaged' {
  try {
    return decodeDocUpdate(message.body);
  } catch (cause) {
    return cause instanceof WireError && cause.fault === 'unknown-version' ? 'newer' : 'damaged';
  }
}
