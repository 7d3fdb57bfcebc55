// One clear sentence for everything that can be wrong with a code for a person's own device.

import type { JoinProblem } from '#app/api.ts';
import { m } from '#texts/messages.js';
import type { ProblemWords } from '#ui/people/problem-words.ts';

export const JOIN_PROBLEMS: Readonly<Record<JoinProblem, ProblemWords>> = {
  expired: { title: m.code_expired_title, about: m.join_expired },
  damaged: { title: m.code_damaged_title, about: m.code_damaged },
  cut: { title: m.code_cut_title, about: m.code_cut },
  'newer-version': { title: m.code_newer_title, about: m.code_newer },
  foreign: { title: m.code_foreign_title, about: m.code_foreign },
  'own-code': { title: m.join_own_title, about: m.join_own },
  'contact-card': { title: m.join_card_title, about: m.join_card },
  'not-empty': { title: m.join_not_empty_title, about: m.join_not_empty },
  'no-room': { title: m.code_no_room_title, about: m.create_no_room },
};
