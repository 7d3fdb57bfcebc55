// One clear sentence for everything that can be wrong with an invitation, and for each state of one's own.

import type { Invitation } from '#app/group-api.ts';
import type { CodeProblem } from '#app/talk-api.ts';
import { m } from '#texts/messages.js';

export type InvitationProblem = CodeProblem | 'used-up' | 'withdrawn' | 'no-room';

const PROBLEMS: Readonly<Record<InvitationProblem, { readonly title: () => string; readonly about: () => string }>> = {
  expired: { title: m.join_expired_title, about: m.join_expired },
  damaged: { title: m.code_damaged_title, about: m.code_damaged },
  cut: { title: m.code_cut_title, about: m.code_cut },
  'newer-version': { title: m.join_newer_title, about: m.code_newer },
  foreign: { title: m.join_foreign_title, about: m.code_foreign },
  'used-up': { title: m.join_used_up_title, about: m.join_used_up },
  withdrawn: { title: m.join_withdrawn_title, about: m.join_withdrawn },
  'no-room': { title: m.join_no_room_title, about: m.create_no_room },
};

export function invitationProblemWords(problem: InvitationProblem): { readonly title: string; readonly about: string } {
  const { title, about } = PROBLEMS[problem];
  return { title: title(), about: about() };
}

export const INVITATION_STATES: Readonly<Record<Invitation['state'], () => string>> = {
  open: m.invitation_open,
  'used-up': m.invitation_used_up,
  withdrawn: m.invitation_withdrawn,
};
