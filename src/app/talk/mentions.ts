// Who a text names: an @ and then a name as the group knows it. Nothing of it travels: every app finds the same in the
// same words, the session to count what names one, the screens to make it stand out.

import type { PersonId } from './talk-api.ts';

/** From `start` to before `end`, in UTF-16 units, the @ included. */
export interface Mention {
  readonly person: PersonId;
  readonly start: number;
  readonly end: number;
}

export interface Named {
  readonly id: PersonId;
  readonly name: string;
}

const LETTER = /[\p{L}\p{N}\p{M}_]/u;

/** The longest name that fits counts, so that @Ana Maria is not Ana. Of two with one name both are named. */
export function mentionsIn(text: string, people: readonly Named[]): readonly Mention[] {
  if (!text.includes('@')) return [];
  const named = people
    .filter(({ name }) => name.trim() !== '')
    .map(({ id, name }) => ({ id, folded: name.toLocaleLowerCase('und') }));
  const folded = text.toLocaleLowerCase('und');
  // A letter whose small form is longer moves all places behind it: rather none than a wrong one.
  if (folded.length !== text.length) return [];
  const found: Mention[] = [];
  for (let at = folded.indexOf('@'); at >= 0; at = folded.indexOf('@', at + 1)) {
    // ana@bo.example is an address.
    if (LETTER.test(before(folded, at))) continue;
    const fitting = named.filter((one) => isThere(folded, at + 1, one.folded));
    const longest = Math.max(...fitting.map((one) => one.folded.length));
    for (const { id, folded: name } of fitting) {
      if (name.length === longest) found.push({ person: id, start: at, end: at + 1 + name.length });
    }
  }
  return found;
}

function isThere(text: string, at: number, name: string): boolean {
  return text.startsWith(name, at) && !LETTER.test(String.fromCodePoint(text.codePointAt(at + name.length) ?? 32));
}

function before(text: string, at: number): string {
  return Array.from(text.slice(Math.max(0, at - 2), at)).at(-1) ?? '';
}
