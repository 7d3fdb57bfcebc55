// All that is held of one document: changes, what checkpoints say, and the states these come with.

import type { StatePart } from '#core/docs/doc-checkpoint.ts';
import type { DocUpdate } from '#core/docs/doc-update.ts';
import type { DocumentId } from '../api.ts';
import type { ContentCheckpoint, ContentMessage, ContentPlace, ContentSpace } from '../space-content.ts';

export interface DocumentMessage {
  readonly message: ContentMessage;
  readonly body: DocUpdate;
}

/** One message with a part of a state. */
export interface HeldPart {
  readonly message: ContentMessage;
  readonly part: StatePart;
}

export interface DocumentParts {
  readonly space: ContentSpace;
  readonly document: DocumentId;
  readonly changes: readonly DocumentMessage[];
  /** Of changes that do not count now. */
  readonly setAside: readonly ContentPlace[];
  readonly parts: readonly HeldPart[];
  readonly claims: readonly ContentCheckpoint[];
}

/**
 * Of each number the nearest before it in its own chain: what others say under its hash, or its author later or in the place of
 * it, is not of it.
 */
export function partsFor({ parts }: DocumentParts, claim: ContentCheckpoint): readonly HeldPart[] {
  const nearest = new Map<number, HeldPart>();
  for (const held of parts) {
    const { message, part } = held;
    const isOwn = message.author === claim.author && message.incarnation === claim.incarnation;
    if (!isOwn || message.seq >= claim.seq || part.state !== claim.claim.state || claim.sawOther(message)) continue;
    if ((nearest.get(part.at)?.message.seq ?? -1) < message.seq) nearest.set(part.at, held);
  }
  return [...nearest.values()];
}

export function keyOf({ device, incarnation, seq }: ContentPlace): string {
  return `${device}${incarnation}${seq}`;
}
