// What a question came to, or stands at, in sentences.

import type { GroupState } from '#app/groups/group-api.ts';
import type { Method, Question, QuestionAnswer, Round, Stance } from '#app/questions/question-api.ts';
import { m } from '#texts/messages.js';

import { listOf, namesOf } from './names.ts';
import { apart } from '#ui/shared/apart.ts';
import { isRefusal, refusalWords } from './refusal-words.ts';

export const METHODS: Readonly<Record<Method, { readonly name: () => string; readonly about: () => string }>> = {
  poll: { name: m.method_poll, about: m.method_poll_about },
  consent: { name: m.method_consent, about: m.method_consent_about },
  consensus: { name: m.method_consensus, about: m.method_consensus_about },
  ranked: { name: m.method_ranked, about: m.method_ranked_about },
};

export function stanceWords(method: Method, stance: Stance): string {
  if (stance === 'block') return method === 'consent' ? m.stance_object() : m.stance_block();
  return stance === 'agree' ? m.stance_agree() : m.stance_aside();
}

export function answerWords(answer: Exclude<QuestionAnswer, 'done'>): string {
  if (isRefusal(answer)) return refusalWords(answer);
  return answer === 'empty' ? m.question_empty() : m.question_too_long();
}

/** To be answered, or, once the last day for answers is over, to be ended and counted. */
export function waitsForMe({ endedBy, maySpeak, mine, mayEnd, until }: Question, today: number): boolean {
  if (endedBy !== undefined) return false;
  return (maySpeak && mine === undefined) || (mayEnd && until !== undefined && until < today);
}

/** One sentence; what stands behind it is shown beside. */
export function resultWords({ result, options, endedBy, method }: Question): string {
  const isOver = endedBy !== undefined;
  const named = (all: readonly number[]): string => listOf(all.map((option) => apart(options[option]!)));
  switch (result.is) {
    case 'nothing':
      if (isOver) return m.question_nothing({ count: result.needed });
      return m.question_waiting({ count: result.needed - result.spoke });
    case 'picked':
      if (result.leading.length === 0) return m.question_no_lead();
      return isOver
        ? m.question_won({ what: named(result.leading) })
        : m.question_leads({ what: named(result.leading) });
    case 'passed':
      return isOver ? m.question_passed() : m.question_would_pass();
    case 'blocked':
      if (result.tally.block === 0) return m.question_nobody_wants();
      return method === 'consent' ? m.question_objected() : m.question_blocked();
    case 'ranked':
      if (result.winner === undefined) return m.question_no_lead();
      return isOver
        ? m.question_won({ what: named([result.winner]) })
        : m.question_leads({ what: named([result.winner]) });
  }
}

/** How a ranking came to its end, round by round. */
export function roundWords(round: Round, options: readonly string[]): string {
  const counts = round.tally.flatMap((count, option) =>
    count === undefined ? [] : [m.round_count({ what: apart(options[option]!), count })],
  );
  const drops = round.drops === undefined ? [] : [m.round_drops({ what: apart(options[round.drops]!) })];
  return [`${listOf(counts)}.`, ...drops].join(' ');
}

/** Who stands behind an option of a poll, or took a stance. */
export function behind(
  question: Question,
  isIt: (voice: Question['voices'][number]) => boolean,
  state: GroupState,
): string {
  return namesOf(
    question.voices.filter(isIt).map(({ by }) => by),
    state,
  );
}
