// What a group answers when something cannot be done, in words.

import type { Refusal } from '#app/groups/group-api.ts';
import { m } from '#texts/messages.js';

const WORDS: Readonly<Record<Refusal, () => string>> = {
  'not-allowed': m.refused_not_allowed,
  'no-room': m.settings_no_room,
  'empty-name': m.refused_empty_name,
  gone: m.refused_gone,
  'newer-version': m.refused_newer,
};

export function isRefusal(answer: unknown): answer is Refusal {
  return typeof answer === 'string' && Object.hasOwn(WORDS, answer);
}

export function refusalWords(refusal: Refusal): string {
  return WORDS[refusal]();
}
