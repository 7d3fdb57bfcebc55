// What was done in a group, and what somebody proposes, as sentences; why an act had no effect; why somebody holds a
// role.

import type { Act, GroupState, HeldRole, Knock, Person, ProposedAct } from '#app/groups/group-api.ts';
import type { RoleId } from '#core/charter/rules.ts';
import { m } from '#texts/messages.js';
import { labelOf, nameOf, namesOf } from './names.ts';
import { apart } from '#ui/shared/apart.ts';

type State = Pick<GroupState, 'people' | 'rules' | 'disputes'>;

export function proposedWords(act: ProposedAct | undefined, state: State, knocks: readonly Knock[] = []): string {
  if (act === undefined) return m.proposed_unknown();
  switch (act.do) {
    case 'remove':
      return m.proposed_remove({ person: nameOf(act.person, state) });
    case 'give-role':
      return m.proposed_give({ person: nameOf(act.person, state), role: labelOf(act.role, state.rules) });
    case 'take-role':
      return m.proposed_take({ person: nameOf(act.person, state), role: labelOf(act.role, state.rules) });
    case 'succeed':
      return m.proposed_succeed({ person: nameOf(act.person, state), role: labelOf(act.role, state.rules) });
    case 'change-rules':
      return m.proposed_rules();
    case 'admit': {
      const knock = knocks.find(({ id }) => id === act.knock);
      return m.proposed_admit({ person: apart(knock?.name ?? m.somebody()) });
    }
  }
}

export function actWords({ by: author, what }: Act, state: State): string {
  const by = nameOf(author, state);
  const person = 'person' in what ? nameOf(what.person, state) : '';
  switch (what.is) {
    case 'founded':
      return m.act_founded({ by });
    case 'left':
      return m.act_left({ by });
    case 'came-back':
      return m.act_came_back({ by });
    case 'changed-relays':
      return m.act_relays({ by });
    case 'published-card':
      return m.act_card({ by });
    case 'not-understood':
      return m.act_unknown({ by });
    case 'joined':
      return m.act_joined({ person });
    case 'admitted':
      return m.act_admitted({ by, person });
    case 'removed':
      return m.act_removed({ by, person });
    case 'device-added':
      return m.act_device_added({ person });
    case 'device-ended':
      return m.act_device_ended({ person });
    case 'caught-lying':
      return m.act_caught({ person });
    case 'gave-role':
      return m.act_gave({ by, person, role: apart(what.role) });
    case 'took-role':
      return m.act_took({ by, person, role: apart(what.role) });
    case 'resigned-role':
      return m.act_resigned({ person, role: apart(what.role) });
    case 'invited':
      return what.role === undefined
        ? m.act_invited({ by, count: what.uses })
        : m.act_invited_as({ by, count: what.uses, role: apart(what.role) });
    case 'withdrew-invitation':
      return m.act_withdrew({ by });
    case 'changed-rules':
      return m.act_rules({ by });
    case 'proposed':
      return m.act_proposed({ by, what: proposedWords(what.act, state) });
    case 'endorsed':
      return m.act_endorsed({ by, what: proposedWords(what.act, state) });
    case 'decided':
      return m.act_decided({ what: proposedWords(what.act, state) });
  }
}

const WHY = {
  'more-senior': m.fell_senior,
  vote: m.fell_vote,
  equivocation: m.fell_equivocation,
  'own-end': m.fell_own_end,
  admitted: m.fell_admitted,
  order: m.fell_order,
};

/** Why an act had no effect; nothing for one that stands. */
export function fateWords(act: Act, state: State, history: readonly Act[]): string | undefined {
  if (act.fate === 'stands') return undefined;
  if (act.fate === 'illegal') return m.fate_illegal({ by: nameOf(act.by, state) });
  if (act.fate === 'not-understood') return m.fate_unknown();
  const dispute = state.disputes.find(({ fell }) => fell === act.id);
  const stood = history.find(({ id }) => id === dispute?.stood);
  if (dispute === undefined || stood === undefined) return m.fate_void();
  return m.fate_crossed({ other: actWords(stood, state), why: WHY[dispute.why]() });
}

/** The chain of those who gave a role, from the holder back to the founding or a vote. */
export function whyWords(person: Person, held: HeldRole, state: State): readonly string[] {
  let [holder, role] = [nameOf(person.id, state), held.role as RoleId | undefined];
  return held.why.map((link) => {
    if (link.is === 'founding') return m.why_founded({ person: holder });
    const label = role === undefined ? undefined : labelOf(role, state.rules);
    if (link.is === 'vote') {
      const signers = namesOf(link.signers, state);
      return label === undefined
        ? m.why_voted_in({ signers, person: holder })
        : m.why_voted({ signers, person: holder, role: label });
    }
    const by = nameOf(link.by, state);
    const words =
      label === undefined ? m.why_let_in({ by, person: holder }) : m.why_given({ by, person: holder, role: label });
    [holder, role] = [by, link.as];
    return words;
  });
}

export function cameWords({ id, came }: Person, state: State): string {
  const person = nameOf(id, state);
  if (came.by === 'founding') return m.why_founded({ person });
  if (came.by === 'vote') return m.why_voted_in({ signers: namesOf(came.signers, state), person });
  const from = nameOf(came.from, state);
  return came.by === 'invitation' ? m.came_invited({ person, from }) : m.why_let_in({ by: from, person });
}
