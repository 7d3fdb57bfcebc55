// One clear sentence for everything that can be wrong with an invitation, and for each state of one's own.

import type { Invitation, InvitationReading } from '#app/groups/group-api.ts';
import type { CodeProblem } from '#app/talk/talk-api.ts';
import { m } from '#texts/messages.js';
import type { ProblemWords } from '#ui/people/problem-words.ts';

export type InvitationProblem = CodeProblem | 'used-up' | 'withdrawn' | 'no-room' | 'outside-card';

export const INVITATION_PROBLEMS: Readonly<Record<InvitationProblem, ProblemWords>> = {
  expired: { title: m.enter_expired_title, about: m.enter_expired },
  damaged: { title: m.code_damaged_title, about: m.code_damaged },
  cut: { title: m.code_cut_title, about: m.code_cut },
  'newer-version': { title: m.enter_newer_title, about: m.code_newer },
  foreign: { title: m.enter_foreign_title, about: m.code_foreign },
  'used-up': { title: m.enter_used_up_title, about: m.enter_used_up },
  withdrawn: { title: m.enter_withdrawn_title, about: m.enter_withdrawn },
  'outside-card': { title: m.neighbours_opened_title, about: m.neighbours_opened_new },
  'no-room': { title: m.enter_no_room_title, about: m.create_no_room },
};

/** Whoever knocks was asked by nobody. */
export function groupTitle({ is }: InvitationReading): string {
  return is === 'group-card' ? m.enter_knock_title() : m.enter_title();
}

export const INVITATION_STATES: Readonly<Record<Invitation['state'], () => string>> = {
  open: m.invitation_open,
  'used-up': m.invitation_used_up,
  withdrawn: m.invitation_withdrawn,
};
