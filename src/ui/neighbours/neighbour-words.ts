// How tasks between groups go, what is wrong with a card, and why something was refused, in plain sentences.

import type {
  CardReading,
  LetterRefusal,
  NeighbourRefusal,
  ReceivedTask,
  RefusedLetter,
  SentTask,
} from '#app/neighbours/neighbour-api.ts';
import { m } from '#texts/messages.js';
import { apart } from '#ui/shared/apart.ts';

export function stateWords({ state, parts }: Pick<ReceivedTask | SentTask, 'state' | 'parts'>): string {
  switch (state) {
    case undefined:
      return m.neighbours_state_open();
    case 'accepted':
      return m.neighbours_state_accepted();
    case 'split':
      return m.neighbours_state_split(parts);
    case 'done':
      return m.neighbours_state_done();
    case 'returned':
      return m.neighbours_state_returned();
    case 'waiting':
      return m.neighbours_state_waiting();
    case 'sent':
      return m.neighbours_state_sent();
  }
}

const REFUSALS: Readonly<Record<LetterRefusal, (names: { group: string }) => string>> = {
  forged: m.neighbours_refused_forged,
  expired: m.neighbours_refused_expired,
  revoked: m.neighbours_refused_revoked,
  'not-approved': m.neighbours_refused_not_approved,
  misdirected: m.neighbours_refused_misdirected,
  'not-asked': m.neighbours_refused_not_asked,
  // Neither of them is shown: what came is refused for other reasons.
  'not-allowed': m.neighbours_refused_not_approved,
  'came-before': m.neighbours_refused_not_asked,
};

export function refusedWords({ why, fromName }: RefusedLetter): string {
  return REFUSALS[why]({ group: apart(fromName === '' ? m.somebody() : fromName) });
}

const CARD_PROBLEMS: Readonly<Record<Exclude<CardReading['is'], 'card'>, () => string>> = {
  own: m.neighbours_add_own,
  expired: m.neighbours_add_expired,
  damaged: m.neighbours_add_damaged,
  cut: m.neighbours_add_cut,
  'newer-version': m.neighbours_add_newer,
  foreign: m.neighbours_add_foreign,
};

export function cardProblemWords(is: Exclude<CardReading['is'], 'card'>): string {
  return CARD_PROBLEMS[is]();
}

const ANSWERS: Readonly<Record<NeighbourRefusal, () => string>> = {
  'not-allowed': m.refused_not_allowed,
  'no-room': m.settings_no_room,
  gone: m.refused_gone,
  'newer-version': m.refused_newer,
  empty: m.neighbours_empty,
  'too-long': m.neighbours_too_long,
  'no-card': m.neighbours_no_card,
  'role-not-on-card': m.neighbours_role_due,
  'own-card': m.neighbours_add_own,
  expired: m.neighbours_known_over,
  damaged: m.neighbours_add_damaged,
  cut: m.neighbours_add_cut,
  foreign: m.neighbours_add_foreign,
};

export function answerWords(refusal: NeighbourRefusal): string {
  return ANSWERS[refusal]();
}
