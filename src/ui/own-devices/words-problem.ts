// One sentence for each way in which typed words are not those on the paper.

import type { WordsProblem } from '#app/api.ts';
import { m } from '#texts/messages.js';

const PROBLEMS: Record<WordsProblem, () => string> = {
  'too-few': m.words_too_few,
  'too-many': m.words_too_many,
  'not-a-word': m.words_not_a_word,
  slip: m.words_slip,
  'other-words': m.words_other_words,
};

export function wordsProblem(problem: WordsProblem): string {
  return PROBLEMS[problem]();
}
