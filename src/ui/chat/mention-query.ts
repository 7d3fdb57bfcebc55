// Naming somebody while one writes: what stands between an @ and the cursor, and who fits it.

import type { Named } from '#app/talk/mentions.ts';

export interface MentionQuery {
  /** Where the @ stands. */
  readonly start: number;
  readonly words: string;
}

/** More names than this make a list that nobody reads. */
const MAX_OFFERED = 6;
const MAX_QUERY = 40;
const LETTER = /[\p{L}\p{N}\p{M}_]/u;

export function mentionQuery(text: string, cursor: number): MentionQuery | undefined {
  const start = text.lastIndexOf('@', cursor - 1);
  if (start < 0 || cursor - start > MAX_QUERY || LETTER.test(Array.from(text.slice(0, start)).at(-1) ?? '')) {
    return undefined;
  }
  const words = text.slice(start + 1, cursor);
  return /[\n@]|^\s/u.test(words) ? undefined : { start, words };
}

/** The name stands there already: Enter sends then. */
export function isWhole({ name }: Named, words: string): boolean {
  return name.toLocaleLowerCase() === words.trimEnd().toLocaleLowerCase();
}

/** Those whose name, or a later word of it, begins so; a name that stands there already first. */
export function fitting<N extends Named>(people: readonly N[], words: string): readonly N[] {
  const sought = words.toLocaleLowerCase();
  return people
    .filter(({ name }) => {
      const whole = name.toLocaleLowerCase();
      return whole !== '' && (whole.startsWith(sought) || whole.split(' ').some((word) => word.startsWith(sought)));
    })
    .toSorted((a, b) => Number(isWhole(b, words)) - Number(isWhole(a, words)))
    .slice(0, MAX_OFFERED);
}

/** The text with the name in place, and where the cursor goes. */
export function withName(
  text: string,
  { start, words }: MentionQuery,
  name: string,
): { readonly text: string; readonly cursor: number } {
  const rest = text.slice(start + 1 + words.length);
  const placed = `@${name}${rest.startsWith(' ') ? '' : ' '}`;
  return { text: text.slice(0, start) + placed + rest, cursor: start + name.length + 2 };
}
