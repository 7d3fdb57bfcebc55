// How long texts may be, counted in UTF-8 bytes because that is what travels and is stored.

import { utf8 } from '../bytes/bytes.ts';

/** A person's name for a contact, a device or oneself: 40 characters of any script with room to spare. */
export const MAX_NAME_BYTES = 200;
/** One chat message: about eight printed pages; beyond that it is a document. */
export const MAX_MESSAGE_BYTES = 16_000;

/** Whether a text is short enough. A huge one is refused before it is encoded. */
export function fits(text: string, maxBytes: number): boolean {
  return text.length <= maxBytes && utf8(text).length <= maxBytes;
}

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** The longest beginning that fits, cut between characters as people see them, never inside an emoji. */
export function shortened(text: string, maxBytes: number): string {
  if (fits(text, maxBytes)) return text;
  let kept = '';
  let left = maxBytes;
  // A little beyond the limit, so that its last character is seen whole; no need to look at all of a huge text.
  for (const { segment } of graphemes.segment(text.slice(0, maxBytes + 64))) {
    left -= utf8(segment).length;
    if (left < 0) break;
    kept += segment;
  }
  return kept;
}
