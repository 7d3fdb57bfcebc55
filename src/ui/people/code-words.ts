// One clear sentence for everything that can be wrong with a contact code: what happened, and what to do.

import type { Card, CodeProblem } from '#app/api.ts';
import { m } from '#texts/messages.js';
import type { ProblemWords } from './problem-words.ts';

export type AnyCodeProblem = CodeProblem | 'own-card' | 'device-code' | 'no-room';

export const CODE_PROBLEMS: Readonly<Record<AnyCodeProblem, ProblemWords>> = {
  expired: { title: m.code_expired_title, about: m.code_expired },
  damaged: { title: m.code_damaged_title, about: m.code_damaged },
  cut: { title: m.code_cut_title, about: m.code_cut },
  'newer-version': { title: m.code_newer_title, about: m.code_newer },
  foreign: { title: m.code_foreign_title, about: m.code_foreign },
  'own-card': { title: m.code_own_title, about: m.code_own },
  'device-code': { title: m.code_device_title, about: m.code_device },
  'no-room': { title: m.code_no_room_title, about: m.create_no_room },
};

export const CARD_STATES: Record<Card['state'], { readonly name: () => string; readonly about: () => string }> = {
  open: { name: m.card_open, about: m.card_open_about },
  used: { name: m.card_used, about: m.card_used_about },
  expired: { name: m.card_expired, about: m.card_expired_about },
  withdrawn: { name: m.card_withdrawn, about: m.card_withdrawn_about },
  void: { name: m.card_void, about: m.card_void_about },
};
